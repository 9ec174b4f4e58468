import assert from 'node:assert/strict'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Block, ToolCall } from '../../src/shared/message.ts'
import { createProvider } from '../../src/llm/index.ts'
import { askOnce, plays, refuses } from '../harness/one-answer.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const answered = (deltas: JsonObject[], finish = 'stop') => askOnce('compatible', [plays(chatFrames(deltas, finish))])
const chunk = (delta: JsonObject, finish_reason: string | null = null, more: JsonObject = {}) => ({
  model: 'm',
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
})
const frames = (...chunks: unknown[]) => chunks.map((each) => frame(each)).join('')
const ok = plays(chatFrames([{ content: 'Yes.' }], 'stop'))
const bare = ({ wire: _, ...block }: Block): unknown => block
const calls = (content: Block[]) => content.filter((block): block is ToolCall => block.type === 'tool-call')

describe('Tool calls in Chat Completions', () => {
  const piece = (index: number | undefined, id: string | undefined, name: string | undefined, json: string) => ({
    tool_calls: [
      {
        ...(index !== undefined && { index }),
        ...(id !== undefined && { id }),
        function: { ...(name !== undefined && { name }), arguments: json },
      },
    ],
  })
  const summary = async (deltas: JsonObject[], finish = 'tool_calls') => {
    const { message, stop } = await answered(deltas, finish)
    assert.equal(stop.kind, 'tools')
    return calls(message.content).map(({ id, name, json }) => [id, name, json])
  }

  it('come in pieces that take turns', async () => {
    const deltas = [
      piece(0, 'a', 'f', '{"x'),
      piece(1, 'b', 'g', ''),
      piece(0, undefined, undefined, '":1}'),
      piece(1, undefined, '', '{}'),
    ]
    assert.deepEqual(await summary(deltas), [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ])
  })

  it('come without an index', async () => {
    const deltas = [
      piece(undefined, 'a', 'f', '{"x":'),
      piece(undefined, undefined, undefined, '1}'),
      piece(undefined, 'b', 'g', '{}'),
    ]
    assert.deepEqual(await summary(deltas), [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ])
  })

  it('come whole under one index', async () => {
    assert.deepEqual(await summary([piece(0, 'a', 'f', '{}'), piece(0, 'b', 'g', '{}')]), [
      ['a', 'f', '{}'],
      ['b', 'g', '{}'],
    ])
  })

  it('come from servers that end them with stop', async () => {
    assert.deepEqual(await summary([piece(0, 'a', 'f', '{}')], 'stop'), [['a', 'f', '{}']])
  })

  it('have no arguments where the text is empty', async () => {
    const { message } = await answered([piece(0, 'a', 'f', '')], 'tool_calls')
    assert.deepEqual(calls(message.content)[0]?.input, {})
  })

  it('have no input where the arguments are not JSON', async () => {
    const { message } = await answered([piece(0, 'a', 'f', '{"x')], 'length')
    assert.equal('input' in calls(message.content)[0]!, false)
  })

  it('get an id of ours where the server gives none', async () => {
    const { message } = await answered([piece(0, undefined, 'f', '{}'), piece(1, undefined, 'f', '{}')], 'tool_calls')
    const ids = calls(message.content).map(({ id }) => id)
    assert.equal(new Set(ids.filter((id) => id.length > 10)).size, 2)
  })

  it('come in the form that was before tools', async () => {
    const { message, stop } = await answered(
      [{ function_call: { name: 'f', arguments: '{"x"' } }, { function_call: { arguments: ':1}' } }],
      'function_call',
    )
    assert.equal(stop.kind, 'tools')
    assert.deepEqual(calls(message.content)[0]?.input, { x: 1 })
  })

  it('may learn their name late', async () => {
    const { events, message } = await answered(
      [piece(0, 'a', '', '{"x"'), piece(0, undefined, 'f', ':1}')],
      'tool_calls',
    )
    assert.ok(
      events.some(
        (event) => event.type === 'block-replace' && event.block.type === 'tool-call' && event.block.json === '{"x"',
      ),
    )
    assert.equal(calls(message.content)[0]?.name, 'f')
  })
})

