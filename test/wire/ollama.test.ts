import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ChatRequest, Connection, Provider } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { AssistantMessage, Message } from '../../src/shared/message.ts'
import { last, line } from '../harness/formats/ollama.ts'
import type { Gathered } from '../harness/contract.ts'
import { gather } from '../harness/contract.ts'
import { pieces } from '../harness/openai-arbitraries.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

const plays =
  (...lines: string[]): Handler =>
  async (script) => {
    script.head(200, { 'content-type': 'application/x-ndjson' })
    await script.send(lines.join(''))
    script.end()
  }

const hi: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }

type Asked = Gathered & { server: ScriptedServer; bodies: JsonObject[] }

/** Asks once; each request gets the next answer. */
async function ask(
  answers: Handler[],
  request: Partial<ChatRequest> = {},
  connection: Connection = {},
): Promise<Asked> {
  let served = 0
  await using server = await startScriptedServer((script) => answers[Math.min(served++, answers.length - 1)]?.(script))
  const provider = createProvider('ollama', { baseUrl: server.origin, ...connection })
  const asked = { model: 'm', messages: [hi], ...request }
  const gathered = await gather(provider.stream(asked, new AbortController().signal))
  return { ...gathered, server, bodies: server.requests.map((each) => each.json() as JsonObject) }
}

describe('An Ollama answer', () => {
  it('comes as thinking, text, calls and counts, under the model that answered', async () => {
    const call = { function: { name: 'weather', arguments: { city: 'Köln' } } }
    const { message, stop } = await ask([
      plays(
        line({ thinking: 'Let me ' }),
        line({ thinking: 'see.' }),
        line({ content: 'I look.' }),
        line({ tool_calls: [call, { id: 'call_x', function: { index: 1, name: 'time', arguments: {} } }] }),
        last(),
      ),
    ])
    assert.deepEqual(stop, { kind: 'tools', raw: 'stop' })
    assert.equal(message.origin.model, 'gpt-test')
    assert.deepEqual(
      message.content.map((block) => ('text' in block ? [block.type, block.text] : [block.type])),
      [['thinking', 'Let me see.'], ['text', 'I look.'], ['tool-call'], ['tool-call']],
    )
    const [, , first, second] = message.content
    assert.ok(first?.type === 'tool-call' && second?.type === 'tool-call')
    assert.deepEqual([first.name, first.input, first.json], ['weather', { city: 'Köln' }, '{"city":"Köln"}'])
    assert.match(first.id, /^call_/)
    assert.equal(second.id, 'call_x')
    const { wire, ...counts } = message.usage
    assert.deepEqual(counts, { input: 11, output: 7, cacheRead: 0, cacheWrite: 0 })
    assert.deepEqual(wire, { prompt_eval_count: 11, eval_count: 7, total_duration: 5 })
  })

  const stops: [JsonObject, number | undefined, Gathered['stop']][] = [
    [{}, undefined, { kind: 'done', raw: 'stop' }],
    [{ done_reason: 'length' }, 7, { kind: 'limit', of: 'output', raw: 'length' }],
    [{ done_reason: 'length' }, undefined, { kind: 'limit', of: 'context', raw: 'length' }],
    [{ done_reason: 'load' }, undefined, { kind: 'done', raw: 'load' }],
  ]
  for (const [more, maxOutputTokens, expected] of stops) {
    it(`that ends by ${JSON.stringify(expected)} says so`, async () => {
      const limit = maxOutputTokens === undefined ? {} : { maxOutputTokens }
      const { stop } = await ask([plays(line({ content: 'a' }), last(more))], limit)
      assert.deepEqual(stop, expected)
    })
  }

  it('is counted by us where the server does not count', async () => {
    const end = last({ prompt_eval_count: undefined as never, eval_count: undefined as never })
    const { message } = await ask([plays(line({ content: 'abcdefgh' }), end)])
    assert.equal(message.usage.estimated, true)
    assert.equal(message.usage.output, 2)
  })

  it('shows an image that the model made', async () => {
    const { message } = await ask([plays(line({ images: ['iVBORw0KGgo='] }), last())])
    assert.deepEqual(message.content, [{ type: 'file', media: { mediaType: 'image/png', data: 'iVBORw0KGgo=' } }])
  })

  it('goes back to the server exactly as it came, however its bytes were cut', async function () {
    this.timeout(180_000)
    let next: { bytes: string; sizes: readonly number[] } = { bytes: '', sizes: [] }
    await using server = await startScriptedServer(async (script) => {
      script.head(200, { 'content-type': 'application/x-ndjson' })
      await script.cut(next.bytes, next.sizes)
      script.end()
    })
    const provider = createProvider('ollama', { baseUrl: server.origin })
    const asking = (messages: Message[], bytes: string, sizes: readonly number[]) => {
      next = { bytes, sizes }
      return gather(provider.stream({ model: 'm', messages }, new AbortController().signal))
    }
    const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    const call = fc.record(
      {
        id: fc.stringMatching(/^call_[a-z0-9]{8}$/),
        function: fc.record(
          {
            name: fc.stringMatching(/^[a-z_]{1,9}$/),
            arguments: fc.dictionary(words, fc.jsonValue({ maxDepth: 2 })),
            index: fc.nat(3),
          },
          { requiredKeys: ['name', 'arguments'] },
        ),
        type: fc.constant('function'),
      },
      { requiredKeys: ['function'] },
    )
    const answer = fc.record({
      thinking: fc.option(words),
      content: words,
      calls: fc.uniqueArray(call, { maxLength: 3, selector: ({ id }) => id ?? fc.sample(fc.uuid(), 1)[0] }),
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 })
    const property = fc.asyncProperty(answer, fc.integer({ min: 1, max: 9 }), cuts, async (given, size, sizes) => {
      const { thinking, content, calls } = JSON.parse(JSON.stringify(given)) as {
        thinking: string | null
        content: string
        calls: JsonObject[]
      }
      const bytes = [
        ...pieces(thinking ?? '', size).map((text) => line({ thinking: text })),
        ...pieces(content, size).map((text) => line({ content: text })),
        ...calls.map((each) => line({ tool_calls: [each] })),
        last(),
      ].join('')
      const { message } = await asking([hi], bytes, sizes)
      const stored = JSON.parse(JSON.stringify(message)) as AssistantMessage
      await asking([hi, stored, hi], last(), [9999])
      const sent = server.requests.at(-1)?.json() as { messages: JsonObject[] }
      const expected = {
        role: 'assistant',
        content,
        ...(thinking !== null && { thinking }),
        ...(calls.length > 0 && { tool_calls: calls }),
      }
      assert.deepEqual(sent.messages[1], expected)
    })
    await fc.assert(property, { numRuns: 80 })
  })
})

