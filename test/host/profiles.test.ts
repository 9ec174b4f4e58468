import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ENVIRONMENT, Keys, profileProblem } from '../../src/host/keys.ts'
import type { ProviderInfo } from '../../src/llm/types.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'

const provider: ProviderInfo = {
  id: 'google',
  label: 'Google Gemini',
  dialect: 'google',
  envVar: 'GEMINI_API_KEY',
  envVarsAlso: ['GOOGLE_API_KEY'],
  keyUrl: 'https://keys.example',
  defaultBaseUrl: 'https://api.example',
}

function make(environment: Record<string, string> = {}) {
  const secrets = new FakeSecrets()
  const state = new FakeMemento()
  return { secrets, state, keys: new Keys(secrets, state, environment) }
}

const names = async (keys: Keys) => (await keys.profiles(provider, undefined)).map(({ name }) => name)
const inUse = async (keys: Keys) =>
  (await keys.profiles(provider, undefined)).filter((profile) => profile.inUse).map(({ name }) => name)

describe('several keys of one provider', () => {
  it('are kept apart, and each is found by its name', async () => {
    const { keys, secrets } = make()
    await keys.set(provider, undefined, 'sk-first-1')
    await keys.set(provider, undefined, 'sk-work-22', 'work')
    assert.deepEqual([...secrets.values.keys()].sort(), ['panelist.key.google.default', 'panelist.key.google.work'])
    assert.equal((await keys.find(provider, undefined, 'work')).value, 'sk-work-22')
    assert.equal((await keys.find(provider, undefined)).value, 'sk-first-1')
    assert.deepEqual(await names(keys), ['default', 'work'])
  })

  it('have one default, which the person can change, and which survives a restart', async () => {
    const { keys, secrets, state } = make({ GEMINI_API_KEY: 'sk-env-123' })
    await keys.set(provider, undefined, 'sk-first-1')
    await keys.set(provider, undefined, 'sk-work-22', 'work')
    assert.deepEqual(await inUse(keys), ['default'])
    await keys.prefer(provider.id, 'work')
    assert.deepEqual(await inUse(keys), ['work'])
    const next = new Keys(secrets, state, { GEMINI_API_KEY: 'sk-env-123' })
    assert.equal((await next.find(provider, undefined)).profile, 'work')
    await next.prefer(provider.id, ENVIRONMENT)
    assert.equal((await next.find(provider, undefined)).value, 'sk-env-123')
  })

  it('fall back to what is there when the default is removed', async () => {
    const { keys } = make()
    await keys.set(provider, undefined, 'sk-first-1')
    await keys.set(provider, undefined, 'sk-work-22', 'work')
    await keys.prefer(provider.id, 'work')
    await keys.remove(provider, 'work')
    assert.deepEqual(await names(keys), ['default'])
    assert.equal((await keys.find(provider, undefined)).value, 'sk-first-1')
  })

  it('never stand in for one that was asked for by name and is not there', async () => {
    const { keys } = make({ GEMINI_API_KEY: 'sk-env-123' })
    await keys.set(provider, undefined, 'sk-first-1')
    const found = await keys.find(provider, undefined, 'work')
    assert.deepEqual([found.status, found.value], ['missing', undefined])
    assert.match(found.why ?? '', /no key named “work” for Google Gemini/)
  })

  it('are refused one by one', async () => {
    const { keys } = make()
    await keys.set(provider, undefined, 'sk-first-1')
    await keys.set(provider, undefined, 'sk-work-22', 'work')
    assert.equal(keys.reject(provider.id, 'work'), true)
    assert.equal((await keys.find(provider, undefined, 'work')).status, 'rejected')
    assert.equal((await keys.find(provider, undefined)).status, 'set')
  })

  it('of the environment are one more, read from any of the provider’s variables', async () => {
    const { keys } = make({ GOOGLE_API_KEY: ' sk-second-var ' })
    const found = await keys.find(provider, undefined)
    assert.deepEqual([found.value, found.envVar, found.profile], ['sk-second-var', 'GOOGLE_API_KEY', ENVIRONMENT])
    assert.deepEqual(await keys.profiles(provider, undefined), [
      { name: ENVIRONMENT, status: 'environment', inUse: true, envVar: 'GOOGLE_API_KEY' },
    ])
  })

  it('are found by what the secret storage holds, although VS Code has not written down yet that they were set', async () => {
    const { keys, secrets } = make()
    await keys.set(provider, undefined, 'sk-first-1')
    await keys.set(provider, undefined, 'sk-work-22', 'work')
    const next = new Keys(secrets, new FakeMemento(), {})
    assert.equal((await next.find(provider, undefined)).value, 'sk-first-1')
    assert.deepEqual(await names(next), ['default', 'work'])
  })

  it('go to no origin but their own, whatever was set where', async () => {
    const origins = fc.constantFrom('https://api.example', 'https://gateway.example', 'http://127.0.0.1:4000')
    const profile = fc.constantFrom('default', 'work', 'personal')
    const set = fc.record({ origin: origins, profile })
    await fc.assert(
      fc.asyncProperty(fc.array(set, { maxLength: 8 }), origins, fc.option(profile), async (sets, asked, named) => {
        const { keys } = make({ GEMINI_API_KEY: 'env@https://api.example' })
        for (const { origin, profile } of sets) {
          await keys.set(provider, { baseUrl: origin }, `${profile}@${origin}`, profile)
        }
        const { value } = await keys.find(provider, { baseUrl: asked }, named ?? undefined)
        if (value !== undefined) assert.ok(value.endsWith(`@${asked}`), `${value} sent to ${asked}`)
      }),
    )
  })

  it('that are not there cost one question to the secret storage, not one for each provider and view', async () => {
    const { keys, secrets } = make()
    for (let time = 0; time < 20; time++) assert.equal((await keys.find(provider, undefined)).status, 'missing')
    assert.equal(secrets.listed, 1)
    secrets.change('panelist.key.google.default', JSON.stringify({ key: 'sk-new-1', origin: 'https://api.example' }))
    assert.equal((await keys.find(provider, undefined)).value, 'sk-new-1')
  })

  it('that are not there hold up nobody who needs none, and are found once another window has set one', async () => {
    const { keys, secrets } = make()
    const local = { ...provider, keyless: true as const }
    assert.equal((await keys.find(local, undefined)).status, 'not-needed')
    const { now } = performance
    performance.now = () => now.call(performance) + 5_000
    const { promise, resolve } = Promise.withResolvers<string[]>()
    secrets.keys = () => promise
    assert.equal((await keys.find(local, undefined)).status, 'not-needed')
    const name = 'panelist.key.google.default'
    secrets.values.set(name, JSON.stringify({ key: 'sk-new-1', origin: 'https://api.example' }))
    const asked = keys.find(provider, undefined)
    resolve([name])
    assert.equal((await asked).value, 'sk-new-1')
    performance.now = now
  })

  it('have names that can be told apart and stored', () => {
    for (const name of ['', ' ', 'two words', 'a/b', 'a.b', 'Environment', 'x'.repeat(31)]) {
      assert.ok(profileProblem(name), name)
    }
    for (const name of ['work', 'personal-2', 'A_b']) assert.equal(profileProblem(name), undefined, name)
  })
})
