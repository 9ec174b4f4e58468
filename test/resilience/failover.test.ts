import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Asking, Target } from '../../src/resilience/admission.ts'
import { defaultRules, Failover, movesOn, whyNot } from '../../src/resilience/failover.ts'
import type { FailoverParts, Look, ModelRef } from '../../src/resilience/failover.ts'
import type { Next } from '../../src/resilience/plan.ts'
import { Plan } from '../../src/resilience/plan.ts'
import { STAYS_MS } from '../../src/resilience/sticky.ts'
import type { FailureCode } from '../../src/shared/failure.ts'

const never = new AbortController().signal

const failure = (code: FailureCode, status?: number) => ({
  code,
  message: `It was ${code}.`,
  ...(status !== undefined && { status }),
})

const claude: Target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }
const gpt: ModelRef = { provider: 'openai', model: 'gpt' }
const gemini: ModelRef = { provider: 'google', model: 'gemini' }

const LOOKS: Record<string, Look> = {
  claude: {
    label: 'Anthropic',
    usable: true,
    info: { id: 'claude', provider: 'anthropic', name: 'Claude', source: 'provider' },
  },
  gpt: { label: 'OpenAI', usable: true, info: { id: 'gpt', provider: 'openai', name: 'GPT-5', source: 'provider' } },
  gemini: {
    label: 'Google',
    usable: true,
    info: { id: 'gemini', provider: 'google', name: 'Gemini', source: 'provider' },
  },
}

const parts = (more: Partial<FailoverParts> = {}): FailoverParts => ({
  rules: () => defaultRules,
  chain: () => Promise.resolve([claude, gpt, gemini]),
  look: ({ model }) => Promise.resolve(LOOKS[model] ?? { label: model, usable: true }),
  keys: () => Promise.resolve([]),
  isForbidden: () => false,
  now: () => 0,
  ...more,
})

const asking = (target: Target, more: Partial<Asking> = {}): Asking => ({
  target,
  conversation: 'c1',
  inputTokens: 100,
  ...more,
})

/** Plays one answer whose every attempt fails, until nothing is tried any more. */
async function play(
  failover: Failover,
  first: Target,
  codeOf: (target: Target) => FailureCode,
  more: Partial<Asking> = {},
): Promise<{ asked: Target[]; next: Next[] }> {
  const plan = new Plan({
    settings: { attempts: 2, baseDelay: 1, maxWait: 60_000 },
    alternatives: failover,
    clock: { now: () => 0, random: () => 0.5 },
  })
  const played: { asked: Target[]; next: Next[] } = { asked: [], next: [] }
  for (let target = first; ;) {
    played.asked.push(target)
    const next = await plan.after(asking(target, more), failure(codeOf(target)), never)
    played.next.push(next)
    if (next.kind === 'give-up') return played
    if (next.kind === 'instead') target = next.target
  }
}

