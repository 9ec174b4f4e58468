/** The gate alone, over the ledger in memory: what a person's word lets pass, and what it never does. */
import assert from 'node:assert/strict'
import { BudgetGate } from '../../src/host/money/gate.ts'
import type { BudgetGateParts } from '../../src/host/money/gate.ts'
import { PendingQuestions } from '../../src/host/pending-questions.ts'
import type { Asking, Ticket } from '../../src/resilience/admission.ts'
import { admit, isTicket } from '../../src/resilience/admission.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { noUsage } from '../../src/shared/message.ts'
import type { BudgetDecision, BudgetQuestion } from '../../src/shared/protocol.ts'
import { createMemoryBudget } from '../../src/store/memory-budget.ts'
import type { BudgetRule, Budgets } from '../../src/usage/budgets.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import type { Credits } from '../../src/usage/credits.ts'

const { signal } = new AbortController()
const failed: Failure = { code: 'overloaded', message: 'Busy.' }
const rule = (limit: number, then: BudgetRule['then'] = 'ask'): BudgetRule => ({ limit, warnAt: 0.8, then })
const team: Credits = { allowance: 1, per: 'month', rate: { usd: 1 } }

function gateOf(
  budgets: Partial<Budgets>,
  { credits, ...more }: Partial<BudgetGateParts> & { credits?: Credits } = {},
) {
  const budget = createMemoryBudget()
  const logged: string[] = []
  const questions = new PendingQuestions<BudgetQuestion, BudgetDecision>(() => undefined, 'stop')
  const gate = new BudgetGate({
    store: () => ({ budget, heartbeat: () => undefined }),
    budgets: () => ({ ...noBudgets, ...budgets }),
    creditsOf: () => credits,
    paidBy: () => (credits ? 'credits' : 'key'),
    questions,
    asks: () => true,
    view: ({ scope, cap, used, reserved }) => ({ scope, limit: cap.limit, used, reserved }),
    nameOf: (_, model) => model,
    log: { info: () => undefined, error: (line) => void logged.push(String(line)) },
    settled: () => undefined,
    ...more,
  })
  /** What comes of a request, where the person is asked at most once and says this. */
  const enter = async (asking: Partial<Asking>, says?: BudgetDecision): Promise<Ticket | Failure> => {
    const target = { provider: 'p', model: asking.estimate === undefined ? 'unpriced' : 'opus' }
    const entered = gate.enter({ target, conversation: 'c', inputTokens: 10, ...asking }, signal)
    await new Promise((resolve) => setImmediate(resolve))
    const question = questions.of('c')
    if (question) {
      assert.ok(says, `it was asked about: ${JSON.stringify(question)}`)
      questions.decide('c', question.id, says)
    } else assert.equal(says, undefined, 'it was not asked about')
    return entered
  }
  const passes = async (asking: Partial<Asking>, says?: BudgetDecision): Promise<Ticket> => {
    const entered = await enter(asking, says)
    assert.ok(isTicket(entered), JSON.stringify(entered))
    return entered
  }
  const refused = async (asking: Partial<Asking>, says?: BudgetDecision): Promise<Failure> => {
    const entered = await enter(asking, says)
    assert.ok(!isTicket(entered), 'it passed')
    return entered
  }
  return { gate, budget, logged, passes, refused }
}

