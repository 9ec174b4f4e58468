/** What a request may cost, by whom it is paid, and what of it is settled: over the real store in memory. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Cap } from '../../src/shared/ledger.ts'
import { noUsage } from '../../src/shared/message.ts'
import { createMemoryBudget } from '../../src/store/memory-budget.ts'
import type { Budgets } from '../../src/usage/budgets.ts'
import { limitsOf, lowered, MONEY_SCOPES, noBudgets, periodOf } from '../../src/usage/budgets.ts'
import type { CreditRate, Credits } from '../../src/usage/credits.ts'
import { MOST } from '../../src/usage/calibration.ts'
import { paidBy } from '../../src/usage/credits.ts'
import { costOf, mostCost } from '../../src/usage/cost.ts'
import type { Came, Priced } from '../../src/usage/ledger.ts'
import { billOf, hold, settle } from '../../src/usage/ledger.ts'

const NOW = new Date(2026, 10, 21, 15, 30).getTime()
const rule = (limit: number) => ({ limit, warnAt: 0.8, then: 'ask' as const })
const budgets: Budgets = { ...noBudgets, conversation: rule(1), day: rule(2), month: rule(20), workspace: rule(5) }
const place = { conversation: 'c', workspace: 'w' }
const team: Credits = { allowance: 100, per: 'day', rate: { tokens: 100 }, keyProfile: 'team' }

const anyCredits = fc.record(
  {
    allowance: fc.integer({ min: 1, max: 1_000 }),
    per: fc.constantFrom('day' as const, 'month' as const),
    rate: fc.oneof(fc.constant<CreditRate>({ usd: 0.01 }), fc.constant<CreditRate>({ tokens: 100 })),
    keyProfile: fc.constantFrom('team', 'shared'),
  },
  { requiredKeys: ['allowance', 'per', 'rate'] },
)

describe('budgets', () => {
  it('limit what belongs to them: a chat for ever, a day for the day, the others for the month', () => {
    const limits = limitsOf(budgets, place, NOW)
    assert.deepEqual(
      limits.map(({ scope, cap, resetsAt }) => [scope, cap.of, cap.key, cap.since, resetsAt]),
      [
        ['conversation', 'conversation', 'c', 0, undefined],
        ['workspace', 'workspace', 'w', new Date(2026, 10, 1).getTime(), new Date(2026, 11, 1).getTime()],
        ['day', 'all', undefined, new Date(2026, 10, 21).getTime(), new Date(2026, 10, 22).getTime()],
        ['month', 'all', undefined, new Date(2026, 10, 1).getTime(), new Date(2026, 11, 1).getTime()],
      ],
    )
    assert.deepEqual(
      limitsOf(budgets, {}, NOW).map(({ scope }) => scope),
      ['day', 'month'],
    )
  })

  it('hold every moment in the period it is of', () => {
    const moment = fc.date({ min: new Date(2020, 0, 1), max: new Date(2040, 0, 1), noInvalidDate: true })
    fc.assert(
      fc.property(moment, fc.constantFrom('day' as const, 'month' as const), (date, period) => {
        const { since, resetsAt = 0 } = periodOf(period, date.getTime())
        assert.ok(since <= date.getTime() && date.getTime() < resetsAt)
        assert.equal(periodOf(period, resetsAt).since, resetsAt)
      }),
    )
  })

  it('of a workspace only lower those of the person, whatever it says', () => {
    const anyRule = fc.record({
      limit: fc.double({ min: 0.01, max: 100, noNaN: true }),
      warnAt: fc.double({ min: 0, max: 1, noNaN: true }),
      then: fc.constantFrom('ask' as const, 'stop' as const),
    })
    const any = (unknown: fc.Arbitrary<'ask' | 'allow'>) =>
      fc.record(
        { ...Object.fromEntries(MONEY_SCOPES.map((scope) => [scope, anyRule])), unknownPrice: unknown },
        { requiredKeys: ['unknownPrice'] },
      ) as fc.Arbitrary<Budgets>
    const either = fc.constantFrom('ask' as const, 'allow' as const)
    fc.assert(
      fc.property(any(either), any(either), (own, theirs) => {
        const result = lowered(own, theirs)
        for (const scope of MONEY_SCOPES) {
          const [mine, now] = [own[scope], result[scope]]
          if (!mine) continue
          assert.ok(now && now.limit <= mine.limit && now.warnAt <= mine.warnAt)
          if (mine.then === 'stop') assert.equal(now.then, 'stop')
        }
        if (own.unknownPrice === 'ask') assert.equal(result.unknownPrice, 'ask')
      }),
    )
  })
})

describe('who pays', () => {
  it('is said of every request with a key: the shared credits or the key of the person', () => {
    assert.equal(paidBy(undefined, 'default'), 'key')
    assert.equal(paidBy(team, 'team'), 'credits')
    assert.equal(paidBy(team, 'mine'), 'key')
    assert.equal(paidBy({ ...team, keyProfile: undefined } as unknown as Credits, 'any'), 'credits')
    assert.equal(paidBy(undefined, undefined), undefined)
  })

  const anyRequest = fc.record({
    credits: fc.option(anyCredits, { nil: undefined }),
    keyProfile: fc.option(fc.constantFrom('team', 'shared', 'mine', 'environment'), { nil: undefined }),
    estimate: fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }), { nil: undefined }),
    tokens: fc.integer({ min: 0, max: 5_000 }),
    came: fc.record(
      {
        usage: fc.integer({ min: 0, max: 4_000 }).map((input) => ({ ...noUsage(), input })),
        cost: fc.double({ min: 0, max: 0.5, noNaN: true }),
        failure: fc.constant({ code: 'overloaded', message: 'No.' } as const),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Came>,
  })
  const all: Cap = { of: 'all', since: 0, limit: 0 }
  const pool: Cap = { of: 'pool', key: 'gateway', since: 0, limit: 0 }

  it('requests with a key of the person’s own draw no credits, and those on credits none of the person’s money', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 20 }), (requests) => {
        const entries = createMemoryBudget()
        let money = 0
        requests.forEach(({ credits, keyProfile, estimate, tokens, came }, at) => {
          const payer = paidBy(credits, keyProfile)
          const known = estimate !== undefined && { estimate }
          const request: Priced = { place, provider: 'gateway', paidBy: payer, credits, tokens, ...known }
          const [usd, drawn] = entries.spent([all, pool])
          const held = hold(entries, `${at}`, billOf(request, budgets, NOW), () => true, NOW) === undefined
          if (held) settle(entries, `${at}`, request, came)
          const [usdAfter, drawnAfter] = entries.spent([all, pool])
          assert.deepEqual([usdAfter?.reserved, drawnAfter?.reserved], [0, 0])
          if (payer !== 'credits') assert.deepEqual(drawnAfter, drawn)
          else assert.deepEqual(usdAfter, usd)
          if (came.failure) assert.deepEqual(drawnAfter, drawn, 'a failed request drew credits')
          if (held && payer !== 'credits') money += came.cost ?? 0
        })
        assert.ok(Math.abs((entries.spent([all])[0]?.used ?? 0) - money) < 1e-6)
      }),
    )
  })

  it('credits are drawn by tokens or by cost, and never more than there are', () => {
    const entries = createMemoryBudget()
    const request: Priced = { place, provider: 'gateway', paidBy: 'credits', credits: team, tokens: 6_000 }
    assert.equal(
      hold(entries, 'one', billOf(request, budgets, NOW), () => true, NOW),
      undefined,
    )
    const short = hold(entries, 'two', billOf(request, budgets, NOW), () => true, NOW)
    assert.deepEqual(
      short?.map(({ scope, then, reserved }) => [scope, then, reserved]),
      [['credits', 'stop', 60]],
    )
    settle(entries, 'one', request, { usage: { ...noUsage(), input: 1_000, output: 500 } })
    assert.deepEqual(entries.spent([pool]), [{ used: 15, reserved: 0 }])
    const byCost: Priced = { ...request, credits: { ...team, rate: { usd: 0.01 } }, estimate: 0.2 }
    assert.equal(billOf(byCost, budgets, NOW).credits, 20)
  })

  it('that a price is not known is said where a budget should count it, and only for a key of the person', () => {
    const request: Priced = { place, provider: 'p', paidBy: 'key', credits: undefined, tokens: 10 }
    assert.equal(billOf(request, budgets, NOW).unknown, true)
    assert.equal(billOf(request, noBudgets, NOW).unknown, false)
    assert.equal(billOf({ ...request, paidBy: undefined }, budgets, NOW).unknown, false)
    assert.equal(billOf({ ...request, estimate: 0 }, budgets, NOW).unknown, false)
  })
})

describe('budgets over requests whose estimates are off', () => {
  const limit = 100
  const month: Budgets = { ...noBudgets, month: rule(limit) }
  const cap: Cap = { of: 'all', since: 0, limit }
  const request = fc.record({
    estimate: fc.double({ min: 0.01, max: 40, noNaN: true }),
    /** What it does cost, as a share of the estimate. */
    share: fc.double({ min: 0.5, max: 2, noNaN: true }),
    /** How many others begin before it ends. */
    lasts: fc.nat(4),
  })

  const dear = { estimate: 40, share: 2, lasts: 4 }

  /** What was spent in the end, and how much of the estimates was under way when the last request went out. */
  const run = (requests: { estimate: number; share: number; lasts: number }[], margin: number) => {
    const entries = createMemoryBudget()
    const under = new Map<string, { request: Priced; cost: number; until: number }>()
    let inFlight = 0
    requests.forEach(({ estimate, share, lasts }, at) => {
      const priced: Priced = {
        place,
        provider: 'p',
        paidBy: 'key',
        credits: undefined,
        tokens: 1,
        estimate: estimate * margin,
      }
      for (const [id, { request, cost, until }] of under)
        if (until <= at && under.delete(id)) settle(entries, id, request, { usage: noUsage(), cost })
      if (hold(entries, `${at}`, billOf(priced, month, NOW), () => true, NOW)) return
      under.set(`${at}`, { request: priced, cost: estimate * share, until: at + lasts })
      inFlight = entries.spent([cap])[0]?.reserved ?? 0
    })
    for (const [id, { request, cost }] of under) settle(entries, id, request, { usage: noUsage(), cost })
    const [end] = entries.spent([cap])
    assert.equal(end?.reserved, 0)
    return { used: end.used, inFlight }
  }

  it('are passed by no more than what was under way when the last request went out', () => {
    let passed = 0
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const { used, inFlight } = run(requests, 1)
        assert.ok(used <= limit + inFlight + 1e-6, `$${used} of $${limit}, $${inFlight} under way`)
        if (used > limit) passed++
      }),
      { examples: [[[dear, dear, dear]]] },
    )
    assert.ok(passed > 0, 'no run was dear enough to tell')
  })

  it('are not passed at all with the margin that is held until a model has counted', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const { used } = run(requests, MOST)
        assert.ok(used <= limit + 1e-6, `$${used} of $${limit}`)
      }),
    )
  })
})

describe('what a request costs at most', () => {
  const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, tiers: [{ above: 200_000, input: 6 }] }
  const count = fc.integer({ min: 0, max: 400_000 })

  it('is never less than it turns out to cost, however its input is counted', () => {
    fc.assert(
      fc.property(count, count, fc.nat(100), fc.nat(100), (input, output, read, written) => {
        const cacheRead = Math.floor((input * read) / 100)
        const cacheWrite = Math.floor(((input - cacheRead) * written) / 100)
        const usage = { input: input - cacheRead - cacheWrite, cacheRead, cacheWrite, output }
        assert.ok((mostCost(input, output, price) ?? -1) + 1e-9 >= (costOf(usage, price) ?? Infinity))
      }),
    )
  })

  it('is unknown where nobody knows a price or a bound', () => {
    assert.equal(mostCost(10, 10, undefined), undefined)
    assert.equal(mostCost(10, undefined, price), undefined)
    assert.equal(mostCost(10, undefined, { input: 0, output: 0 }), 0)
    assert.equal(mostCost(10, 10, { input: 3 }), undefined)
  })
})
