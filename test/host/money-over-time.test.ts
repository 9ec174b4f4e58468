/** Money where time passes: a database that cannot be written at the end of an answer, and budgets that begin anew. */
import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { WindowMoney } from '../../src/host/money/index.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import { Notices } from '../../src/host/services.ts'
import { askApart } from '../../src/host/side-request.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import type { Ticket } from '../../src/resilience/admission.ts'
import type { StreamEvent, Usage } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import { Place } from '../store/support.ts'
import { chosen, end, FakePage, FakeWindow, memory, noSettings, text } from './fakes.ts'

describe('what an answer cost', () => {
  let window: FakeWindow
  let page: FakePage
  beforeEach(async () => {
    window = new FakeWindow()
    window.keyProfile = 'default'
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(() => window.close())

  const store = () => window.services.store()
  const spent = () => store().budget.spent([{ of: 'all', since: 0, limit: 0 }])[0]
  const sent = async (count: number) => {
    while (window.provider.requests.length < count) await new Promise(setImmediate)
  }
  const idle = async () => {
    while (window.services.answers.count > 0) await new Promise(setImmediate)
  }

  it('is settled and recorded once the database can be written again, where it could not be at its end', async () => {
    await page.say('Hello')
    await sent(1)
    const { budget, requests } = store()
    const [settle, insert] = [budget.settle, requests.insert]
    const locked = (): never => assert.fail('database is locked')
    Object.assign(budget, { settle: locked })
    Object.assign(requests, { insert: locked })
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      window.provider.send(...text('Yes.'), ...end('Yes.'))
      while (window.services.answers.count > 0) {
        mock.timers.tick(1)
        await new Promise(setImmediate)
      }
      mock.timers.tick(60_000)
      assert.deepEqual(requests.list(), [])
      Object.assign(budget, { settle })
      Object.assign(requests, { insert })
      mock.timers.tick(60_000)
    } finally {
      mock.timers.reset()
    }
    const [record, ...others] = requests.list()
    assert.deepEqual(others, [])
    assert.ok(record?.cost)
    assert.deepEqual(spent(), { used: record.cost, reserved: 0 })
  })

  it('with the key of the person is without what shared credits paid before, and got back', async () => {
    window.credits = { anthropic: { allowance: 100, per: 'day', rate: { tokens: 100 }, keyProfile: 'team' } }
    window.keyProfile = 'team'
    window.trying = { ...window.trying, retry: { attempts: 1, baseDelay: 1, maxWait: 1_000 } }
    await page.say('Hello')
    await sent(1)
    window.keyProfile = 'mine'
    window.provider.send(
      { type: 'block-start', index: 0, block: { type: 'thinking', text: '' } },
      { type: 'block-end', index: 0, block: { type: 'thinking', text: 'Hm.' } },
      { type: 'usage', usage: { ...noUsage(), input: 1_000, output: 100 } },
      { type: 'end', stop: { kind: 'failed', failure: { code: 'unavailable', message: 'Down.' } } },
    )
    await sent(2)
    window.provider.send(...text('Yes.'), ...end('Yes.'))
    await idle()
    const { leaf } = store().conversations.get(page.session.conversation) ?? {}
    const answer = store().messages.get(leaf ?? '')
    assert.equal(answer?.paidBy, 'key')
    assert.ok(answer.cost)
    assert.deepEqual(spent(), { used: answer.cost, reserved: 0 })
    assert.deepEqual(
      store()
        .requests.list()
        .map(({ paidBy }) => paidBy),
      ['key', 'credits'],
    )
  })

  for (const [unknown, costs] of [
    ['first', [undefined, 0.5]],
    ['second', [0.25, undefined]],
  ] as const)
    it(`is not known where that of its ${unknown} attempt is not`, async () => {
      const { price: _, ...info } = chosen.info!
      window.choice = { ...chosen, info }
      window.trying = { ...window.trying, retry: { attempts: 1, baseDelay: 1, maxWait: 1_000 } }
      const usage = (cost: number | undefined): StreamEvent => {
        return { type: 'usage', usage: { ...noUsage(), input: 9, output: 9, ...(cost !== undefined && { cost }) } }
      }
      await page.say('Hello')
      await sent(1)
      const failure = { code: 'unavailable', message: 'Down.' } as const
      window.provider.send(usage(costs[0]), { type: 'end', stop: { kind: 'failed', failure } })
      await sent(2)
      const [start, delta] = text('Yes.')
      window.provider.send(start!, delta!, { type: 'block-end', index: 0, block: { type: 'text', text: 'Yes.' } })
      window.provider.send(usage(costs[1]), { type: 'end', stop: { kind: 'done' } })
      await idle()
      const { leaf } = store().conversations.get(page.session.conversation) ?? {}
      const answer = store().messages.get(leaf ?? '')
      assert.equal(answer?.state, 'done')
      assert.equal(answer.cost, undefined)
      const known = costs.find((cost) => cost !== undefined)
      assert.deepEqual(spent(), { used: known, reserved: 0 })
    })
})

describe('what a request beside the answers cost', () => {
  let window: FakeWindow
  beforeEach(() => (window = new FakeWindow()))
  afterEach(() => window.close())

  /** Two attempts, of which the first fails. */
  const costOf = async (first: Partial<Usage>, second: Partial<Usage>): Promise<number | undefined> => {
    const { store, log: all } = window.services
    const log = all.from('request')
    const settings = () => ({ ...noSettings, retry: { attempts: 1, baseDelay: 1, maxWait: 1_000 } })
    const info = { id: 'p', label: 'P', dialect: 'anthropic', defaultBaseUrl: '' } as const
    const connected = { info, provider: window.provider, status: 'set' } as const
    const request = { model: 'm', messages: [], maxOutputTokens: 10 }
    const target = { provider: 'p', model: 'm', connected, place: {} }
    const parts = { store, log, resilience: new Resilience({ settings, log }) }
    const failure = { code: 'unavailable', message: 'Down.' } as const
    window.provider.send({ type: 'usage', usage: { ...noUsage(), ...first } })
    window.provider.send({ type: 'end', stop: { kind: 'failed', failure } })
    window.provider.send({ type: 'usage', usage: { ...noUsage(), ...second } }, { type: 'end', stop: { kind: 'done' } })
    const { signal } = new AbortController()
    return (await askApart(request, target, { instead: 'nobody' }, parts, signal)).cost
  }

  it('is that of all attempts, and not known where that of one of them is not', async () => {
    assert.equal(await costOf({ input: 9, cost: 0.25 }, { input: 9, cost: 0.5 }), 0.75)
    assert.equal(await costOf({}, { input: 9, cost: 0.5 }), 0.5)
    assert.equal(await costOf({ input: 9, cost: 0.25 }, { input: 9 }), undefined)
    assert.equal(await costOf({ input: 9 }, { input: 9, cost: 0.5 }), undefined)
  })
})

describe('a warning of a budget', () => {
  const midnight = new Date(2026, 10, 22).getTime()
  let place: Place
  let now: number
  let notices: Notices
  let changed: string[]
  let limit: number | undefined
  beforeEach(() => {
    limit = 1
    place = new Place()
    now = midnight - 30_000
    notices = new Notices()
    changed = []
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => {
    mock.timers.reset()
    place.dispose()
  })

  const request = async (estimate = 0.9): Promise<Ticket> => {
    const entered = await money.gate.enter(
      { target: { provider: 'p', model: 'm', keyProfile: 'k' }, conversation: 'c', inputTokens: 1, estimate },
      new AbortController().signal,
      () => undefined,
    )
    assert.ok(isTicket(entered))
    return entered
  }
  const passes = (milliseconds: number): void => {
    now += milliseconds
    mock.timers.tick(milliseconds)
  }
  const told = () => notices.all.map(({ text }) => text)
  let money: WindowMoney
  beforeEach(() => {
    const store = place.open()
    money = new WindowMoney({
      store: () => store,
      budgets: () => ({ ...noBudgets, ...(limit !== undefined && { day: { limit, warnAt: 0.8, then: 'ask' } }) }),
      credits: () => ({}),
      memory: memory(),
      log: { info: () => undefined, error: (line) => assert.fail(String(line)) },
      notices,
      running: () => true,
      changed: (conversation) => void changed.push(conversation),
      clock: () => now,
    })
  })

  it('is gone once the budget begins anew, though nothing is sent then, and its chat is told', async () => {
    ;(await request()).settle({ usage: noUsage(), cost: 0.9 })
    assert.deepEqual(told(), ["90% of today's budget is used: $0.90 of $1.00."])
    passes(29_000)
    assert.equal(told().length, 1)
    changed.length = 0
    passes(2_000)
    assert.deepEqual(told(), [])
    assert.deepEqual(changed, ['c'])
  })

  it('is gone soon after the computer wakes, where it slept when the budget began anew', async () => {
    now = midnight - 10 * 3_600_000
    ;(await request()).settle({ usage: noUsage(), cost: 0.9 })
    assert.equal(told().length, 1)
    passes(60_000)
    now += 11 * 3_600_000
    assert.equal(told().length, 1)
    passes(60_000)
    assert.deepEqual(told(), [])
  })

  for (const [what, to] of [
    ['raised', 10],
    ['taken away', undefined],
  ] as const)
    it(`is gone once its budget is ${what} in the settings, and stays where another setting changes`, async () => {
      ;(await request()).settle({ usage: noUsage(), cost: 0.9 })
      money.settingsChanged()
      assert.equal(told().length, 1)
      limit = to
      money.settingsChanged()
      assert.deepEqual(told(), [])
    })

  it('is given again where its budget was taken away, as by a setting half written, and is the same once more', async () => {
    ;(await request()).settle({ usage: noUsage(), cost: 0.9 })
    limit = undefined
    money.settingsChanged()
    limit = 1
    money.settingsChanged()
    ;(await request(0.02)).settle({ usage: noUsage(), cost: 0.02 })
    assert.deepEqual(told(), ["92% of today's budget is used: $0.92 of $1.00."])
    notices.dismiss('budget-day')
    ;(await request(0.02)).settle({ usage: noUsage(), cost: 0.02 })
    assert.deepEqual(told(), [], 'who has read it is not told twice')
  })

  it('is not given for the day before where the answer ends after midnight', async () => {
    const ticket = await request()
    passes(60_000)
    ticket.settle({ usage: noUsage(), cost: 0.9 })
    assert.deepEqual(told(), [])
  })
})