describe('A request to Ollama', () => {
  it('holds the system prompt, images, tools and their results as the server takes them', async () => {
    const image = { type: 'file', media: { mediaType: 'image/png', data: 'iVBORw==' } } as const
    const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'c' }
    const answer: Message = {
      role: 'assistant',
      origin,
      stop: { kind: 'tools' },
      usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      content: [
        { type: 'thinking', text: 'secret', wire: { set: { signature: 's' } } },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', id: 'toolu_1', name: 'see', ranBy: 'host', json: '{"at":1}', input: { at: 1 } },
      ],
    }
    const result: Message = {
      role: 'tool',
      content: [{ type: 'tool-result', callId: 'toolu_1', name: 'see', ranBy: 'host', output: [image] }],
    }
    const { bodies } = await ask([plays(last())], {
      system: 'Be brief.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }, image] }, answer, result],
      tools: [{ name: 'see', description: 'Sees', inputSchema: { type: 'object' } }],
      maxOutputTokens: 100,
      temperature: 0.5,
      thinking: 'high',
    })
    const { messages, ...rest } = bodies[0] as { messages: JsonObject[] }
    assert.deepEqual(rest, {
      model: 'm',
      stream: true,
      truncate: false,
      shift: false,
      think: 'high',
      tools: [{ type: 'function', function: { name: 'see', description: 'Sees', parameters: { type: 'object' } } }],
      options: { num_predict: 100, temperature: 0.5 },
    })
    const id = (messages[2]?.tool_calls as JsonObject[])[0]?.id
    assert.deepEqual(messages, [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Look', images: ['iVBORw=='] },
      { role: 'assistant', content: 'I look.', tool_calls: [{ id, function: { name: 'see', arguments: { at: 1 } } }] },
      { role: 'tool', content: 'The result follows as a file.', tool_name: 'see', tool_call_id: id },
      { role: 'user', content: 'Files from the result of see:', images: ['iVBORw=='] },
    ])
  })

  it('leaves the level of thinking out for a model without levels, and thinking for one that does not think', async () => {
    const refuse =
      (error: string): Handler =>
      (script) =>
        script.json(400, { error })
    const { bodies, stop } = await ask(
      [
        refuse('think value "low" is not supported for this model'),
        refuse('"m2" does not support thinking'),
        plays(last()),
      ],
      { model: 'm2', thinking: 'low' },
    )
    assert.equal(stop.kind, 'done')
    assert.deepEqual(
      bodies.map(({ think }) => think),
      ['low', true, undefined],
    )
  })

  it('leaves tools out for a model that calls none, and remembers it', async () => {
    const tools = [{ name: 'see', description: 'Sees.', inputSchema: { type: 'object' } }]
    const refused: Handler = (script) => script.json(400, { error: '"gemma:2b" does not support tools' })
    const { bodies, stop } = await ask([refused, plays(last())], { model: 'gemma:2b', tools })
    assert.equal(stop.kind, 'done')
    assert.deepEqual(
      bodies.map((body) => 'tools' in body),
      [true, false],
    )
  })

  it('asks for a larger context where the conversation is too long, as large as the model can, and remembers it', async () => {
    const tooLong: Handler = (script) => script.json(400, { error: 'the input length exceeds the context length' })
    const shows: Handler = (script) => script.json(200, { model_info: { 'llama.context_length': 20_000 } })
    const text = 'word '.repeat(12_000)
    await using server = await startScriptedServer((script) => {
      if (script.request.url === '/api/show') return shows(script)
      const { options } = script.request.json() as { options?: { num_ctx?: number } }
      return (options?.num_ctx ? plays(line({ content: 'ok' }), last()) : tooLong)(script)
    })
    const provider = createProvider('ollama', { baseUrl: server.origin })
    const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text }] }]
    for (let time = 0; time < 2; time++) {
      const { stop } = await gather(provider.stream({ model: 'm', messages }, new AbortController().signal))
      assert.equal(stop.kind, 'done')
    }
    const sizes = server.requests
      .filter(({ url }) => url === '/api/chat')
      .map((each) => (each.json() as { options?: { num_ctx?: number } }).options?.num_ctx)
    assert.deepEqual(sizes, [undefined, 20_000, 20_000])
  })

  it('fails where no context of the model is large enough', async () => {
    const { stop } = await ask(
      [
        (script) =>
          script.request.url === '/api/show'
            ? script.json(200, {})
            : script.json(400, { error: 'the input length exceeds the context length' }),
      ],
      { model: 'small' },
    )
    assert.ok(stop.kind === 'failed')
    assert.equal(stop.failure.code, 'context-length')
  })

  it('says how to get a model that is not there', async () => {
    const { stop } = await ask(
      [(script) => script.json(404, { error: 'model "qwen3" not found, try pulling it first' })],
      {
        model: 'qwen3',
      },
    )
    assert.ok(stop.kind === 'failed')
    assert.equal(stop.failure.code, 'not-found')
    assert.match(stop.failure.message, /ollama pull qwen3/)
  })

  it('says that Ollama is not running where nothing listens, and to start it', async () => {
    const server = await startScriptedServer(() => undefined)
    await server.close()
    const provider = createProvider('ollama', { baseUrl: server.origin })
    const { stop } = await gather(provider.stream({ model: 'm', messages: [hi] }, new AbortController().signal))
    assert.ok(stop.kind === 'failed')
    assert.equal(stop.failure.code, 'network')
    assert.match(stop.failure.message, new RegExp(`not running at ${server.origin}. Start it`))
    await assert.rejects(provider.listModels(new AbortController().signal), /not running/)
  })

  it('needs no key, sends one that is given, and none of the environment', async () => {
    process.env.OLLAMA_API_KEY = 'leak'
    try {
      const headers: (string | undefined)[] = []
      const fake: typeof fetch = (input, init) => {
        assert.equal(new URL(String(input)).origin, 'https://ollama.com')
        headers.push(new Headers(init?.headers).get('authorization') ?? undefined)
        return Promise.resolve(new Response(last()))
      }
      for (const apiKey of [undefined, 'mine']) {
        const connection = { baseUrl: 'https://ollama.com', fetch: fake, ...(apiKey && { apiKey }) }
        await gather(
          createProvider('ollama', connection).stream({ model: 'm', messages: [hi] }, new AbortController().signal),
        )
      }
      assert.deepEqual(headers, [undefined, 'Bearer mine'])
    } finally {
      delete process.env.OLLAMA_API_KEY
    }
  })

  it('writes nothing to the console on a bad day', async () => {
    const said: unknown[] = []
    const { log, warn } = console
    console.log = console.warn = (...words: unknown[]) => void said.push(words)
    try {
      await ask([plays('garbage\n')])
      await ask([async (script) => (script.head(500), await script.send('plain words'), script.end())])
    } finally {
      Object.assign(console, { log, warn })
    }
    assert.deepEqual(said, [])
  })
})

