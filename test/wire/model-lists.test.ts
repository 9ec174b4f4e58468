import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { Connection } from '../../src/llm/index.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Failure } from '../../src/shared/failure.ts'
import type { Script } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

const KEY = 'sk-canary-0123456789abcdef'

/** The ids that are listed, or why none are. */
async function list(
  id: string,
  answer: (script: Script) => void | Promise<void>,
  more: Connection = { apiKey: KEY },
  limit = 5000,
) {
  await using server = await startScriptedServer(answer)
  try {
    const provider = createProvider(id, { baseUrl: `${server.origin}/v1`, ...more })
    const models = await provider.listModels(AbortSignal.timeout(limit))
    return models.map((model) => model.id)
  } catch (error) {
    assert.ok(error instanceof FailureError)
    return error.failure
  }
}

const failed = (found: string[] | Failure): Failure => {
  assert.ok('code' in found, `listed ${JSON.stringify(found)}`)
  return found
}

const page = async (script: Script): Promise<void> => {
  script.head(200, { 'content-type': 'text/html' })
  await script.send('<html>Please sign in</html>')
  script.end()
}

describe('A list of models', () => {
  for (const id of ['anthropic', 'openai', 'openrouter', 'litellm', 'google', 'ollama', 'lab']) {
    it(`is not empty but wrong where a sign-in page is in its place: ${id}`, async () => {
      const { code, message } = failed(await list(id, page))
      assert.equal(code, 'malformed')
      assert.ok(!message.includes(KEY))
    })
  }

  for (const id of ['anthropic', 'openai', 'openrouter', 'litellm', 'google', 'ollama', 'lab'])
    for (const [what, say] of Object.entries<(script: Script) => unknown>({
      'has not begun': () => undefined,
      'is cut short': async (script) => {
        script.head(200, { 'content-type': 'application/json' })
        await script.send('{"data":[')
      },
    }))
      it(`is late, and not cancelled, where it ${what} when the time for it is over: ${id}`, async () => {
        const silent = async (script: Script): Promise<void> => void (await say(script))
        const { code, message } = failed(await list(id, silent, { apiKey: KEY }, 300))
        assert.equal(code, 'timeout', message)
        assert.match(message, /did not answer in time\. Try again/)
      })

  it('is wrong where another kind of server answers in JSON', async () => {
    for (const id of ['anthropic', 'openai', 'lab']) {
      assert.equal(failed(await list(id, (script) => script.json(200, { hello: 1 }))).code, 'malformed', id)
    }
  })

  it('may be empty, also where a server says null for none', async () => {
    assert.deepEqual(await list('lab', (script) => script.json(200, { object: 'list', data: [] })), [])
    assert.deepEqual(await list('lab', (script) => script.json(200, { object: 'list', data: null })), [])
  })
})

describe('The list of OpenRouter, which it gives to anyone,', () => {
  const answers =
    (status: number) =>
    (script: Script): void => {
      if (script.request.url === '/v1/models') return script.json(200, { data: [{ id: 'maker/model' }] })
      assert.equal(script.request.url, '/v1/key')
      assert.equal(script.request.headers['authorization'], `Bearer ${KEY}`)
      script.json(status, status === 200 ? { data: { label: 'mine' } } : { error: { message: 'no', code: status } })
    }

  it('is had with a key that is good, and refused with one that is not', async () => {
    assert.deepEqual(await list('openrouter', answers(200)), ['maker/model'])
    const { code, status } = failed(await list('openrouter', answers(401)))
    assert.deepEqual([code, status], ['auth', 401])
  })

  it('is had where a gateway does not know how keys are proven, and without a key', async () => {
    for (const status of [404, 500]) assert.deepEqual(await list('openrouter', answers(status)), ['maker/model'])
    assert.deepEqual(await list('openrouter', answers(401), {}), ['maker/model'])
  })
})
