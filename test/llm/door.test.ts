import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createProvider, providers } from '../../src/llm/index.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Message } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]
const signal = () => new AbortController().signal

describe('the door of the provider layer', () => {
  it('lists every provider once, with what a person needs to set it up', () => {
    const ids = providers.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const id of ['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible'])
      assert.ok(ids.includes(id))
    assert.deepEqual(providers.find(({ id }) => id === 'google')?.envVarsAlso, ['GOOGLE_API_KEY'])
    for (const { id, defaultBaseUrl, keyUrl, envVar, keyless } of providers) {
      // Servers of one's own have no address or no key that could be known.
      if (defaultBaseUrl === '' || keyless) continue
      assert.ok(defaultBaseUrl.startsWith('https://') && keyUrl && envVar, id)
    }
  })

  it('speaks the dialect that the connection names, whoever the provider is', async () => {
    const paths = {
      anthropic: '/v1/messages',
      'openai-responses': '/v1/responses',
      'openai-chat': '/v1/chat/completions',
    }
    await using server = await startScriptedServer((script) => script.json(500, {}))
    for (const id of ['compatible', 'my-gateway', 'litellm', 'openai']) {
      for (const dialect of ['anthropic', 'openai-responses', 'openai-chat'] as const) {
        const provider = createProvider(id, { baseUrl: `${server.origin}/v1`, dialect })
        const { message } = await gather(provider.stream({ model: 'm', messages }, signal()))
        assert.deepEqual(message.origin, { provider: id, dialect, model: 'm' })
        assert.equal(server.requests.at(-1)?.url, paths[dialect])
      }
    }
  })

  it('takes an unknown id as a compatible server where it has an address, and only there', async () => {
    await using server = await startScriptedServer(async (script) => {
      script.sse()
      const choice = { index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }
      await script.send(
        frame({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [choice] }) + frame('[DONE]'),
      )
      script.end()
    })
    for (const id of ['my-gateway', 'compatible']) {
      const provider = createProvider(id, { baseUrl: `${server.origin}/v1` })
      const { message } = await gather(provider.stream({ model: 'm', messages }, signal()))
      assert.equal(textOf(message.content), 'hi')
      assert.equal(message.origin.provider, id)
    }
    assert.equal(server.requests[0]?.url, '/v1/chat/completions')
    const isInvalid = (error: unknown) => error instanceof FailureError && /base URL/.test(error.failure.message)
    assert.throws(() => createProvider('my-gateway', {}), isInvalid)
    assert.throws(() => createProvider('compatible', {}), isInvalid)
    assert.throws(() => createProvider('compatible', { baseUrl: 'localhost:8080' }), isInvalid)
  })

  it('refuses a password in a base URL, and repeats nothing of the address', () => {
    const addresses = [
      'https://user:hunter2@host.example/v1',
      'https://hunter2@host.example',
      'https://user:hunter2/more@host.example',
      'user:hunter2@host.example',
      'https:\\\\user:hunter2@host.example',
    ]
    for (const id of ['compatible', 'anthropic', 'openai', 'google', 'ollama', 'my-gateway'])
      for (const baseUrl of addresses) {
        const refuses = (error: unknown) =>
          error instanceof FailureError &&
          error.failure.code === 'invalid-request' &&
          /password.*headers.*Set API Key/.test(error.failure.message) &&
          !/hunter2|host\.example/.test(`${error.failure.message} ${error.failure.detail}`)
        assert.throws(() => createProvider(id, { baseUrl }), refuses, baseUrl)
      }
    assert.doesNotThrow(() => createProvider('compatible', { baseUrl: 'https://host.example/@team/v1' }))
  })

  it('says that a key is missing before it sends anything', async () => {
    for (const id of ['anthropic', 'openai', 'google']) {
      const provider = createProvider(id, { fetch: () => assert.fail('nothing is sent') })
      const { stop } = await gather(provider.stream({ model: 'm', messages }, signal()))
      assert.ok(stop.kind === 'failed' && stop.failure.code === 'auth')
      await assert.rejects(provider.listModels(signal()), FailureError)
    }
  })

  it('loads no SDK until a provider is used', async () => {
    const probe = `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ load(url, context, next) { seen.push(url); return next(url, context) } })
      const { createProvider } = await import('./src/llm/index.ts')
      createProvider('anthropic', { apiKey: 'k' })
      createProvider('openai', { apiKey: 'k' })
      createProvider('google', { apiKey: 'k' })
      console.log(seen.some((url) => url.endsWith('repair.ts')), seen.filter((url) => url.includes('node_modules')).length)
    `
    const cwd = new URL('../..', import.meta.url)
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', probe], { cwd })
    assert.equal((await run).stdout.trim(), 'true 0')
  })
})