describe('The end of a chat completion', () => {
  const ends: [string, object][] = [
    ['stop', { kind: 'done', raw: 'stop' }],
    ['length', { kind: 'limit', of: 'output', raw: 'length' }],
    ['model_length', { kind: 'limit', of: 'context', raw: 'model_length' }],
    ['content_filter', { kind: 'refused', category: 'content_filter', raw: 'content_filter' }],
    ['eos_token', { kind: 'done', raw: 'eos_token' }],
  ]
  for (const [finish, expected] of ends) {
    it(`by ${finish} is ${JSON.stringify(expected)}`, async () =>
      assert.deepEqual((await answered([{ content: 'a' }], finish)).stop, expected))
  }

  it('is a refusal where the model declines', async () => {
    const { stop, message } = await answered([{ refusal: 'I will ' }, { refusal: 'not.' }])
    assert.deepEqual(stop, { kind: 'refused', why: 'I will not.', raw: 'stop' })
    assert.deepEqual(message.content.map(bare), [{ type: 'text', text: 'I will not.' }])
  })

  it('is a failure where the finish reason is an error', async () => {
    const bytes = frames(chunk({ content: 'a' }), chunk({}, 'error'), '[DONE]')
    const { stop } = await askOnce('compatible', [plays(bytes)])
    assert.equal(stop.kind, 'failed')
  })

  it('is truncated where only [DONE] says so', async () => {
    const { stop } = await askOnce('compatible', [plays(frames(chunk({ content: 'a' }), '[DONE]'))])
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'truncated')
  })

  it('stands although the connection drops before the usage came', async () => {
    const { stop, message } = await askOnce('compatible', [
      async (script) => {
        script.sse()
        await script.send(frames(chunk({ content: 'Whole.' }), chunk({}, 'stop')))
        await script.pause(20)
        script.drop()
      },
    ])
    assert.equal(stop.kind, 'done')
    assert.equal(message.usage.estimated, true)
  })

  it('is read from a server that does not stream at all', async () => {
    const whole = {
      model: 'm2',
      choices: [{ message: { role: 'assistant', content: 'All at once' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    }
    const { stop, message } = await askOnce('compatible', [(script) => script.json(200, whole)])
    assert.equal(stop.kind, 'done')
    assert.deepEqual(message.content, [{ type: 'text', text: 'All at once' }])
    assert.equal(message.usage.input, 3)
    assert.equal(message.origin.model, 'm2')
  })

  it('is the failure that a JSON answer of status 200 holds', async () => {
    const { stop } = await askOnce('compatible', [
      (script) => script.json(200, { error: { code: 429, message: 'Slow down' } }),
    ])
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'rate-limit')
  })
})

describe('Reasoning and sources in Chat Completions', () => {
  it('keeps thinking and text apart, in the order they came', async () => {
    const { message } = await answered([
      { reasoning_content: 'Hm' },
      { reasoning_content: '.' },
      { content: 'A' },
      { reasoning: 'Wait' },
      { content: 'B' },
    ])
    assert.deepEqual(message.content.map(bare), [
      { type: 'thinking', text: 'Hm.' },
      { type: 'text', text: 'A' },
      { type: 'thinking', text: 'Wait' },
      { type: 'text', text: 'B' },
    ])
  })

  it('shows the thinking that comes in details or signed blocks only', async () => {
    for (const delta of [
      { reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: 'Hm' }] },
    ]) {
      const { message } = await answered([delta, { content: 'A' }])
      assert.deepEqual(message.content.map(bare)[0], { type: 'thinking', text: 'Hm' })
    }
  })

  it('reads content that comes as a list of parts', async () => {
    const { message } = await answered([
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] },
      { content: [{ type: 'text', text: 'A' }] },
    ])
    assert.deepEqual(message.content.map(bare), [
      { type: 'thinking', text: 'Hm' },
      { type: 'text', text: 'A' },
    ])
  })

  it('cites each source once, from annotations and from lists beside the choices', async () => {
    const cited = {
      type: 'url_citation',
      url_citation: { url: 'https://a.test', title: 'A', start_index: 0, end_index: 2 },
    }
    const beside = { citations: ['https://b.test'] }
    const bytes = frames(
      chunk({ content: 'Hi' }, null, beside),
      chunk({ annotations: [cited] }, null, beside),
      chunk({}, 'stop', beside),
    )
    const { message } = await askOnce('compatible', [plays(bytes)])
    const [text] = message.content
    assert.deepEqual(text?.type === 'text' && text.citations, [
      { url: 'https://b.test' },
      { url: 'https://a.test', title: 'A', start: 0, end: 2 },
    ])
  })
})

describe('Usage of a chat completion', () => {
  const counted = async (usage: JsonObject, more: JsonObject = {}) => {
    const { message } = await askOnce('compatible', [
      plays(frames(chunk({ content: 'a' }), chunk({}, 'stop'), { choices: [], usage, ...more }, '[DONE]')),
    ])
    const { wire: _, ...rest } = message.usage
    return rest
  }

  it('takes what was cached and what was written to the cache out of the input', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 5 },
      cost: 0.25,
    }
    assert.deepEqual(await counted(usage), {
      input: 30,
      output: 20,
      cacheRead: 60,
      cacheWrite: 10,
      reasoning: 5,
      cost: 0.25,
    })
  })

  it('adds the reasoning where the total shows that it is not in the completion', async () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 37,
      completion_tokens_details: { reasoning_tokens: 7 },
    }
    assert.equal((await counted(usage)).output, 27)
  })

  it('is found where Groq keeps it', async () => {
    const bytes = frames(
      chunk({ content: 'a' }),
      chunk({}, 'stop', { x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }),
      '[DONE]',
    )
    const { message } = await askOnce('compatible', [plays(bytes)])
    assert.equal(message.usage.output, 4)
  })

  it('is estimated for a server that sends none, without counting the bytes of images', async () => {
    const image = { type: 'file', media: { mediaType: 'image/png', data: 'A'.repeat(40_000) } } as const
    const bytes = frames(chunk({ content: 'four tokens of text' }), chunk({}, 'stop'), '[DONE]')
    const { message } = await askOnce('compatible', [plays(bytes)], { messages: [{ role: 'user', content: [image] }] })
    assert.equal(message.usage.estimated, true)
    assert.ok(message.usage.output >= 4 && message.usage.input > 0 && message.usage.input < 200)
  })
})

