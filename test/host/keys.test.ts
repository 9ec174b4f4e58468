import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Keys, keyProblem } from '../../src/host/keys.ts'
import type { ProviderInfo } from '../../src/llm/types.ts'
import { paidBy } from '../../src/usage/credits.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'

const provider: ProviderInfo = {
  id: 'anthropic',
  label: 'Anthropic',
  dialect: 'anthropic',
  envVar: 'ANTHROPIC_API_KEY',
  defaultBaseUrl: 'https://api.anthropic.com',
}

function make(environment: Record<string, string> = {}) {
  const secrets = new FakeSecrets()
  const state = new FakeMemento()
  return { secrets, state, keys: new Keys(secrets, state, environment) }
}

describe('keys', () => {
  it('are found for the endpoint they were set for, and for no other', async () => {
    const { keys } = make()
    await keys.set(provider, undefined, 'sk-test-123')
    assert.deepEqual(await keys.find(provider, undefined), { status: 'set', value: 'sk-test-123', profile: 'default' })
    const elsewhere = await keys.find(provider, { baseUrl: 'https://evil.example' })
    assert.equal(elsewhere.status, 'missing')
    assert.equal(elsewhere.value, undefined)
    assert.match(
      elsewhere.why ?? '',
      /was set for https:\/\/api\.anthropic\.com and is not sent to https:\/\/evil\.example/,
    )
  })

  it('of the environment go to the provider’s own endpoint only, unless the person says otherwise', async () => {
    const { keys } = make({ ANTHROPIC_API_KEY: 'sk-env' })
    assert.deepEqual(await keys.find(provider, undefined), {
      status: 'environment',
      value: 'sk-env',
      profile: 'environment',
      envVar: 'ANTHROPIC_API_KEY',
    })
    const gateway = { baseUrl: 'https://gateway.example' }
    assert.equal((await keys.find(provider, gateway)).value, undefined)
    assert.equal((await keys.find(provider, { ...gateway, useEnvironmentKey: true })).value, 'sk-env')
  })

  it('of the user’s own are used when set, before one that a team shares', async () => {
    const credits = { allowance: 100, per: 'month', rate: { usd: 0.01 }, keyProfile: 'team' } as const
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom('team', 'mine', 'work', 'default'), { minLength: 1 }),
        fc.boolean(),
        fc.option(fc.constantFrom('team', 'mine')),
        async (profiles, inEnvironment, preferred) => {
          const { keys } = make(inEnvironment ? { ANTHROPIC_API_KEY: 'sk-env' } : {})
          for (const profile of profiles) await keys.set(provider, undefined, `sk-${profile}-123`, profile)
          if (preferred !== null && profiles.includes(preferred)) await keys.prefer(provider.id, preferred)
          const own = profiles.some((profile) => profile !== 'team') || inEnvironment
          const found = await keys.find(provider, { credits })
          assert.equal(paidBy(credits, found.profile), own ? 'key' : 'credits')
          if (profiles.includes('team'))
            assert.equal((await keys.find(provider, { credits }, 'team')).profile, 'team', 'it was asked for by name')
        },
      ),
    )
  })

  it('are read from the secret storage once, and again when one has changed there', async () => {
    const { keys, secrets } = make()
    await keys.set(provider, undefined, 'sk-test-123')
    for (let time = 0; time < 3; time++) assert.equal((await keys.find(provider, undefined)).value, 'sk-test-123')
    assert.equal(secrets.reads, 1)
    const name = 'panelist.key.anthropic.default'
    secrets.change(name, (secrets.values.get(name) ?? '').replace('123', '456'))
    assert.equal((await keys.find(provider, undefined)).value, 'sk-test-456')
  })

  it('are read anew after one was refused, changed or removed', async () => {
    const { keys, secrets } = make()
    await keys.set(provider, undefined, 'sk-test-123')
    await keys.find(provider, undefined)
    const name = 'panelist.key.anthropic.default'
    secrets.values.set(name, (secrets.values.get(name) ?? '').replace('123', '456'))
    keys.reject(provider.id, 'default')
    assert.equal((await keys.find(provider, undefined)).value, 'sk-test-456')
    await keys.set(provider, undefined, 'sk-test-789')
    assert.equal((await keys.find(provider, undefined)).value, 'sk-test-789')
    await keys.remove(provider)
    assert.equal((await keys.find(provider, undefined)).value, undefined)
  })

  it('stored win over those of the environment', async () => {
    const { keys } = make({ ANTHROPIC_API_KEY: 'sk-env' })
    await keys.set(provider, undefined, 'sk-stored')
    assert.equal((await keys.find(provider, undefined)).value, 'sk-stored')
    await keys.remove(provider)
    assert.equal((await keys.find(provider, undefined)).value, 'sk-env')
  })

  it('are not needed for a server on this machine', async () => {
    const { keys } = make()
    assert.equal((await keys.find(provider, { baseUrl: 'http://127.0.0.1:4010' })).status, 'not-needed')
  })

  it('are said to be refused until another is set', async () => {
    const { keys } = make()
    await keys.set(provider, undefined, 'sk-wrong')
    keys.reject('anthropic', 'default')
    assert.equal((await keys.find(provider, undefined)).status, 'rejected')
    await keys.set(provider, undefined, 'sk-right')
    assert.equal((await keys.find(provider, undefined)).status, 'set')
  })

  it('that only lived in memory are said to be lost, and to be lost again when set anew', async () => {
    const { keys, secrets, state } = make()
    await keys.set(provider, undefined, 'sk-test-123')
    secrets.values.clear()
    const nextWindow = new Keys(secrets, state, {})
    assert.match((await nextWindow.find(provider, undefined)).why ?? '', /only in memory/)
    await nextWindow.set(provider, undefined, 'sk-test-123')
    assert.equal((await nextWindow.find(provider, undefined)).status, 'memory')
  })

  it('stand nowhere but in the secret storage', async () => {
    const { keys, state } = make()
    await keys.set(provider, undefined, 'sk-test-123')
    assert.equal(JSON.stringify([...state.values]).includes('sk-test'), false)
  })

  it('that cannot be one are told apart while they are typed', () => {
    for (const text of ['', '  ', 'two words', 'https://api.example/v1', 'short', 'schlüssel-mit-umlaut']) {
      assert.ok(keyProblem(text), text)
    }
    assert.equal(keyProblem(' sk-ant-api03-abcdef '), undefined)
  })
})