describe('the gate of money', () => {
  it('lets a chat whose unknown prices were allowed spend no more than its budgets where prices are known', async () => {
    const { passes, refused } = gateOf({ month: rule(1), day: rule(9) })
    ;(await passes({}, 'send-all')).settle({})
    ;(await passes({})).settle({})
    const { message } = await refused({ estimate: 50 }, 'stop')
    assert.match(message, /and you stopped it/)
  })

  it('lets a chat whose budget was waived still ask about prices nobody knows', async () => {
    const { passes, refused } = gateOf({ month: rule(1) })
    ;(await passes({ estimate: 2 }, 'send-all')).settle({})
    ;(await passes({ estimate: 3 })).settle({})
    await refused({}, 'stop')
  })

  it('never asks about a price nobody knows where a budget stops: it says how to go on', async () => {
    const { refused } = gateOf({ month: rule(1, 'stop'), day: rule(9) })
    const { code, message } = await refused({})
    assert.equal(code, 'budget')
    assert.match(message, /^Nothing was sent: nobody knows what unpriced costs/)
    assert.match(message, /this month's budget .* is set to stop/)
    assert.match(message, /Choose a model with a known price, set its price in panelist\.models/)
  })

  it('never asks about shared credits: what nobody can count against them is not sent', async () => {
    const { refused, budget } = gateOf({}, { credits: team })
    const { message } = await refused({})
    assert.match(message, /nobody knows what unpriced costs/)
    assert.match(message, /shared credits/)
    await refused({ estimate: 50 })
    assert.deepEqual(budget.spent([{ of: 'pool', key: 'p', since: 0, limit: 1 }]), [{ used: 0, reserved: 0 }])
  })

  it('sends to a price nobody knows where the person allowed that in the settings', async () => {
    const { passes } = gateOf({ month: rule(1, 'stop'), unknownPrice: 'allow' })
    ;(await passes({})).settle({})
  })

  it('sends to a price nobody knows no longer once what its provider told has used the budget up', async () => {
    const { passes, refused } = gateOf({ month: rule(1, 'stop'), unknownPrice: 'allow' })
    ;(await passes({})).settle({ usage: noUsage(), cost: 0.6 })
    ;(await passes({})).settle({ usage: noUsage(), cost: 0.6 })
    const { code, message } = await refused({})
    assert.equal(code, 'budget')
    assert.match(
      message,
      /^Nothing was sent: nobody knows what this request costs, and this month's budget .* \$0\.00 left/,
    )
    ;(await passes({ estimate: 0 })).settle({})
  })

  it('sends to a price nobody knows past a budget that is used up where the person says so, asked once', async () => {
    for (const unknownPrice of ['allow', 'ask'] as const) {
      const { passes } = gateOf({ month: rule(1), unknownPrice })
      ;(await passes({ estimate: 1 })).settle({ usage: noUsage(), cost: 1 })
      ;(await passes({}, 'send')).settle({})
      ;(await passes({}, 'send-all')).settle({})
      ;(await passes({})).settle({})
    }
  })

  it('draws no more shared credits than there are for a price nobody knows', async () => {
    const { passes, refused } = gateOf({ unknownPrice: 'allow' }, { credits: team })
    ;(await passes({})).settle({ usage: noUsage(), cost: 1.2 })
    assert.match((await refused({})).message, /the shared credits of 1 credit have 0 credits left/)
  })

  it('keeps no word of a person for a budget that was set to stop since', async () => {
    const budgets: Partial<Budgets> = { month: rule(1) }
    const { passes, refused } = gateOf(budgets)
    ;(await passes({ estimate: 2 }, 'send-all')).settle({})
    budgets.month = rule(1, 'stop')
    await refused({ estimate: 2 })
  })

  it('asks again for another message of a chat whose request was sent anyway and failed', async () => {
    const { passes, refused } = gateOf({ month: rule(1) })
    ;(await passes({ estimate: 2, attemptAt: {} }, 'send')).settle({ failure: failed })
    await refused({ estimate: 2, attemptAt: {} }, 'stop')
    await refused({ estimate: 2 }, 'stop')
  })

  it('does not ask again for another attempt at the same answer, unless that may cost more', async () => {
    const { passes, refused } = gateOf({ month: rule(1) })
    const attemptAt = {}
    ;(await passes({ estimate: 2, attemptAt }, 'send')).settle({ failure: failed })
    ;(await passes({ estimate: 2, attemptAt }))!.settle({ failure: failed })
    ;(await passes({ estimate: 2.1, attemptAt }))!.settle({ failure: failed })
    await refused({ estimate: 500, attemptAt }, 'stop')
    ;(await passes({ estimate: 500, attemptAt }, 'send')).settle({ failure: failed })
    ;(await passes({ estimate: 500, attemptAt })).settle({ failure: failed })
  })

  it('asks about each of several that answer side by side', async () => {
    const { passes, refused } = gateOf({ month: rule(1) })
    const [one, two] = [{}, {}]
    ;(await passes({ estimate: 2, attemptAt: one }, 'send')).settle({ failure: failed })
    await refused({ estimate: 2, attemptAt: two }, 'stop')
    ;(await passes({ estimate: 2, attemptAt: one })).settle({})
  })

  it('holds more for a request whose tokens are a mere guess, and says why where that is what does not fit', async () => {
    const { passes, refused, budget } = gateOf({ month: rule(3, 'stop') })
    const guessed = { estimate: 2, held: { inputTokens: 20, cost: 3.9 } }
    assert.match((await refused(guessed)).message, /may cost \$3\.90 \(until its model has counted a first one/)
    const ticket = await passes({ estimate: 1, held: { inputTokens: 20, cost: 1.9 } })
    assert.deepEqual(budget.spent([{ of: 'all', since: 0, limit: 0 }]), [{ used: 0, reserved: 1.9 }])
    ticket.settle({})
    await passes({ estimate: 2 })
  })

  it('refuses, and never rejects, where the ledger cannot be read', async () => {
    const budget = { ...createMemoryBudget(), spent: () => assert.fail('disk gone') }
    const broken = { store: () => ({ budget, heartbeat: () => undefined }) }
    const { refused, logged } = gateOf({ month: rule(1) }, broken)
    assert.match((await refused({})).message, /^Nothing was sent: your budgets could not be looked at/)
    const unreadable = { budgets: () => assert.fail('no settings') }
    assert.match((await gateOf({}, unreadable).refused({})).message, /^Nothing was sent/)
    assert.equal(logged.length, 1)
  })

  it('gives back what was passed where a gate breaks, against its contract', async () => {
    const settled: unknown[] = []
    const passed = {
      name: 'one',
      enter: () => Promise.resolve({ settle: (outcome: unknown) => void settled.push(outcome) }),
    }
    const broken = { name: 'two', enter: () => Promise.reject(new Error('broken')) }
    const asking = { target: { provider: 'p', model: 'm' }, inputTokens: 1 }
    await assert.rejects(
      admit([passed, broken], asking, signal, () => undefined),
      /broken/,
    )
    assert.deepEqual(settled, [{ unsent: true }])
  })
})