describe('A parameter that a compatible server refuses', () => {
  it('is left out: stream options', async () => {
    const { stop, bodies } = await askOnce('compatible', [
      refuses(null, 'Unrecognized request argument supplied: stream_options'),
      plays(frames(chunk({ content: 'a' }, 'stop'), '[DONE]')),
    ])
    assert.equal(stop.kind, 'done')
    assert.deepEqual(
      bodies.map((body) => 'stream_options' in body),
      [true, false],
    )
  })

  it('is named as the server wants it: the output limit', async () => {
    const { bodies } = await askOnce(
      'compatible',
      [
        refuses(
          'max_tokens',
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        ),
        ok,
      ],
      { maxOutputTokens: 9 },
    )
    assert.deepEqual(
      bodies.map((body) => [body.max_tokens, body.max_completion_tokens]),
      [
        [9, undefined],
        [undefined, 9],
      ],
    )
  })

  for (const words of [
    'No endpoints found that support tool use. To learn more about provider routing, visit the docs.',
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    'Function calling is not supported with this model.',
  ]) {
    it(`is left out: tools, where the answer is “${words.slice(0, 50)}”`, async () => {
      const tools = [{ name: 'see', description: 'Sees.', inputSchema: { type: 'object' } }]
      const { stop, bodies } = await askOnce('compatible', [refuses(null, words), ok], { tools })
      assert.notEqual(stop.kind, 'failed')
      assert.deepEqual(
        bodies.map((body) => 'tools' in body),
        [true, false],
      )
    })
  }

  it('is told of where it is the schema of one tool that is wrong', async () => {
    const tools = [{ name: 'see', description: 'Sees.', inputSchema: { type: 'nonsense' } }]
    const words = "Invalid schema for function 'see': 'nonsense' is not valid under any of the given schemas."
    const { stop, bodies } = await askOnce('compatible', [refuses('tools[0].function.parameters', words), ok], {
      tools,
    })
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'invalid-request')
    assert.equal(bodies.length, 1)
  })

  it('is remembered for the model, whichever provider asks next', async () => {
    const { bodies } = await askOnce(
      'compatible',
      [refuses('reasoning_effort', "Unsupported parameter: 'reasoning_effort'"), ok],
      { thinking: 'low' },
      2,
    )
    assert.deepEqual(
      bodies.map((body) => body.reasoning_effort),
      ['low', undefined, undefined],
    )
  })

  it('fails the request where only its value is wrong', async () => {
    const { stop, bodies } = await askOnce(
      'compatible',
      [refuses('temperature', 'Invalid value: temperature must be at most 2'), ok],
      { temperature: 3 },
    )
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'invalid-request')
    assert.equal(bodies.length, 1)
  })
})

describe('The models of a compatible server', () => {
  it('come with the limits, abilities and prices that it tells', async () => {
    const data = [
      { id: 'plain' },
      { id: 'vllm', max_model_len: 8192 },
      {
        id: 'router',
        name: 'Router: Model',
        context_length: 200_000,
        top_provider: { max_completion_tokens: 64_000 },
        supported_parameters: ['tools', 'reasoning'],
        architecture: { input_modalities: ['text', 'image'] },
        pricing: { prompt: '0.0000003', completion: '0.000015' },
      },
      { id: 'embedder', type: 'embedding' },
    ]
    await using server = await startScriptedServer((script) => script.json(200, { data }))
    const provider = createProvider('compatible', { baseUrl: `${server.origin}/v1` })
    const common = { provider: 'compatible', source: 'provider' }
    assert.deepEqual(await provider.listModels(new AbortController().signal), [
      { id: 'plain', name: 'plain', ...common },
      { id: 'vllm', name: 'vllm', contextWindow: 8192, ...common },
      {
        id: 'router',
        name: 'Router: Model',
        contextWindow: 200_000,
        maxOutputTokens: 64_000,
        tools: true,
        images: true,
        thinking: true,
        price: { input: 0.3, output: 15 },
        ...common,
      },
    ])
    assert.equal(server.requests[0]?.url, '/v1/models')
  })
})
