/** The queue of limits of rate over one database, in both stores and by several windows. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { RateChange, RateHold, RateState, RateTicket } from '../../src/shared/rate.ts'
import { MINUTE } from '../../src/shared/rate.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { Place } from './support.ts'

const target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }
const ticket = (id: string, sequence: number, more: Partial<RateTicket> = {}): RateTicket => {
  return { id, target, sequence, tokens: 10, ...more }
}
const look = (store: Store, now: number, provider = 'anthropic'): RateState => {
  const clock = (): number => now
  return store.rates.turn(provider, clock, (state) => ({ change: {}, result: state }))
}
const change = (store: Store, now: number, made: RateChange): void => {
  const clock = (): number => now
  store.rates.turn('anthropic', clock, () => ({ change: made, result: undefined }))
}

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`the queue of limits of rate in ${kind}`, () => {
    let place: Place
    let store: Store
    beforeEach(() => {
      place = new Place()
      store = kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    })
    afterEach(() => place.dispose())

    it('gives back what was put into it, in its sequence, for its provider alone', () => {
      const tickets = [
        ticket('second', 2, { anyway: true }),
        ticket('first', 1, { sentAt: 5_000, target: { provider: 'anthropic', model: 'haiku' } }),
      ]
      change(store, 5_000, { put: [...tickets, ticket('other', 3, { target: { ...target, provider: 'openai' } })] })
      assert.deepEqual(look(store, 5_001), { now: 5_001, tickets: tickets.toReversed(), holds: [] })
      assert.deepEqual(
        look(store, 5_001, 'openai').tickets.map(({ id }) => id),
        ['other'],
      )
    })

    it('replaces by id, and takes away', () => {
      change(store, 5_000, { put: [ticket('one', 1), ticket('two', 2)] })
      const sent = ticket('one', 1, { sentAt: 5_000, tokens: 7 })
      change(store, 5_000, { put: [sent], remove: ['two', 'nobody'] })
      assert.deepEqual(look(store, 5_000).tickets, [sent])
    })

    it('keeps what went out for a minute, and what waits for as long as it does', () => {
      change(store, 5_000, { put: [ticket('sent', 1, { sentAt: 5_000 }), ticket('waits', 2)] })
      assert.equal(look(store, 5_000 + MINUTE - 1).tickets.length, 2)
      assert.deepEqual(look(store, 5_000 + MINUTE).tickets, [ticket('waits', 2)])
      assert.deepEqual(look(store, 5_000).tickets, [ticket('waits', 2)], 'it is gone, and not only left out')
    })

    it('is not stopped by what a clock that was set back has left in the future', () => {
      const hold: RateHold = { target, kind: 'refused', until: 9 * MINUTE }
      change(store, 8 * MINUTE, { put: [ticket('sent', 1, { sentAt: 8 * MINUTE })], hold: [hold] })
      assert.deepEqual(look(store, MINUTE), { now: MINUTE, tickets: [], holds: [] })
    })

    it('keeps holds by target and kind until they are over', () => {
      const requests: RateHold = { target, kind: 'requests', until: 9_000, remaining: 1, limit: 50 }
      const refused: RateHold = { target: { provider: 'anthropic', model: 'haiku' }, kind: 'refused', until: 7_000 }
      change(store, 5_000, { hold: [refused, { ...requests, remaining: 2 }, requests] })
      const kinds = (now: number): string[] => look(store, now).holds.map((hold) => hold.kind)
      assert.deepEqual(
        look(store, 5_000).holds.toSorted((a, b) => b.until - a.until),
        [requests, refused],
      )
      assert.deepEqual(store.rates.holds('anthropic').length, 2)
      assert.deepEqual(store.rates.holds('openai'), [])
      assert.deepEqual(kinds(7_000), ['requests'])
      change(store, 7_000, { release: [requests] })
      assert.deepEqual([kinds(7_000), store.rates.holds('anthropic')], [[], []])
    })

    it('is left as it was by work that fails', () => {
      change(store, 5_000, { put: [ticket('one', 1)] })
      const fails = (): never =>
        store.rates.turn(
          'anthropic',
          () => 5_000,
          () => {
            throw new Error('no')
          },
        )
      assert.throws(fails, /no/)
      assert.deepEqual(look(store, 5_000).tickets, [ticket('one', 1)])
    })
  })
}

describe('the queue of limits of rate of several windows', () => {
  let place: Place
  let now: number
  let one: Store
  let other: Store
  beforeEach(() => {
    place = new Place()
    now = 1_000_000
    one = place.open({ clock: () => now })
    other = place.open({ clock: () => now })
  })
  afterEach(() => place.dispose())
  const ids = (store: Store): string[] => look(store, now).tickets.map(({ id }) => id)

  it('tells what is of another window', () => {
    change(one, now, { put: [ticket('mine', 1, { sentAt: now }), ticket('later', 2)] })
    assert.deepEqual(
      look(other, now).tickets.map(({ elsewhere }) => elsewhere),
      [true, true],
    )
    assert.deepEqual(look(one, now).tickets, [ticket('mine', 1, { sentAt: now }), ticket('later', 2)])
  })

  it('tells a window of the holds that another heard of', () => {
    const hold: RateHold = { target, kind: 'refused', until: now + 5_000 }
    assert.deepEqual(other.rates.holds('anthropic'), [])
    change(one, now, { hold: [hold] })
    assert.deepEqual(other.rates.holds('anthropic'), [hold])
    assert.deepEqual(one.rates.holds('anthropic'), [hold])
  })

  it('forgets what waits in a window that is closed, and counts what that one sent', () => {
    change(one, now, { put: [ticket('sent', 1, { sentAt: now }), ticket('waits', 2)] })
    assert.deepEqual(ids(other), ['sent', 'waits'])
    one.close()
    assert.deepEqual(ids(other), ['sent'])
  })

  it('forgets what waits in a window that says no more that it lives, and no sooner', () => {
    change(one, now, { put: [ticket('silent', 1)] })
    change(other, now, { put: [ticket('alive', 2)] })
    for (let second = 0; second < 29; second++) {
      now += 1_000
      look(other, now)
    }
    assert.deepEqual(ids(other), ['silent', 'alive'])
    now += 2_000
    assert.deepEqual(ids(other), ['alive'])
    assert.deepEqual(ids(one), ['alive'])
  })

  it('writes nothing where nothing changes', () => {
    change(one, now, { put: [ticket('mine', 1, { sentAt: now })] })
    const before = other.dataVersion()
    look(one, now)
    assert.equal(other.dataVersion(), before)
  })

  it('is part of no copy, and takes nothing of one', async () => {
    const sqlite = loadSqlite()!
    const rows = (path: string): number => {
      const database = new sqlite.DatabaseSync(path)
      const count = database.prepare(
        'SELECT (SELECT count(*) FROM rate_ticket) + (SELECT count(*) FROM rate_hold) AS n',
      )
      try {
        return Number(count.get()?.n)
      } finally {
        database.close()
      }
    }
    const hold: RateHold = { target, kind: 'refused', until: now + 5_000 }
    change(one, now, { put: [ticket('mine', 1)], hold: [hold] })
    const copy = join(place.folder, 'copy.db')
    await one.backup(copy)
    assert.equal(rows(copy), 0)
    assert.equal(rows(place.path), 2)
    await one.restore(copy)
    assert.equal(rows(place.path), 2)
  })

  it('has no column for anything that was said', () => {
    const sqlite = loadSqlite()!
    const database = new sqlite.DatabaseSync(place.path)
    const columns = database.prepare("SELECT name FROM pragma_table_info('rate_ticket')").all()
    database.close()
    assert.equal(
      columns.map(({ name }) => name).join(' '),
      'id owner state provider model key_profile sequence sent_at tokens anyway',
    )
  })
})
