import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { FAILURES, readFailover, readNeverSendTo } from '../../src/host/settings/failover.ts'
import { readRateLimits } from '../../src/host/settings/rates.ts'
import { providers } from '../../src/llm/registry.ts'
import { defaultRules } from '../../src/resilience/failover.ts'

type Property = { default?: unknown; items?: { enum?: string[] }; scope?: string }
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  contributes: { configuration: { properties: Record<string, Property> } | { properties: Record<string, Property> }[] }
}
const properties = [manifest.contributes.configuration]
  .flat()
  .reduce<Record<string, Property>>((all, { properties: some }) => ({ ...all, ...some }), {})

describe('the settings of failover', () => {
  it('read models with slashes in their names, and tell what is none', () => {
    const problems: string[] = []
    const chain = ['openai/gpt-5', 'openrouter/meta/llama', 'gpt-5', '/x', 'openai/', 7]
    const read = readFailover({ chain, on: undefined, after: undefined }, providers, problems)
    assert.deepEqual(read.chain, [
      { provider: 'openai', model: 'gpt-5' },
      { provider: 'openrouter', model: 'meta/llama' },
    ])
    assert.equal(problems.length, 3)
    assert.deepEqual(read.on, defaultRules.on)
    assert.equal(read.patience, 10_000)
  })

  it('name a provider by its label too, and say which of the chain is none: nobody would stand in', () => {
    const problems: string[] = []
    const chain = ['Anthropic/claude-sonnet-4-5', 'google gemini/gemini-3-pro', 'opnai/gpt-5']
    const read = readFailover({ chain, on: undefined, after: undefined }, providers, problems)
    assert.deepEqual(read.chain, [
      { provider: 'anthropic', model: 'claude-sonnet-4-5' },
      { provider: 'google', model: 'gemini-3-pro' },
    ])
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', /^“opnai” in panelist\.failover is no provider\. Providers: anthropic, openai, /)
  })

  it('take the failures that are named and no others, also none', () => {
    assert.deepEqual(readFailover({ chain: [], on: ['auth', 'budget', 'nonsense'], after: 0 }, providers, []).on, [
      'auth',
    ])
    assert.deepEqual(readFailover({ chain: [], on: [], after: 0 }, providers, []).on, [])
    assert.equal(readFailover({ chain: [], on: [], after: 2.5 }, providers, []).patience, 2_500)
  })

  it('stand in the manifest as they are read', () => {
    assert.deepEqual(properties['panelist.failoverOn']?.default, defaultRules.on)
    assert.deepEqual([...(properties['panelist.failoverOn']?.items?.enum ?? [])].sort(), [...FAILURES].sort())
    for (const name of ['failover', 'failoverOn', 'failoverAfter', 'rateLimits', 'providers'])
      assert.equal(properties[`panelist.${name}`]?.scope, 'application', name)
  })

  it('let a workspace add to who is forbidden, and take nobody away', () => {
    const read = (...workspaces: unknown[]) => readNeverSendTo({ user: ['openrouter'], workspaces }, providers, [])
    assert.deepEqual(read(['openai', 'openrouter'], undefined), ['openrouter', 'openai'])
    assert.deepEqual(read([], 7), ['openrouter'])
  })

  it('forbid a provider however it is written: alone, by its label, in capitals', () => {
    const known = [...providers, { id: 'gateway', label: 'Our Gateway' }, { id: 'gateway-2', label: 'Our Gateway' }]
    const problems: string[] = []
    const read = (user: unknown) => readNeverSendTo({ user, workspaces: [user] }, known, problems)
    assert.deepEqual(read('openai'), ['openai'])
    assert.deepEqual(read(['OpenAI', ' google gemini ']), ['openai', 'google'])
    assert.deepEqual(read(['our gateway']), ['gateway', 'gateway-2'])
    assert.deepEqual(problems, [])
  })

  it('say whom they name in vain, but not of a workspace, which may name what others have', () => {
    const problems: string[] = []
    const rules = { user: ['opnai', 'openai'], workspaces: [['gateway-of-the-team']] }
    assert.deepEqual(readNeverSendTo(rules, providers, problems), ['opnai', 'openai', 'gateway-of-the-team'])
    assert.equal(problems.length, 1)
    assert.match(
      problems[0] ?? '',
      /^“opnai” in panelist\.neverSendTo is no provider, .*Providers: anthropic, openai, /,
    )
  })
})

describe('the setting of limits of rate', () => {
  const known = [
    { id: 'anthropic', label: 'Anthropic' },
    { id: 'openai', label: 'OpenAI' },
  ]
  it('takes whole numbers above 0 of a provider, and tells what it cannot use', () => {
    const problems: string[] = []
    const good = { provider: 'anthropic', key: 'work', requests: 50, tokens: 40_000 }
    const bad = [{ requests: 5 }, { provider: 'openai' }, { provider: 'openai', requests: 0 }, 'openai']
    assert.deepEqual(readRateLimits([good, ...bad], known, problems), [
      { provider: 'anthropic', keyProfile: 'work', requests: 50, tokens: 40_000 },
    ])
    assert.equal(problems.length, bad.length)
    assert.deepEqual(readRateLimits(undefined, known, []), [])
  })

  it('takes a provider however it is written, and tells of one that is not there', () => {
    const problems: string[] = []
    const limits = [
      { provider: 'openAI', requests: 5 },
      { provider: 'Our gateway', requests: 5 },
      { provider: 'opneai', requests: 5 },
    ]
    const read = readRateLimits(limits, [...known, { id: 'team', label: 'Our gateway' }], problems)
    assert.deepEqual(
      read.map(({ provider }) => provider),
      ['openai', 'team'],
    )
    assert.deepEqual(problems, ['“opneai” in panelist.rateLimits is no provider, so nothing is limited.'])
  })

  it('are one for a provider that has settings of its own besides, however it is written', () => {
    const named = [...known, { id: 'openai' }]
    const limits = readRateLimits([{ provider: 'OPENAI', requests: 2 }], named, [])
    assert.deepEqual(limits, [{ provider: 'openai', requests: 2 }])
  })
})
