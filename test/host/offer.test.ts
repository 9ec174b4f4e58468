import assert from 'node:assert/strict'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { readProviders } from '../../src/host/settings/providers.ts'
import { readModels, withEntries } from '../../src/host/settings/models.ts'
import type { ModelInfo } from '../../src/shared/model.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { noSettings } from './fakes.ts'

/** The connections of a window with these settings. */
function window(
  providers: unknown,
  { environment = {}, running = [] as string[] }: { environment?: Record<string, string>; running?: string[] } = {},
) {
  const problems: string[] = []
  const settings = { ...noSettings, providers: readProviders(providers, problems) }
  const keys = new Keys(new FakeSecrets(), new FakeMemento(), environment)
  const presence = { state: (id: string) => (running.includes(id) ? ('running' as const) : ('absent' as const)) }
  return { problems, keys, connections: new Connections({ keys, settings: () => settings, presence }) }
}

const ids = (connections: Connections) => connections.offered().map(({ id }) => id)
const statusOf = (connections: Connections, id: string) => connections.status(connections.info(id)!)

describe('the providers of a window', () => {
  it('are those built in that have an address, and every server the person named', () => {
    const { connections } = window({
      box: { baseUrl: 'http://127.0.0.1:9000/v1', label: 'My box' },
      groq: {},
      litellm: { baseUrl: 'http://127.0.0.1:4000' },
    })
    assert.deepEqual(ids(connections), [
      'anthropic',
      'openai',
      'google',
      'openrouter',
      'ollama',
      'litellm',
      'box',
      'groq',
    ])
    assert.equal(connections.info('box')?.label, 'My box')
    assert.equal(connections.endpoint(connections.info('groq')!), 'https://api.groq.com/openai/v1')
  })

  it('are not offered where they are switched off or have no address, and say so when asked all the same', async () => {
    const { connections } = window({ anthropic: { enabled: false }, mine: {} })
    assert.ok(!ids(connections).includes('anthropic'))
    assert.ok(!ids(connections).includes('mine'))
    assert.ok(connections.all().some(({ id }) => id === 'anthropic'))
    const off = await connections.open('anthropic')
    assert.ok('message' in off)
    assert.match(off.message, /Anthropic is switched off/)
    const nowhere = await connections.open('mine')
    assert.ok('message' in nowhere)
    assert.match(nowhere.message, /no address yet/)
    const unknown = await connections.open('nobody')
    assert.ok('message' in unknown)
    assert.match(unknown.message, /no provider named “nobody”/)
  })

  it('need a key where their service takes nobody without one, and none where it is the person’s own', async () => {
    const { connections } = window({
      box: { baseUrl: 'https://box.example/v1' },
      groq: {},
      litellm: { baseUrl: 'https://gate.example' },
    })
    assert.equal(await statusOf(connections, 'anthropic'), 'missing')
    assert.equal(await statusOf(connections, 'groq'), 'missing')
    assert.equal(await statusOf(connections, 'box'), 'not-needed')
    assert.equal(await statusOf(connections, 'litellm'), 'not-needed')
  })

  it('that need no key are there only while they run', async () => {
    assert.equal(await statusOf(window({}).connections, 'ollama'), 'absent')
    assert.equal(await statusOf(window({}, { running: ['ollama'] }).connections, 'ollama'), 'not-needed')
  })

  it('take the environment’s key for a gateway of the person’s own', async () => {
    const environment = { LITELLM_API_KEY: 'sk-gateway', BOX_KEY: 'sk-box-123' }
    const { connections } = window(
      {
        litellm: { baseUrl: 'https://gate.example' },
        box: { baseUrl: 'https://box.example', environmentVariable: 'BOX_KEY' },
      },
      { environment },
    )
    assert.equal(await statusOf(connections, 'litellm'), 'environment')
    assert.equal((await connections.standing(connections.info('box')!)).envVar, 'BOX_KEY')
  })

  it('speak the dialect the settings name, at the address they name', async () => {
    const server = await startScriptedServer((script) => script.json(200, { data: [], has_more: false }))
    try {
      const { connections } = window({ box: { baseUrl: server.origin, dialect: 'anthropic' } })
      const connected = await connections.open('box')
      assert.ok('provider' in connected)
      await connected.provider.listModels(AbortSignal.timeout(5000))
      assert.match(server.requests[0]?.url ?? '', /^\/v1\/models/)
      assert.ok(server.requests[0]?.headers['anthropic-version'])
    } finally {
      await server.close()
    }
  })

  it('leave out what cannot be used of their settings, and say so', () => {
    const { problems, connections } = window({ 'a/b': {}, x: 3, y: { baseUrl: 'nowhere', dialect: 'klingon' } })
    assert.equal(problems.length, 4)
    assert.match(problems.join('\n'), /“a\/b” in panelist\.providers is no usable name/)
    assert.match(problems.join('\n'), /panelist\.providers\.y\.dialect must be one of/)
    assert.equal(connections.endpoint(connections.info('y')!), 'http://invalid.invalid')
  })
})

describe('panelist.models', () => {
  const listed: ModelInfo[] = [
    { id: 'a', provider: 'p', name: 'A', contextWindow: 1000, guessed: true, price: { input: 1 }, source: 'provider' },
    { id: 'b', provider: 'p', name: 'B', source: 'provider' },
  ]

  it('win over what the list tells, and leave the rest as it is', () => {
    const problems: string[] = []
    const entries = readModels(
      [{ provider: 'p', id: 'a', name: 'Mine', contextWindow: 5, images: true, price: { output: 2 } }, { id: 'x' }, 7],
      problems,
    )
    const [a, b] = withEntries(listed, entries)
    assert.deepEqual(a, {
      id: 'a',
      provider: 'p',
      name: 'Mine',
      contextWindow: 5,
      images: true,
      price: { output: 2 },
      source: 'settings',
    })
    assert.deepEqual(b, listed[1])
    assert.equal(problems.length, 2)
    assert.match(problems[0] ?? '', /Entry 2 of panelist\.models needs a provider and an id/)
  })

  it('add models no list knows, and names of the person’s own for those one knows', () => {
    const entries = readModels(
      [
        { provider: 'p', id: 'new', maxOutputTokens: 7 },
        { provider: 'p', id: 'fast', model: 'a' },
      ],
      [],
    )
    const [first, fast] = withEntries(listed, entries)
    assert.deepEqual(first, { id: 'new', provider: 'p', name: 'new', maxOutputTokens: 7, source: 'settings' })
    assert.equal(fast?.requestAs, 'a')
    assert.equal(fast?.snapshot, 'a')
    assert.equal(fast?.contextWindow, 1000)
    assert.deepEqual(fast?.price, { input: 1 })
  })
})
