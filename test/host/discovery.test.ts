import assert from 'node:assert/strict'
import type { DiscoveryPorts, Found } from '../../src/host/discovery/discover.ts'
import { discover } from '../../src/host/discovery/discover.ts'
import { knownServers } from '../../src/host/discovery/known-servers.ts'
import { providers } from '../../src/llm/registry.ts'
import type { ProviderInfo } from '../../src/llm/types.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { SteadyTime } from '../harness/steady.ts'
import * as fake from './fake-local-servers.ts'

const never = new AbortController().signal
const deepseek: ProviderInfo = {
  id: 'deepseek',
  label: 'DeepSeek',
  dialect: 'openai-chat',
  envVar: 'DEEPSEEK_API_KEY',
  defaultBaseUrl: 'https://api.deepseek.com/v1',
}

const find = (ports: Partial<DiscoveryPorts>, signal = never): Promise<Found[]> =>
  discover(
    { environment: {}, providers, vscodeModels: async () => 0, addresses: {}, limits: { server: 5000 }, ...ports },
    signal,
  )

describe('what is already there on the first day', () => {
  const started: ScriptedServer[] = []
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.close()))
  })

  /** Servers in the places of the known ones. */
  async function running(handlers: Record<string, Handler>): Promise<Record<string, string>> {
    const addresses: Record<string, string> = {}
    for (const [provider, handler] of Object.entries(handlers)) {
      const server = await startScriptedServer(handler)
      started.push(server)
      addresses[provider] = server.origin
    }
    return addresses
  }

  const host = (origin: string | undefined): string => new URL(origin ?? '').host

  it('is nothing where there is nothing', async () => {
    assert.deepEqual(await find({}), [])
  })

  describe('in the environment', () => {
    it('is also a provider whose tools read another variable where the first is not set', async () => {
      const [found] = await find({ environment: { GOOGLE_API_KEY: 'AIza-1' } })
      assert.deepEqual([found?.provider, found?.detail], ['google', 'GOOGLE_API_KEY is set in the environment'])
    })

    it('is each provider whose key is set there, named by its variable', async () => {
      const found = await find({ environment: { OPENROUTER_API_KEY: 'sk-or-1', ANTHROPIC_API_KEY: 'sk-ant-1' } })
      assert.deepEqual(found, [
        {
          kind: 'environment',
          provider: 'anthropic',
          label: 'Anthropic',
          detail: 'ANTHROPIC_API_KEY is set in the environment',
          models: 0,
        },
        {
          kind: 'environment',
          provider: 'openrouter',
          label: 'OpenRouter',
          detail: 'OPENROUTER_API_KEY is set in the environment',
          models: 0,
        },
      ])
    })

    it('never shows a key', async () => {
      const environment = Object.fromEntries(providers.map(({ envVar = 'NONE' }) => [envVar, 'KEY-CANARY']))
      const found = await find({ environment })
      assert.ok(found.length >= 4)
      assert.doesNotMatch(JSON.stringify(found), /CANARY/)
    })

    it('is no variable that is empty, and no provider without an address to send the key to', async () => {
      const environment = { ANTHROPIC_API_KEY: '', OPENAI_API_KEY: '  ', LITELLM_API_KEY: 'sk-1', NONE: 'x' }
      assert.deepEqual(await find({ environment }), [])
    })

    it('is a service that is not built in, with what the settings need to have it', async () => {
      const [found] = await find({ environment: { DEEPSEEK_API_KEY: 'sk-1' }, presets: [deepseek] })
      assert.deepEqual(found?.setting, {
        id: 'deepseek',
        value: { label: 'DeepSeek', baseUrl: 'https://api.deepseek.com/v1' },
      })
    })
  })

  describe('running on this machine', () => {
    const servers: [string, string, Handler, number][] = [
      ['lmstudio', 'LM Studio', fake.lmStudio(2), 2],
      ['llamacpp', 'llama.cpp', fake.llamaCpp(1), 1],
      ['vllm', 'vLLM', fake.vllm(2), 2],
      ['jan', 'Jan', fake.jan(3), 3],
    ]

    it('is Ollama, which needs no setting', async () => {
      const addresses = await running({ ollama: fake.ollama(3) })
      assert.deepEqual(await find({ addresses }), [
        {
          kind: 'running',
          provider: 'ollama',
          label: 'Ollama',
          detail: `Ollama runs on ${host(addresses.ollama)} with 3 models`,
          models: 3,
        },
      ])
    })

    for (const [provider, label, handler, models] of servers) {
      it(`is ${label}, with the setting that adds it`, async () => {
        const addresses = await running({ [provider]: handler })
        const count = models === 1 ? '1 model' : `${models} models`
        assert.deepEqual(await find({ addresses }), [
          {
            kind: 'running',
            provider,
            label,
            detail: `${label} runs on ${host(addresses[provider])} with ${count}`,
            setting: { id: provider, value: { label, baseUrl: `${addresses[provider]}/v1` } },
            models,
          },
        ])
      })
    }

    it('is also a server that has no model yet', async () => {
      const empty = {
        ollama: fake.ollama(0),
        lmstudio: fake.lmStudio(0, 1),
        llamacpp: fake.llamaCpp(0),
        jan: fake.jan(0),
      }
      const addresses = await running(empty)
      const found = await find({ addresses })
      assert.deepEqual(
        found.map(({ provider, models }) => [provider, models]),
        Object.keys(empty).map((provider) => [provider, 0]),
      )
      assert.match(found[0]?.detail ?? '', /^Ollama runs on 127\.0\.0\.1:\d+ and has no model yet$/)
    })

    it('is told from every other server that listens in its place', async () => {
      const others: Record<string, Handler> = {
        ...Object.fromEntries(servers.map(([provider, , handler]) => [provider, handler])),
        ollama: fake.ollama(),
        somebody: fake.somebodyElse,
      }
      for (const { provider } of knownServers) {
        for (const [other, handler] of Object.entries(others)) {
          if (other === provider) continue
          assert.deepEqual(
            await find({ addresses: await running({ [provider]: handler }) }),
            [],
            `${other} at ${provider}`,
          )
        }
      }
    })

    it('is nothing that answers with garbage, with too much, with an error or not at all', async () => {
      const { origin } = await startHere(fake.ollama())
      const bad: Record<string, Handler> = {
        'no JSON': fake.garbage('<html>Hello</html>'),
        nothing: fake.garbage(''),
        null: fake.garbage('null'),
        'a list of nothing': fake.garbage('{"object":"list","data":[null,7,{"id":7}],"models":{},"version":1}'),
        'half of it': fake.garbage('{"object":"list","data":[{"id":"a","owned_by":"vllm"'),
        'an error': fake.answering({}, 500),
        'a closed door': fake.answering({}, 401),
        'a dropped connection': fake.dropping,
        'too much': fake.tooLong(fake.ollama(), 1024 * 1024),
        'a redirect': fake.redirecting(origin),
      }
      for (const [name, handler] of Object.entries(bad)) {
        const addresses = await running(Object.fromEntries(knownServers.map(({ provider }) => [provider, handler])))
        assert.deepEqual(await find({ addresses }), [], name)
        await Promise.all(started.splice(1).map((server) => server.close()))
      }
    })

    it('is found although its answer is as long as it may be', async () => {
      const addresses = await running({ ollama: fake.tooLong(fake.ollama(), 900_000) })
      assert.equal((await find({ addresses })).length, 1)
    })

    it('is not waited for beyond the limit where it is silent, and all are asked at once', async () => {
      const handlers = { ollama: fake.silent, lmstudio: fake.stuck, llamacpp: fake.silent, vllm: fake.vllm() }
      const addresses = { ...(await running(handlers)), jan: await nobody() }
      using time = new SteadyTime()
      const before = performance.now()
      const found = await find({ addresses, limits: { server: 600 } })
      const took = time.between(before)
      assert.deepEqual(
        found.map(({ provider }) => provider),
        ['vllm'],
      )
      // One after the other, the three silent ones would take three limits.
      assert.ok(took < 1500, `${took} ms`)
      assert.ok(performance.now() - before > 500)
    })

    it('is asked without a key, a cookie or a header that others lack', async () => {
      const server = await startHere(fake.ollama())
      const environment = { OLLAMA_API_KEY: 'KEY-CANARY', ANTHROPIC_API_KEY: 'KEY-CANARY' }
      await find({ addresses: { ollama: server.origin }, environment })
      assert.equal(server.requests.length, 2)
      for (const { method, headers, body } of server.requests) {
        assert.equal(method, 'GET')
        assert.equal(body, '')
        for (const name of ['authorization', 'x-api-key', 'cookie']) assert.equal(headers[name], undefined)
        assert.doesNotMatch(JSON.stringify(headers), /CANARY/)
      }
    })

    it('is never an address of another machine', async () => {
      const asked: string[] = []
      const send: typeof fetch = async (input) => {
        asked.push(String(input))
        return Response.json({ version: '1', models: [] })
      }
      for (const ollama of [
        'http://192.168.0.2:11434',
        'http://localhost.example:11434',
        'https://127.0.0.1.example',
        'nonsense',
      ]) {
        assert.deepEqual(await find({ addresses: { ollama }, fetch: send }), [])
      }
      assert.deepEqual(asked, [])
      assert.equal((await find({ addresses: { ollama: 'http://localhost:1' }, fetch: send })).length, 1)
    })

    it('is asked for at its usual address where no other is given, and on this machine only', async () => {
      const asked: string[] = []
      const send: typeof fetch = async (input) => {
        asked.push(new URL(String(input)).origin)
        throw new TypeError('fetch failed')
      }
      await discover({ environment: {}, providers, vscodeModels: async () => 0, fetch: send }, never)
      const ports = [11434, 1234, 8080, 8000, 1337]
      assert.deepEqual(
        [...new Set(asked)],
        ports.map((port) => `http://localhost:${port}`),
      )
    })
  })

  describe('in the editor', () => {
    it('is its own models, counted', async () => {
      assert.deepEqual(await find({ vscodeModels: async () => 2 }), [
        {
          kind: 'editor',
          provider: 'vscode',
          label: 'VS Code',
          detail: 'The editor itself offers 2 models',
          models: 2,
        },
      ])
      assert.equal((await find({ vscodeModels: async () => 1 }))[0]?.detail, 'The editor itself offers 1 model')
    })

    it('is nothing where the editor fails or does not answer', async () => {
      const failing = [
        () => Promise.reject(new Error('no')),
        () => assert.fail('no'),
        () => new Promise<number>(() => {}),
      ]
      for (const vscodeModels of failing) assert.deepEqual(await find({ vscodeModels, limits: { editor: 30 } }), [])
    })
  })

  it('comes in the same order, whoever answers first', async () => {
    const late =
      (handler: Handler, milliseconds: number): Handler =>
      async (script) => {
        await script.pause(milliseconds)
        await handler(script)
      }
    const handlers = { ollama: late(fake.ollama(), 60), lmstudio: late(fake.lmStudio(), 30), jan: fake.jan() }
    const found = await find({
      addresses: await running(handlers),
      environment: { GEMINI_API_KEY: 'x', OPENAI_API_KEY: 'x', DEEPSEEK_API_KEY: 'x' },
      presets: [deepseek],
      vscodeModels: async () => 4,
    })
    assert.deepEqual(
      found.map(({ provider }) => provider),
      ['openai', 'google', 'deepseek', 'ollama', 'lmstudio', 'jan', 'vscode'],
    )
  })

  it('stops at once when nobody wants to know any more', async () => {
    const server = await startHere(fake.silent)
    const stop = new AbortController()
    const looking = find({ addresses: { ollama: server.origin }, limits: { server: 5000 } }, stop.signal)
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    stop.abort()
    await assert.rejects(looking, { name: 'AbortError' })
    assert.equal((await server.requests[0]?.closed)?.aborted, true)
    await assert.rejects(find({}, AbortSignal.abort()), { name: 'AbortError' })
  })

  async function startHere(handler: Handler): Promise<ScriptedServer> {
    const server = await startScriptedServer(handler)
    started.push(server)
    return server
  }
})

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const server = await startScriptedServer(() => undefined)
  await server.close()
  return server.origin
}
