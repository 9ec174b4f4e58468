/** Budgets and shared credits as they stand in the settings, which may hold anything. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readBudgets, readCredits } from '../../src/host/settings/budgets.ts'
import { MONEY_SCOPES } from '../../src/usage/budgets.ts'

describe('budgets in the settings', () => {
  it('are a limit in USD, or one with its warning and its end', () => {
    const problems: string[] = []
    const user = { day: 2, month: { limit: 20, warnAt: 0.5, then: 'stop' }, unknownPrice: 'allow' }
    assert.deepEqual(readBudgets(user, undefined, problems), {
      day: { limit: 2, warnAt: 0.8, then: 'ask' },
      month: { limit: 20, warnAt: 0.5, then: 'stop' },
      unknownPrice: 'allow',
    })
    assert.deepEqual(problems, [])
  })

  it('that cannot be used are said, and none is taken for another', () => {
    const problems: string[] = []
    const budgets = readBudgets({ day: '2', week: 3, month: { limit: -1 }, conversation: null }, undefined, problems)
    assert.deepEqual(budgets, { unknownPrice: 'ask' })
    assert.equal(problems.length, 3)
    assert.match(problems.join(' '), /panelist\.budgets\.day needs a limit.*“week”.*panelist\.budgets\.month/)
  })

  it('that say in no known way when to warn, or what happens at the end, are said', () => {
    const problems: string[] = []
    const budgets = readBudgets({ day: { limit: 2, warnAt: 80 }, month: { limit: 20, then: 'Stop' } }, {}, problems)
    assert.deepEqual(budgets.day, { limit: 2, warnAt: 0.8, then: 'ask' })
    assert.deepEqual(budgets.month, { limit: 20, warnAt: 0.8, then: 'ask' })
    assert.equal(problems.length, 2)
    assert.match(problems.join(' '), /panelist\.budgets\.day\.warnAt .*panelist\.budgets\.month\.then /)
  })

  it('that are no object at all are said to be none, so that nobody takes them for a budget', () => {
    for (const value of [5, '5', [{ day: 5 }], true]) {
      const problems: string[] = []
      assert.deepEqual(readBudgets(value, undefined, problems), { unknownPrice: 'ask' })
      assert.match(problems.join(' '), /^panelist\.budgets must be an object/)
    }
    const none: string[] = []
    readBudgets(undefined, null, none)
    assert.deepEqual(none, [])
  })

  it('of a workspace are taken where they are lower, and not where they are higher', () => {
    const user = { day: 2, month: { limit: 20, then: 'stop' } }
    const budgets = readBudgets(user, { day: 5, month: 10, workspace: 1, unknownPrice: 'allow' }, [])
    assert.equal(budgets.day?.limit, 2)
    assert.deepEqual(budgets.month, { limit: 10, warnAt: 0.8, then: 'stop' })
    assert.equal(budgets.workspace?.limit, 1)
    assert.equal(budgets.unknownPrice, 'ask')
  })

  it('never let a workspace spend more than the person allows, whatever stands there', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.double({ min: 0.01, max: 50, noNaN: true }), (any, other, limit) => {
        const rule = { limit, then: 'stop' }
        const user = Object.fromEntries(MONEY_SCOPES.map((scope) => [scope, rule]))
        const theirs = { day: any, month: other, conversation: { limit: any, then: other } }
        const budgets = readBudgets(user, theirs, [])
        for (const scope of MONEY_SCOPES) {
          assert.ok((budgets[scope]?.limit ?? Infinity) <= limit)
          assert.equal(budgets[scope]?.then, 'stop')
        }
        readBudgets(any, other, [])
      }),
    )
  })
})

describe('shared credits in the settings', () => {
  it('have an allowance, a time, and what one is worth', () => {
    const problems: string[] = []
    assert.deepEqual(readCredits({ allowance: 10, rate: { usd: 0.5 } }, 'x', problems), {
      allowance: 10,
      per: 'month',
      rate: { usd: 0.5 },
    })
    const full = { allowance: 10, per: 'day', rate: { tokens: 100 }, keyProfile: 'team' }
    assert.deepEqual(readCredits(full, 'x', problems), full)
    assert.equal(readCredits(undefined, 'x', problems), undefined)
    assert.deepEqual(problems, [])
  })

  it('are none where they cannot be counted, which is said', () => {
    const problems: string[] = []
    for (const value of [null, 5, {}, { allowance: 10 }, { rate: { usd: 1 } }, { allowance: 0, rate: { usd: 1 } }])
      assert.equal(readCredits(value, 'panelist.providers.team.credits', problems), undefined)
    assert.equal(problems.length, 6)
    assert.match(problems[0] ?? '', /^panelist\.providers\.team\.credits needs an allowance/)
  })
})
