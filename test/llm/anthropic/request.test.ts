import assert from 'node:assert/strict'
import { createProvider } from '../../../src/llm/index.ts'
import type { ChatRequest, Connection } from '../../../src/llm/types.ts'
import { FailureError } from '../../../src/shared/failure.ts'
import type { AssistantMessage, Message, Part, ToolCall } from '../../../src/shared/message.ts'
import { noUsage } from '../../../src/shared/message.ts'
import { gather } from '../../harness/contract.ts'
import type { RecordedRequest } from '../../harness/scripted-server.ts'
import { startScriptedServer } from '../../harness/scripted-server.ts'
import { streamOf } from './provider-stream.ts'

type Body = {
  model: string
  max_tokens: number
  system?: unknown
  tools?: unknown
  tool_choice?: unknown
  thinking?: unknown
  output_config?: unknown
  temperature?: unknown
  messages: { role: string; content: Record<string, unknown>[] }[]
}

const CACHED = { cache_control: { type: 'ephemeral' } }
const say = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const answer = (content: AssistantMessage['content'], stop: AssistantMessage['stop'] = { kind: 'done' }): Message => {
  const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-x' }
  return { role: 'assistant', content, origin, stop, usage: noUsage() }
}
const call = (id: string, more: Partial<ToolCall> = {}): ToolCall => {
  return { type: 'tool-call', id, name: 'look', ranBy: 'host', json: '{}', input: {}, ...more }
}

async function sent(
  request: Partial<ChatRequest>,
  connection: Connection = {},
): Promise<Body & { raw: RecordedRequest }> {
  await using server = await startScriptedServer(async (script) => {
    script.sse()
    await script.send(streamOf([{ type: 'text', text: 'x' }]))
    script.end()
  })
  const provider = createProvider('anthropic', { apiKey: 'the-key', baseUrl: server.origin, ...connection })
  const whole = { model: 'claude-new', messages: [say('hello')], ...request }
  const { stop } = await gather(provider.stream(whole, new AbortController().signal))
  assert.equal(stop.kind, 'done', JSON.stringify(stop))
  const [raw] = server.requests
  assert.ok(raw)
  return { ...(raw.json() as Body), raw }
}

/** The blocks that this user content becomes, without the cache mark of the last. */
async function userBlocks(...content: Part[]): Promise<unknown[]> {
  const { messages } = await sent({ messages: [{ role: 'user', content }] })
  return (messages[0]?.content ?? []).map(({ cache_control: _, ...block }) => block)
}