describe('failover', () => {
  it('says in one sentence who failed, how, and who answered', async () => {
    const failover = new Failover(parts())
    const tried = [{ target: claude, failure: failure('overloaded', 529) }]
    const once = await failover.instead(asking(claude), tried, undefined, never)
    assert.equal(once?.sentence, 'Claude was overloaded; answered by GPT-5.')
    const then = { target: { ...gpt }, failure: failure('timeout') }
    const twice = await failover.instead(asking(gpt), [...tried, then], undefined, never)
    assert.equal(twice?.sentence, 'Claude was overloaded and GPT-5 did not answer in time; answered by Gemini.')
  })

  it('tells models of the same name apart by their providers', async () => {
    const chain = [{ provider: 'openrouter', model: 'claude' }]
    const look = ({ provider }: ModelRef) =>
      Promise.resolve({ ...LOOKS.claude!, label: provider === 'openrouter' ? 'OpenRouter' : 'Anthropic' })
    const failover = new Failover(parts({ chain: () => Promise.resolve(chain), look }))
    const found = await failover.instead(
      asking(claude),
      [{ target: claude, failure: failure('quota') }],
      undefined,
      never,
    )
    assert.equal(found?.sentence, 'Claude of Anthropic had no credit left; answered by Claude of OpenRouter.')
  })

  it('never follows a refused key or request, unless told', () => {
    for (const code of ['auth', 'permission', 'invalid-request', 'not-found', 'content-filter', 'budget'] as const) {
      assert.equal(movesOn(failure(code), undefined, 9, defaultRules), false, code)
      assert.equal(movesOn(failure(code), undefined, 1, { ...defaultRules, on: [code] }), true, code)
    }
  })

  it('waits for a limit of rate only as long as the person has patience', () => {
    assert.equal(movesOn(failure('rate-limit', 429), 10_000, 1, defaultRules), false)
    assert.equal(movesOn(failure('rate-limit', 429), 10_001, 1, defaultRules), true)
    assert.equal(movesOn(failure('rate-limit', 429), undefined, 1, defaultRules), true)
  })

  it('asks an overloaded model once more, and one that did not answer in time not at all', () => {
    assert.equal(movesOn(failure('overloaded', 529), 500, 1, defaultRules), false)
    assert.equal(movesOn(failure('overloaded', 529), 500, 2, defaultRules), true)
    assert.equal(movesOn(failure('timeout'), 500, 1, defaultRules), true)
  })

  it('passes over what cannot take the request', () => {
    const info = { id: 'm', provider: 'p', name: 'M', source: 'provider' } as const
    const needs = { tools: true, images: true } as const
    assert.equal(whyNot({ ...info, tools: false }, { inputTokens: 1, needs }), 'tools')
    assert.equal(whyNot({ ...info, images: false }, { inputTokens: 1, needs }), 'images')
    assert.equal(whyNot({ ...info, contextWindow: 8_000 }, { inputTokens: 7_900 }), 'window')
    assert.equal(whyNot({ ...info, contextWindow: 8_000 }, { inputTokens: 7_000, needs }), undefined)
    assert.equal(
      whyNot(undefined, { inputTokens: 1_000_000, needs }),
      undefined,
      'of what nobody knows nothing is held',
    )
  })

  it('stays with who answered for five minutes, in that conversation, and then goes back', async () => {
    let now = 1_000
    const failover = new Failover(parts({ now: () => now }))
    const tried = [{ target: claude, failure: failure('overloaded') }]
    await failover.instead(asking(claude), tried, undefined, never)
    now += STAYS_MS - 1
    assert.deepEqual((await failover.kept('c1', claude))?.target, gpt)
    assert.equal((await failover.kept('c1', claude))?.from, 'anthropic')
    assert.equal(await failover.kept('c2', claude), undefined)
    now += 1
    assert.equal(await failover.kept('c1', claude), undefined)
  })

  it('stays for what neither can take, and gives way for what the first can', async () => {
    const windows: Record<string, number> = { claude: 8_000, gpt: 4_000 }
    const look = ({ provider, model }: ModelRef) => {
      const info = { id: model, provider, name: model, source: 'provider', contextWindow: windows[model]! } as const
      return Promise.resolve({ label: provider, usable: true, info })
    }
    const failover = new Failover(parts({ look }))
    await failover.instead(asking(claude), [{ target: claude, failure: failure('overloaded') }], undefined, never)
    const stays = async (inputTokens: number): Promise<boolean> =>
      (await failover.kept('c1', claude, () => ({ inputTokens }))) !== undefined
    assert.deepEqual([await stays(3_000), await stays(6_000), await stays(9_000)], [true, false, true])
  })

  it('goes back to the first where the one that stood in fails', async () => {
    const failover = new Failover(parts({ chain: () => Promise.resolve([gpt]) }))
    await failover.instead(asking(claude), [{ target: claude, failure: failure('overloaded') }], undefined, never)
    const stoodIn = { ...gpt, keyProfile: 'default' }
    const back = await failover.instead(
      asking(stoodIn),
      [{ target: stoodIn, failure: failure('quota') }],
      undefined,
      never,
    )
    assert.deepEqual(back?.target, { provider: 'anthropic', model: 'claude' })
    assert.equal(await failover.kept('c1', claude), undefined)
  })

  it('forgets who stood in where the rules forbid it now', async () => {
    const barred: string[] = []
    const failover = new Failover(parts({ isForbidden: (provider) => barred.includes(provider) }))
    await failover.instead(asking(claude), [{ target: claude, failure: failure('overloaded') }], undefined, never)
    barred.push('openai')
    assert.equal(await failover.kept('c1', claude), undefined)
  })
})

