import assert from 'node:assert/strict'
import { dayOf, daysAfter } from '../../src/shared/day.ts'
import type { UsageQuery } from '../../src/shared/usage.ts'
import type { Store } from '../../src/store/store.ts'
import { SAMPLE } from '../../src/store/usage-sums/speed.ts'
import { writeRequests } from './many-requests.ts'
import { Place } from './support.ts'

const ROWS = 1_000_000
const NOW = new Date(2026, 10, 21, 12).getTime()

/** Milliseconds that this process itself worked: other programs of a machine that is busy do not count. */
function worked(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
const least = (work: () => void): number => Math.min(...Array.from({ length: 5 }, () => worked(work)))

describe('statistics of a million requests', function () {
  this.timeout(240_000)
  let place: Place
  let store: Store
  before(() => {
    place = new Place()
    place.open().close()
    const time = worked(() => writeRequests(place.path, ROWS, NOW))
    console.log(`      written and added up: ${time.toFixed(0)} ms`)
    store = place.open({ clock: () => NOW })
  })
  after(() => place.dispose())

  const today = dayOf(NOW)
  const asked: Record<string, UsageQuery> = {
    everything: {},
    'the last 30 days': { from: daysAfter(today, -29), to: today },
    'one provider': { filters: { provider: 'provider-3' } },
    'one model in a year': { from: daysAfter(today, -364), filters: { provider: 'provider-1', model: 'model-1-2' } },
    'one workspace and agent': { filters: { workspace: 'file:///home/someone/projects/project-3', agent: 'agent-2' } },
    today: { from: today, to: today },
  }
  for (const [name, query] of Object.entries(asked)) {
    it(`answer in less than 300 ms: ${name}`, () => {
      const { totals, speed } = store.usage.report(query)
      assert.ok(totals.requests > 0)
      assert.ok(speed.sampled > 0 && speed.sampled <= SAMPLE.seen * 1.2, `${speed.sampled}`)
      const time = least(() => store.usage.report(query))
      console.log(`      ${name}: ${time.toFixed(1)} ms, ${totals.requests} requests, ${speed.sampled} measured`)
      assert.ok(time < 300, `${time} ms`)
    })
  }

  it('have them all', () => assert.equal(store.usage.report({}).totals.requests, ROWS))

  it('tell what today cost and the speed of each model while nobody waits', () => {
    const [today, speeds] = [least(() => store.usage.today()), least(() => store.usage.speeds())]
    console.log(`      today: ${today.toFixed(2)} ms, speeds: ${speeds.toFixed(1)} ms`)
    assert.ok(today < 5, `${today} ms`)
    assert.ok(speeds < 60, `${speeds} ms`)
  })

  it('cost a request that is written next to nothing', () => {
    const { id: _, ...last } = store.requests.list({ limit: 1 })[0]!
    const time = worked(() => {
      for (let count = 0; count < 200; count++) store.requests.insert({ ...last, id: `new-${count}` })
    })
    console.log(`      a request: ${(time / 200).toFixed(3)} ms`)
    assert.ok(time / 200 < 5, `${time / 200} ms`)
  })

  it('forget the oldest in pieces that nobody feels', () => {
    const pieces = Array.from({ length: 20 }, () => worked(() => assert.ok(store.usage.expire(NOW - 700 * 86_400_000))))
    const median = pieces.sort((a, b) => a - b)[10] ?? Infinity
    console.log(`      a piece: ${median.toFixed(1)} ms`)
    assert.ok(median < 50, `${median} ms`)
  })
})