describe('a request to Anthropic', () => {
  it('goes out with the key under both names and the version that proxies know', async () => {
    const { raw } = await sent({})
    assert.equal(raw.method + raw.url, 'POST/v1/messages')
    assert.equal(raw.headers['x-api-key'], 'the-key')
    assert.equal(raw.headers.authorization, 'Bearer the-key')
    assert.equal(raw.headers['anthropic-version'], '2023-06-01')
  })

  it('takes nothing from the environment of another tool', async () => {
    const before = { ...process.env }
    Object.assign(process.env, {
      ANTHROPIC_CUSTOM_HEADERS: 'x-leak: secret\nx-mine: theirs',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      ANTHROPIC_API_KEY: 'other-key',
      ANTHROPIC_AUTH_TOKEN: 'other-token',
    })
    try {
      const { raw } = await sent({}, { apiKey: '', headers: { 'x-mine': 'ours' } })
      assert.equal(raw.headers['x-leak'], undefined)
      assert.equal(raw.headers['x-mine'], 'ours')
      assert.equal(raw.headers.authorization, undefined)
      assert.equal(raw.headers['x-api-key'], undefined)
    } finally {
      process.env = before
    }
  })

  it('to the own service uses the newest version and one header for the key', async () => {
    let headers: Headers | undefined
    const capture: typeof fetch = async (input, init) => {
      assert.equal(String(input), 'https://api.anthropic.com/v1/messages')
      headers = new Headers(init?.headers)
      return new Response(streamOf([{ type: 'text', text: 'x' }]), { headers: { 'content-type': 'text/event-stream' } })
    }
    const provider = createProvider('anthropic', { apiKey: 'the-key', fetch: capture })
    const request = { model: 'claude-new', messages: [say('hello')] }
    await gather(provider.stream(request, new AbortController().signal))
    assert.equal(headers?.get('authorization'), 'Bearer the-key')
    assert.equal(headers?.get('x-api-key'), null)
    assert.ok((headers?.get('anthropic-version') ?? '') > '2023-06-01')
  })

  it('finds its way where the base URL has the version at its end', async () => {
    await using server = await startScriptedServer((script) => script.json(200, { input_tokens: 1 }))
    const provider = createProvider('anthropic', { apiKey: 'k', baseUrl: `${server.origin}/v1/` })
    await provider.countTokens?.({ model: 'm', messages: [say('x')] }, new AbortController().signal)
    assert.equal(server.requests[0]?.url, '/v1/messages/count_tokens')
  })

  it('carries images, PDFs and text files, by bytes and by address', async () => {
    const png = { mediaType: 'image/png', data: 'AAAA' }
    const data = Buffer.from('naïve').toString('base64')
    assert.deepEqual(
      await userBlocks(
        { type: 'file', media: png },
        { type: 'file', media: { mediaType: 'image/jpeg', url: 'https://a.example/x.jpg' } },
        { type: 'file', media: { mediaType: 'application/pdf', data: 'BBBB' }, name: 'paper.pdf' },
        { type: 'file', media: { mediaType: 'text/csv', data }, name: 'table.csv' },
        { type: 'file', media: { mediaType: 'video/mp4', data: 'CCCC' }, name: 'film.mp4' },
      ),
      [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { type: 'url', url: 'https://a.example/x.jpg' } },
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' },
          title: 'paper.pdf',
        },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'naïve' }, title: 'table.csv' },
        { type: 'text', text: '[An attachment that cannot be shown to this model: film.mp4, video/mp4]' },
      ],
    )
  })

  it('never carries blank text, which the API refuses', async () => {
    assert.deepEqual(await userBlocks({ type: 'text', text: ' \n' }, { type: 'text', text: 'x' }), [
      { type: 'text', text: 'x' },
    ])
  })

  it('puts the results of a step and the next words of the person into one turn', async () => {
    const output: Part[] = [
      { type: 'text', text: 'seen' },
      { type: 'file', media: { mediaType: 'image/png', data: 'AAAA' } },
    ]
    const { messages } = await sent({
      messages: [
        say('look'),
        answer([call('a'), call('b')], { kind: 'tools' }),
        {
          role: 'tool',
          content: [
            { type: 'tool-result', callId: 'a', name: 'look', ranBy: 'host', output },
            { type: 'tool-result', callId: 'b', name: 'look', ranBy: 'host', output: [], failed: true },
          ],
        },
        say('and?'),
      ],
    })
    assert.deepEqual(messages[2], {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'a',
          content: [
            { type: 'text', text: 'seen' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          ],
        },
        { type: 'tool_result', tool_use_id: 'b', is_error: true },
        { type: 'text', text: 'and?', ...CACHED },
      ],
    })
  })

  it('describes tools and how to choose among them', async () => {
    const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }]
    const written = [{ name: 'look', description: 'Looks.', input_schema: { type: 'object' } }]
    const choices = [
      ['auto', { type: 'auto' }],
      ['none', { type: 'none' }],
      ['required', { type: 'any' }],
      [{ name: 'look' }, { type: 'tool', name: 'look' }],
    ] as const
    for (const [toolChoice, expected] of choices) {
      const body = await sent({ tools, toolChoice, system: 'Be brief.' })
      assert.deepEqual(body.tools, written)
      assert.deepEqual(body.tool_choice, expected)
    }
    assert.equal((await sent({ toolChoice: 'auto' })).tool_choice, undefined, 'no choice without tools')
  })

  it('marks at most four ends for the cache, and never a block of the provider', async () => {
    const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }]
    const history = Array.from({ length: 4 }, (_, turn) => [
      say(`q${turn}`),
      answer([{ type: 'text', text: `a${turn}` }]),
    ])
    const { raw, system, messages } = await sent({
      tools,
      system: 'Be brief.',
      messages: [...history.flat(), say('last')],
    })
    assert.deepEqual(system, [{ type: 'text', text: 'Be brief.', ...CACHED }])
    assert.deepEqual(
      messages.flatMap(({ role, content }) =>
        content.some((block) => block.cache_control) ? [[role, content[0]?.text]] : [],
      ),
      [
        ['user', 'q3'],
        ['user', 'last'],
      ],
    )
    assert.ok(raw.body.split('cache_control').length - 1 <= 4)
  })

  it('writes at most what the person asked for, or what the model can', async () => {
    assert.equal((await sent({ maxOutputTokens: 77 })).max_tokens, 77)
    assert.equal((await sent({ model: 'claude-new' })).max_tokens, 32_000)
    assert.equal((await sent({ model: 'claude-3-haiku-20240307' })).max_tokens, 4096)
  })

  it('asks for thinking in the way the model takes it', async () => {
    const summarized = { type: 'adaptive', display: 'summarized' }
    const fresh = await sent({ thinking: 'medium' })
    assert.deepEqual([fresh.thinking, fresh.output_config], [summarized, { effort: 'medium' }])
    const older = await sent({ thinking: 'low', model: 'claude-sonnet-4-20250514' })
    assert.deepEqual([older.thinking, older.output_config], [{ type: 'enabled', budget_tokens: 4096 }, undefined])
    const small = await sent({ thinking: 'high', model: 'claude-haiku-4-5', maxOutputTokens: 3000 })
    assert.deepEqual(small.thinking, { type: 'enabled', budget_tokens: 1976 }, 'a budget leaves room for the answer')
    const tiny = await sent({ thinking: 'high', model: 'claude-haiku-4-5', maxOutputTokens: 1500 })
    assert.equal(tiny.thinking, undefined, 'no room to think')
    assert.deepEqual((await sent({ thinking: 'off' })).thinking, { type: 'disabled' })
    assert.equal((await sent({})).thinking, undefined)
    assert.equal((await sent({ thinking: 'high', model: 'claude-3-haiku-20240307' })).thinking, undefined)
  })

  it('sends a temperature only without thinking', async () => {
    assert.equal((await sent({ temperature: 0.2 })).temperature, 0.2)
    assert.equal((await sent({ temperature: 0.2, thinking: 'low' })).temperature, undefined)
  })

  it('leaves out what a broken answer left half done, and nothing else', async () => {
    const signed = { type: 'thinking' as const, text: 'whole', wire: { set: { signature: 's' } } }
    const broken = [
      signed,
      { type: 'text' as const, text: 'so' },
      call('search', { ranBy: 'provider' }),
      { type: 'thinking' as const, text: 'half' },
    ]
    const failure = { code: 'network' as const, message: 'Cut.' }
    const { messages } = await sent({ messages: [say('q'), answer(broken, { kind: 'failed', failure }), say('go on')] })
    assert.deepEqual(messages[1]?.content, [
      { type: 'thinking', thinking: 'whole', signature: 's' },
      { type: 'text', text: 'so' },
    ])
    const onlyThought = [say('q'), answer([signed], { kind: 'aborted' }), say('go on')]
    assert.deepEqual(
      (await sent({ messages: onlyThought })).messages.map(({ role }) => role),
      ['user'],
      'thinking that led to nothing is no turn',
    )
    const paused = await sent({
      messages: [say('q'), answer([call('search', { ranBy: 'provider' })], { kind: 'paused' })],
    })
    assert.equal(paused.messages[1]?.content[0]?.type, 'server_tool_use', 'a paused call is still running')
  })
})

