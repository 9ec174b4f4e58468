/** The gate of several windows over one database: whatever happens in whatever order, they do not overspend together. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BudgetGate } from '../../src/host/money/gate.ts'
import { PendingQuestions } from '../../src/host/pending-questions.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import type { Ticket } from '../../src/resilience/admission.ts'
import { noUsage } from '../../src/shared/message.ts'
import type { BudgetDecision, BudgetQuestion } from '../../src/shared/protocol.ts'
import type { Store } from '../../src/store/store.ts'
import type { Budgets } from '../../src/usage/budgets.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import { Place } from '../store/support.ts'

const all = { of: 'all', since: 0, limit: 0 } as const

describe('windows that share a budget', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  const gateOf = (store: Store, budgets: Budgets, asks: () => BudgetDecision, refused: string[]): BudgetGate => {
    const questions: PendingQuestions<BudgetQuestion, BudgetDecision> = new PendingQuestions((conversation) => {
      const asked = questions.of(conversation)
      if (asked) setImmediate(() => questions.decide(conversation, asked.id, asks()))
    }, 'stop')
    return new BudgetGate({
      store: () => store,
      budgets: () => budgets,
      creditsOf: () => undefined,
      paidBy: () => 'key',
      questions,
      asks: () => true,
      view: ({ scope, cap, used, reserved }) => ({ scope, limit: cap.limit, used, reserved }),
      nameOf: (_, model) => model,
      log: { info: () => undefined, error: (line) => void refused.push(String(line)) },
      settled: () => undefined,
    })
  }

  const request = fc.record({
    window: fc.nat(1),
    conversation: fc.constantFrom('one', 'two', 'three'),
    /** Thousandths of USD. */
    estimate: fc.integer({ min: 0, max: 400 }),
    /** Percent of the estimate. */
    cost: fc.integer({ min: 0, max: 100 }),
    end: fc.constantFrom('done', 'failed', 'stopped', 'unknown'),
    lasts: fc.nat(3),
    stops: fc.boolean(),
  })

  it('never go over it, settle everything, and refuse only what does not fit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 25 }),
        fc.integer({ min: 100, max: 1_500 }),
        async (requests, limit) => {
          const run = new Place()
          const stores = [run.open(), run.open()]
          const errors: string[] = []
          const rule = { limit: limit / 1000, warnAt: 0.8, then: 'ask' as const }
          const budgets: Budgets = { ...noBudgets, month: rule, conversation: { ...rule, limit: (limit / 1000) * 0.6 } }
          const gates = stores.map((store) => gateOf(store, budgets, () => 'stop', errors))
          let paid = 0
          const turn = (times: number): Promise<void> =>
            times === 0 ? Promise.resolve() : new Promise((resolve) => setImmediate(() => resolve(turn(times - 1))))
          try {
            await Promise.all(
              requests.map(async ({ window, conversation, estimate, cost, end, lasts, stops }) => {
                const controller = new AbortController()
                const asking = { target: { provider: 'p', model: 'm' }, conversation, inputTokens: 1 }
                if (stops) setImmediate(() => controller.abort())
                const entered = await gates[window]!.enter({ ...asking, estimate: estimate / 1000 }, controller.signal)
                if (!isTicket(entered)) return assert.equal(entered.code, 'budget')
                await turn(lasts)
                paid += settled(entered, end, (estimate / 1000) * (cost / 100))
                const [now] = stores[1 - window]!.budget.spent([all])
                assert.ok(now && now.used >= 0 && now.reserved >= 0)
                assert.ok(
                  now.used + now.reserved <= rule.limit + 1e-6,
                  `${now.used} + ${now.reserved} of ${rule.limit}`,
                )
              }),
            )
            assert.deepEqual(errors, [])
            const [end] = stores[0]!.budget.spent([all])
            assert.equal(end?.reserved, 0)
            assert.ok(Math.abs(end.used - paid) < 1e-6, 'money is unaccounted')
          } finally {
            run.dispose()
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  function settled(ticket: Ticket, end: string, cost: number): number {
    const usage = { ...noUsage(), input: 1 }
    const failure = { code: 'overloaded', message: 'Busy.' } as const
    if (end === 'done') ticket.settle({ usage, cost })
    else if (end === 'failed') ticket.settle({ failure })
    else if (end === 'stopped') ticket.settle({})
    else ticket.settle({ usage })
    // A second time changes nothing.
    ticket.settle({ usage, cost: 99 })
    return end === 'done' ? cost : 0
  }

  it('keep nobody from sending who set no budget, where the ledger cannot be written', async () => {
    const store = place.open()
    const errors: string[] = []
    const broken = { ...store, budget: { ...store.budget, reserve: () => assert.fail('disk full') } }
    const free = gateOf(broken, noBudgets, () => 'send', errors)
    const asking = { target: { provider: 'p', model: 'm' }, conversation: 'c', inputTokens: 1, estimate: 1 }
    const { signal } = new AbortController()
    assert.ok(isTicket(await free.enter(asking, signal)))
    const bound = gateOf(broken, { ...noBudgets, day: { limit: 5, warnAt: 1, then: 'ask' } }, () => 'send', errors)
    const refused = await bound.enter(asking, signal)
    assert.ok(!isTicket(refused))
    assert.match(refused.message, /^Nothing was sent: your budgets could not be looked at/)
    assert.equal(errors.length, 2)
  })
})
