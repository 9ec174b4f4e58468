import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connections } from '../../src/host/connections.ts'
import { providerInfo } from '../../src/llm/registry.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import type { ProviderSettings } from '../../src/host/settings.ts'
import { openStore } from '../../src/store/open.ts'
import type { Script } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { noSettings } from './fakes.ts'

const secrets = {
  get: () => Promise.resolve(undefined),
  keys: () => Promise.resolve([]),
  store: () => Promise.resolve(),
  delete: () => Promise.resolve(),
  onDidChange: () => ({ dispose() {} }),
}
const state = {
  keys: () => [],
  get: (_: string, fallback?: unknown) => fallback as never,
  update: () => Promise.resolve(),
}
const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const anthropic = providerInfo('anthropic')!

describe('model lists', () => {
  /** Models of one Anthropic endpoint; each change is answered by asking for the groups again, as a panel does. */
  async function listing(
    answer: (script: Script) => void,
    run: (models: Models, asked: () => number) => Promise<void>,
    more: ProviderSettings = {},
  ) {
    const server = await startScriptedServer(answer)
    const providers: Record<string, ProviderSettings> = { anthropic: { baseUrl: server.origin, ...more } }
    const settings = () => ({ ...noSettings, providers })
    const { store } = openStore({ path: join(mkdtempSync(join(tmpdir(), 'panelist-')), 'panelist.db') })
    const connections = new Connections({ keys: new Keys(secrets, state, {}), settings })
    const models: Models = new Models({
      connections,
      settings,
      store: () => store,
      log,
      changed: () => void models.groups(false),
    })
    try {
      await run(models, () => server.requests.length)
    } finally {
      store.close()
      await server.close()
    }
  }

  it('that fail are not asked for again without end, although every failure is told', async () => {
    const refuse = (script: Script) =>
      script.json(401, { type: 'error', error: { type: 'authentication_error', message: 'no' } })
    await listing(refuse, async (models, asked) => {
      await models.groups(false)
      await models.refresh(anthropic)
      await new Promise((resolve) => setTimeout(resolve, 300))
      assert.equal(asked(), 1)
      assert.equal((await models.failure(anthropic))?.code, 'auth')
      assert.equal(await models.firstChoice(anthropic, false), undefined)
      assert.equal(asked(), 1)
    })
  })

  it('that are told while the catalogue is read stay', async () => {
    const { store } = openStore({ path: join(mkdtempSync(join(tmpdir(), 'panelist-')), 'panelist.db') })
    const settings = () => noSettings
    const connections = new Connections({ keys: new Keys(secrets, state, {}), settings })
    const empty = { ...store, modelCache: { get: () => undefined, set: () => undefined } }
    const one = { id: 'one', provider: 'anthropic', name: 'One', source: 'provider' as const }
    // Whoever looks at the list does so at any moment of that.
    for (let moment = 0; moment < 60; moment++) {
      const models = new Models({ connections, settings, store: () => empty, log, changed: () => undefined })
      const told = models.learn(anthropic, [one])
      for (let passed = 0; passed < moment; passed++) await undefined
      await Promise.all([models.list(anthropic), told])
      const ids = (await models.list(anthropic)).models.map(({ id }) => id)
      assert.deepEqual(ids, ['one'], `looked at after ${moment} moments`)
    }
    store.close()
  })

  it('of a demonstration cost nothing, also those that no list names', async () => {
    const list = { data: [{ type: 'model', id: 'one', display_name: 'One' }], has_more: false }
    await listing(
      (script) => script.json(200, list),
      async (models) => {
        await models.refresh(anthropic)
        assert.deepEqual((await models.info('anthropic', 'one'))?.price, { input: 0, output: 0 })
        assert.deepEqual((await models.info('anthropic', 'other'))?.price, { input: 0, output: 0 })
      },
      { demo: true },
    )
    await listing(
      (script) => script.json(200, list),
      async (models) => {
        await models.refresh(anthropic)
        assert.equal((await models.info('anthropic', 'one'))?.price, undefined)
      },
    )
  })

  it('are kept, and name no price that belongs to another endpoint', async () => {
    const listed = {
      type: 'model',
      id: 'claude-sonnet-4-5',
      display_name: 'Claude Sonnet 4.5',
      created_at: '2026-01-01T00:00:00Z',
    }
    const answer = (script: Script) => script.json(200, { data: [listed], has_more: false })
    await listing(answer, async (models, asked) => {
      assert.equal(await models.firstChoice(anthropic, true), 'claude-sonnet-4-5')
      const info = await models.info('anthropic', 'claude-sonnet-4-5')
      assert.equal(info?.price, undefined)
      await models.groups(false)
      assert.equal(asked(), 1)
    })
  })
})