describe("Anthropic's list of models", () => {
  const listed = (id: string, more: object = {}) => {
    const supported = { supported: true }
    const thinking = {
      ...supported,
      types: { adaptive: { supported: false }, enabled: supported, disabled: supported },
    }
    const capabilities = {
      image_input: supported,
      pdf_input: { supported: false },
      thinking,
      effort: { supported: false },
    }
    return {
      type: 'model',
      id,
      display_name: `Name of ${id}`,
      max_input_tokens: 1000,
      max_tokens: 500,
      capabilities,
      ...more,
    }
  }

  it('is read to its last page, with limits and abilities, without what is retired', async () => {
    await using server = await startScriptedServer((script) => {
      const second = script.request.url.includes('after_id=one') || script.request.url.includes('page=')
      const data = second ? [listed('two'), listed('gone', { lifecycle: 'retired' })] : [listed('one')]
      script.json(200, {
        data,
        has_more: !second,
        first_id: data[0]?.id,
        last_id: second ? 'gone' : 'one',
        next_page: second ? null : 'p2',
      })
    })
    const provider = createProvider('anthropic', { apiKey: 'k', baseUrl: server.origin })
    const models = await provider.listModels(new AbortController().signal)
    assert.deepEqual(models[0], {
      id: 'one',
      provider: 'anthropic',
      name: 'Name of one',
      contextWindow: 1000,
      maxOutputTokens: 500,
      images: true,
      pdfs: false,
      thinking: true,
      source: 'provider',
    })
    assert.deepEqual(
      models.map(({ id }) => id),
      ['one', 'two'],
    )
  })

  it('teaches every later request how a model thinks and how much it writes', async () => {
    await using server = await startScriptedServer(async (script) => {
      if (script.request.method === 'GET')
        return script.json(200, { data: [listed('claude-new')], has_more: false, next_page: null })
      script.sse()
      await script.send(streamOf([{ type: 'text', text: 'x' }]))
      script.end()
    })
    const { signal } = new AbortController()
    await createProvider('anthropic', { apiKey: 'k', baseUrl: server.origin }).listModels(signal)
    const provider = createProvider('anthropic', { apiKey: 'k', baseUrl: server.origin })
    const ask: ChatRequest = { model: 'claude-new', messages: [say('x')], thinking: 'high', maxOutputTokens: 40_000 }
    await gather(provider.stream(ask, signal))
    const { maxOutputTokens: _, ...unlimited } = ask
    await gather(provider.stream(unlimited, signal))
    const [, first, second] = server.requests.map(({ body }) => (body ? (JSON.parse(body) as Body) : undefined))
    assert.deepEqual(first?.thinking, { type: 'enabled', budget_tokens: 24_000 })
    assert.equal(second?.max_tokens, 500)
  })

  it('and counts fail with a failure', async () => {
    await using server = await startScriptedServer((script) =>
      script.json(401, { error: { type: 'authentication_error' } }),
    )
    const provider = createProvider('anthropic', { apiKey: 'k', baseUrl: server.origin })
    const { signal } = new AbortController()
    const isAuth = (error: unknown) => error instanceof FailureError && error.failure.code === 'auth'
    await assert.rejects(provider.listModels(signal), isAuth)
    await assert.rejects(async () => provider.countTokens?.({ model: 'm', messages: [say('x')] }, signal), isAuth)
  })

  it('tells how many tokens a request is', async () => {
    await using server = await startScriptedServer((script) => script.json(200, { input_tokens: 4711 }))
    const provider = createProvider('anthropic', { apiKey: 'k', baseUrl: server.origin })
    const request = { model: 'm', messages: [say('x')], system: 'Be brief.' }
    assert.equal(await provider.countTokens?.(request, new AbortController().signal), 4711)
    const body = server.requests[0]?.json() as Body
    assert.equal(body.max_tokens, undefined)
    assert.ok(body.system)
  })
})