describe('The models of an Ollama server', () => {
  const shows: Record<string, JsonObject> = {
    'qwen3:8b': {
      capabilities: ['completion', 'tools', 'thinking'],
      model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
    },
    'gemma3:4b': { capabilities: ['completion', 'vision'], model_info: { 'gemma3.context_length': 131_072 } },
    'nomic-embed-text:latest': { capabilities: ['embedding'], model_info: { 'nomic-bert.context_length': 2048 } },
    'gpt-oss:120b-cloud': { capabilities: ['completion', 'tools', 'thinking'], remote_model: 'gpt-oss:120b' },
    'old:7b': { details: {} },
  }
  let busiest = 0
  let busy = 0
  const list = async (use: (provider: Provider) => Promise<void>) => {
    await using server = await startScriptedServer(async (script) => {
      if (script.request.url === '/api/tags') {
        const models = [...Object.keys(shows), ...Array.from({ length: 12 }, (_, at) => `many:${at}`)]
        return script.json(200, { models: models.map((name) => ({ name, model: name })) })
      }
      busiest = Math.max(busiest, ++busy)
      await script.pause(5)
      busy--
      const { model } = script.request.json() as { model: string }
      const shown = shows[model]
      return shown ? script.json(200, shown) : script.json(404, { error: 'model not found' })
    })
    await use(createProvider('ollama', { baseUrl: `${server.origin}/v1` }))
  }

  it('come with what each can do; those that only embed are left out, and few are asked about at a time', () =>
    list(async (provider) => {
      const models = await provider.listModels(new AbortController().signal)
      const about = { provider: 'ollama', source: 'provider' as const }
      const free = { price: { input: 0, output: 0 } }
      const named = (id: string) => ({ ...about, id, name: id })
      assert.deepEqual(models.slice(0, 4), [
        { ...named('qwen3:8b'), contextWindow: 40_960, tools: true, images: false, thinking: true, ...free },
        { ...named('gemma3:4b'), contextWindow: 131_072, tools: false, images: true, thinking: false, ...free },
        { ...named('gpt-oss:120b-cloud'), tools: true, images: false, thinking: true, snapshot: 'gpt-oss:120b' },
        { ...named('old:7b'), ...free },
      ])
      assert.equal(models.length, 16)
      assert.ok(busiest > 1 && busiest <= 4, `${busiest} at a time`)
    }))

  it('stop being asked for when the signal aborts', () =>
    list(async (provider) => {
      const controller = new AbortController()
      const failure = { code: 'timeout', message: 'Too long.' } as const
      setTimeout(() => controller.abort(new FailureError(failure)), 8)
      await assert.rejects(provider.listModels(controller.signal), /Too long/)
    }))
})