describe('rotation of keys', () => {
  const keys = ['work', 'personal', 'spare']
  const rotating = new Failover(parts({ keys: () => Promise.resolve(keys), chain: () => Promise.resolve([]) }))

  it('asks with the next marked key at once after a limit or an empty account, and says which', async () => {
    const tried = [{ target: claude, failure: failure('rate-limit', 429) }]
    const found = await rotating.instead(asking(claude), tried, 200, never)
    assert.deepEqual(found?.target, { ...claude, keyProfile: 'personal' })
    assert.equal(found?.sentence, 'The key “work” reached its limit; answered with the key “personal”.')
  })

  it('leaves every other failure and every key that is not marked alone', async () => {
    const other = { ...claude, keyProfile: 'client' }
    const tried = [{ target: other, failure: failure('rate-limit', 429) }]
    assert.equal(await rotating.instead(asking(other), tried, undefined, never), undefined)
    const down = [{ target: claude, failure: failure('overloaded', 529) }]
    assert.equal(await rotating.instead(asking(claude), down, undefined, never), undefined)
  })
})

describe('any chain of failures', () => {
  const providers = ['a', 'b', 'c', 'd']
  const models = ['m1', 'm2']
  const keyNames = ['work', 'personal', 'client']
  const ref = fc.record({ provider: fc.constantFrom(...providers), model: fc.constantFrom(...models) })
  const codes: FailureCode[] = ['overloaded', 'rate-limit', 'quota', 'timeout', 'auth', 'network', 'truncated']
  const world = fc.record({
    chain: fc.array(ref, { maxLength: 10 }),
    forbidden: fc.subarray(providers.slice(1)),
    unusable: fc.subarray(providers.slice(1)),
    down: fc.subarray(providers.slice(1)),
    marked: fc.subarray(keyNames),
    code: fc.func(fc.constantFrom(...codes)),
  })

  it('asks one that is down only where nobody else of the chain is left', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ chain, forbidden, unusable, down }) => {
        const failover = new Failover(
          parts({
            chain: () => Promise.resolve(chain),
            look: ({ provider, model }) => Promise.resolve({ label: model, usable: !unusable.includes(provider) }),
            isForbidden: (provider) => forbidden.includes(provider),
            isDown: ({ provider }) => down.includes(provider),
          }),
        )
        const { asked } = await play(failover, { provider: 'a', model: 'm1' }, () => 'quota')
        const isDown = asked.slice(1).map(({ provider }) => down.includes(provider))
        assert.ok(!isDown.includes(true) || !isDown.slice(isDown.indexOf(true)).includes(false), isDown.join())
      }),
      { numRuns: 300 },
    )
  })

  it('ends, asks nobody that is forbidden, and chooses each model and key at most once', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ chain, forbidden, unusable, marked, code }) => {
        const failover = new Failover(
          parts({
            chain: () => Promise.resolve(chain),
            look: ({ provider, model }) => Promise.resolve({ label: model, usable: !unusable.includes(provider) }),
            keys: () => Promise.resolve(marked),
            isForbidden: (provider) => forbidden.includes(provider),
          }),
        )
        const first = { provider: 'a', model: 'm1', keyProfile: 'work' }
        const { asked, next } = await play(failover, first, (target) => code(target.provider, target.keyProfile))
        for (const { provider } of asked) assert.ok(!forbidden.includes(provider) && !unusable.includes(provider))
        const chosen = next.flatMap((one) => (one.kind === 'instead' ? [JSON.stringify(one.target)] : []))
        assert.equal(new Set(chosen).size, chosen.length, `${chosen.join(' ')} more than once`)
        for (const one of next)
          if (one.kind === 'instead' && one.how === 'key') assert.ok(marked.includes(one.target.keyProfile ?? ''))
      }),
      { numRuns: 500 },
    )
  })
})
