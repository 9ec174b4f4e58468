/** Whose money each answer cost, for whatever keys and shared credits there are. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Credits } from '../../src/usage/credits.ts'
import { end, FakePage, FakeWindow, text } from './fakes.ts'

const anyCredits: fc.Arbitrary<Credits | undefined> = fc.option(
  fc
    .record({
      keyProfile: fc.constantFrom('team', 'mine'),
      rate: fc.constantFrom<Credits['rate']>({ usd: 0.001 }, { tokens: 100 }),
      per: fc.constantFrom('day' as const, 'month' as const),
    })
    .map((facts) => ({ ...facts, allowance: 10_000 })),
  { nil: undefined },
)
const anyRequest = fc.record({
  credits: anyCredits,
  keyProfile: fc.option(fc.constantFrom('team', 'mine', 'environment'), { nil: undefined }),
  fails: fc.boolean(),
})

describe('whose money it was', () => {
  let window: FakeWindow
  beforeEach(() => (window = new FakeWindow()))
  afterEach(() => window.close())

  const ledger = () => {
    const { budget } = window.services.store()
    const [money, pool] = budget.spent([
      { of: 'all', since: 0, limit: 0 },
      { of: 'pool', key: 'anthropic', since: 0, limit: 0 },
    ])
    assert.deepEqual([money?.reserved, pool?.reserved], [0, 0], 'something is still held')
    return { money: money?.used ?? 0, credits: pool?.used ?? 0 }
  }

  /** The answer to one question, and what it drew. */
  const ask = async ({ credits, keyProfile, fails }: { credits?: Credits; keyProfile?: string; fails: boolean }) => {
    window.credits = credits ? { anthropic: credits } : {}
    window.keyProfile = keyProfile
    const before = ledger()
    const page = new FakePage(window)
    await page.ask('ready', {})
    const sent = window.provider.requests.length
    await page.say('Who pays?')
    while (window.provider.requests.length === sent) await new Promise(setImmediate)
    const failure = { code: 'overloaded', message: 'Busy.' } as const
    if (fails) window.provider.send({ type: 'end', stop: { kind: 'failed', failure } })
    else window.provider.send(...text('You.'), ...end('You.'))
    while (window.services.answers.count > 0) await new Promise(setImmediate)
    const { conversation } = page.session
    const store = window.services.store()
    const after = ledger()
    return {
      answer: store.messages.get(store.conversations.get(conversation)?.leaf ?? ''),
      record: store.requests.list({ conversation })[0],
      money: after.money - before.money,
      credits: after.credits - before.credits,
    }
  }
  const anyOf = (request: { credits: Credits | undefined; keyProfile: string | undefined; fails: boolean }) => {
    const { credits, keyProfile, fails } = request
    return ask({ fails, ...(credits && { credits }), ...(keyProfile !== undefined && { keyProfile }) })
  }

  it('the answer says who paid', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { answer, record } = await anyOf(request)
        const shared = request.credits !== undefined && request.credits.keyProfile === request.keyProfile
        const payer = shared ? 'credits' : request.keyProfile === undefined ? undefined : 'key'
        assert.equal(answer?.paidBy, payer)
        assert.equal(record?.paidBy, payer)
      }),
      { numRuns: 30 },
    )
  })

  it('own-key requests draw no credits, and a failed one draws nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { answer, money, credits } = await anyOf(request)
        if (request.fails) assert.deepEqual([money, credits], [0, 0])
        else if (answer?.paidBy === 'credits') assert.ok(credits > 0 && money === 0)
        else assert.ok(credits === 0 && money > 0)
      }),
      { numRuns: 30 },
    )
  })
})
