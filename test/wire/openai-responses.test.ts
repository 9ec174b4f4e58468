import assert from 'node:assert/strict'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Block, Message } from '../../src/shared/message.ts'
import { createProvider } from '../../src/llm/index.ts'
import { askOnce, plays, refuses } from '../harness/one-answer.ts'
import { namedFrames, responseEvents } from '../harness/openai-arbitraries.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

const say = (...content: JsonObject[]) => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
})
const text = (value: string) => ({ type: 'output_text', text: value, annotations: [], logprobs: [] })
const call = { id: 'fc', type: 'function_call', call_id: 'c', name: 'add', arguments: '{"a":1}', status: 'completed' }
/** An answer of these items whose last event is changed. */
const ended = (items: JsonObject[], type: string, response: JsonObject) =>
  namedFrames([...responseEvents(items, 3).slice(0, -1), { type, response: { object: 'response', ...response } }])
const stopOf = async (bytes: string) => (await askOnce('openai', [plays(bytes)])).stop
const ok = plays(namedFrames(responseEvents([say(text('Yes.'))], 9)))
const bare = ({ wire: _, ...block }: Block): unknown => block

describe('The end of a response', () => {
  it('is done, or tools where the host has a call to run', async () => {
    assert.deepEqual(await stopOf(namedFrames(responseEvents([say(text('Hi'))], 3))), {
      kind: 'done',
      raw: 'completed',
    })
    assert.deepEqual(await stopOf(namedFrames(responseEvents([call], 3))), { kind: 'tools', raw: 'completed' })
  })

  it('is done where the provider ran the call itself', async () => {
    const search = { id: 'ws', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } }
    assert.equal((await stopOf(namedFrames(responseEvents([search, say(text('Hi'))], 3)))).kind, 'done')
  })

  it('is the output limit', async () => {
    const bytes = ended([say(text('Hi'))], 'response.incomplete', {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    assert.deepEqual(await stopOf(bytes), { kind: 'limit', of: 'output', raw: 'max_output_tokens' })
  })

  it('is a refusal by the filter or by the model', async () => {
    const filtered = ended([], 'response.incomplete', {
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
    })
    assert.deepEqual(await stopOf(filtered), { kind: 'refused', category: 'content_filter', raw: 'content_filter' })
    const declined = namedFrames(responseEvents([say({ type: 'refusal', refusal: 'No.' })], 3))
    assert.deepEqual(await stopOf(declined), { kind: 'refused', why: 'No.', raw: 'completed' })
  })

  for (const [code, expected] of [
    ['server_error', 'unavailable'],
    ['rate_limit_exceeded', 'rate-limit'],
    ['invalid_prompt', 'invalid-request'],
    ['context_length_exceeded', 'context-length'],
  ]) {
    it(`is a failure of kind ${expected} where the response failed with ${code}`, async () => {
      const bytes = ended([say(text('Hi'))], 'response.failed', {
        status: 'failed',
        error: { code: code!, message: 'It broke' },
      })
      const { stop, message } = await askOnce('openai', [plays(bytes)])
      assert.ok(stop.kind === 'failed')
      assert.equal(stop.failure.code, expected)
      assert.deepEqual(message.content.map(bare), [{ type: 'text', text: 'Hi' }])
    })
  }

  it('brings the items that no event had brought', async () => {
    const bytes = ended([], 'response.completed', { status: 'completed', output: [say(text('All at once'))] })
    const { message, stop } = await askOnce('openai', [plays(bytes)])
    assert.equal(stop.kind, 'done')
    assert.deepEqual(message.content.map(bare), [{ type: 'text', text: 'All at once' }])
  })

  it('is read from a server that does not stream at all', async () => {
    const whole = {
      object: 'response',
      status: 'completed',
      output: [say(text('All at once'))],
      usage: { input_tokens: 3, output_tokens: 2 },
    }
    const { message, stop } = await askOnce('openai', [(script) => script.json(200, whole)])
    assert.equal(stop.kind, 'done')
    assert.equal(message.usage.output, 2)
    assert.deepEqual(message.content.map(bare), [{ type: 'text', text: 'All at once' }])
  })

  it('counts cached and written tokens apart from the input', async () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
    }
    const { message } = await askOnce('openai', [
      plays(ended([say(text('Hi'))], 'response.completed', { status: 'completed', usage })),
    ])
    const { wire: _, ...counts } = message.usage
    assert.deepEqual(counts, { input: 30, output: 20, cacheRead: 60, cacheWrite: 10, reasoning: 5 })
  })
})

describe('The blocks of a response', () => {
  it('hold summaries as thinking, citations with the text and what the provider ran with its result', async () => {
    const items = [
      {
        id: 'rs',
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'One' },
          { type: 'summary_text', text: 'Two' },
        ],
        encrypted_content: 'x',
      },
      {
        id: 'ci',
        type: 'code_interpreter_call',
        status: 'completed',
        code: '1+1',
        container_id: 'c',
        outputs: [{ type: 'logs', logs: '2' }],
      },
      { id: 'ig', type: 'image_generation_call', status: 'completed', result: 'aGk=', output_format: 'webp' },
      { id: 'al', type: 'mcp_list_tools', server_label: 's', tools: [] },
      say({
        ...text('See a.'),
        annotations: [{ type: 'url_citation', url: 'https://a.test', title: 'A', start_index: 4, end_index: 5 }],
      }),
    ]
    const { message } = await askOnce('openai', [plays(namedFrames(responseEvents(items, 2)))])
    assert.deepEqual(message.content.map(bare), [
      { type: 'thinking', text: 'One\n\nTwo' },
      {
        type: 'tool-call',
        id: 'ci',
        name: 'code_interpreter',
        ranBy: 'provider',
        json: '{"code":"1+1"}',
        input: { code: '1+1' },
        output: [{ type: 'text', text: '2' }],
      },
      {
        type: 'tool-call',
        id: 'ig',
        name: 'image_generation',
        ranBy: 'provider',
        json: '{}',
        input: {},
        output: [{ type: 'file', media: { mediaType: 'image/webp', data: 'aGk=' } }],
      },
      { type: 'other', kind: 'mcp_list_tools' },
      { type: 'text', text: 'See a.', citations: [{ url: 'https://a.test', title: 'A', start: 4, end: 5 }] },
    ])
    assert.ok(!JSON.stringify(message.content[2]?.wire).includes('aGk='), 'the image is held once')
  })

  it('replay an interrupted answer as text, without its half reasoning', async () => {
    const items = [
      { id: 'rs', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'half' },
      say(text('Half an answer')),
    ]
    const events = responseEvents(items, 4)
    const cut = events.filter((event) => event.type !== 'response.output_item.done').slice(0, -1)
    const first = await askOnce('openai', [plays(namedFrames(cut))])
    assert.deepEqual(first.message.content, [
      { type: 'thinking', text: 'Hm' },
      { type: 'text', text: 'Half an answer' },
    ])
    const question: Message = { role: 'user', content: [{ type: 'text', text: 'Well?' }] }
    const { bodies } = await askOnce('openai', [ok], { messages: [question, first.message] })
    const [, ...said] = bodies[0]?.input as JsonObject[]
    assert.deepEqual(said, [{ role: 'assistant', content: 'Half an answer' }])
  })
})

describe('A parameter that a model of OpenAI refuses', () => {
  const asked = async (param: string, message: string) =>
    (await askOnce('openai', [refuses(param, message), ok], { thinking: 'high', temperature: 1 })).bodies.map(
      ({ reasoning, temperature, include }) => ({ reasoning, temperature, include }),
    )
  const include = ['reasoning.encrypted_content']
  const reasoning = { effort: 'high', summary: 'auto' }

  it('is left out, and the rest stays', async () => {
    const all = { reasoning, temperature: 1, include }
    assert.deepEqual(
      await asked('reasoning.summary', 'Your organization must be verified to generate reasoning summaries.'),
      [all, { ...all, reasoning: { effort: 'high' } }],
    )
    assert.deepEqual(
      await asked('reasoning.effort', "Unsupported parameter: 'reasoning.effort' is not supported with this model."),
      [all, { ...all, reasoning: undefined }],
    )
    assert.deepEqual(await asked('include', 'Encrypted content is not supported with this model.'), [
      all,
      { ...all, include: undefined },
    ])
    assert.deepEqual(
      await asked('temperature', "Unsupported parameter: 'temperature' is not supported with this model."),
      [all, { ...all, temperature: undefined }],
    )
  })

  it('is the least the model can do where it cannot stop thinking', async () => {
    const refusal =
      "Unsupported value: 'none' is not supported with the 'gpt-5' model. Supported values are: 'minimal', 'low', 'medium', and 'high'."
    const { bodies } = await askOnce('openai', [refuses('reasoning.effort', refusal), ok], { thinking: 'off' })
    assert.deepEqual(
      bodies.map((body) => body.reasoning),
      [{ effort: 'none' }, { effort: 'minimal' }],
    )
  })
})

describe('What OpenAI tells beside streams', () => {
  it('are the models that chat', async () => {
    const ids = [
      'gpt-5.4',
      'gpt-4o-mini',
      'o3',
      'chatgpt-4o-latest',
      'text-embedding-3-small',
      'whisper-1',
      'gpt-image-1',
      'gpt-4o-realtime-preview',
      'tts-1',
      'omni-moderation-latest',
      'davinci-002',
      'gpt-4o-transcribe',
    ]
    await using server = await startScriptedServer((script) =>
      script.json(200, { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }),
    )
    const provider = createProvider('openai', { baseUrl: `${server.origin}/v1`, apiKey: 'k' })
    const models = await provider.listModels(new AbortController().signal)
    assert.deepEqual(
      models.map(({ id }) => id),
      ids.slice(0, 4),
    )
  })

  it('is how many tokens a request has', async () => {
    await using server = await startScriptedServer((script) =>
      script.json(200, { object: 'response.input_tokens', input_tokens: 11 }),
    )
    const provider = createProvider('openai', { baseUrl: `${server.origin}/v1`, apiKey: 'k' })
    const request = {
      model: 'm',
      system: 'Be brief',
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }],
    }
    assert.equal(await provider.countTokens?.(request, new AbortController().signal), 11)
    assert.equal(server.requests[0]?.url, '/v1/responses/input_tokens')
    assert.deepEqual(server.requests[0]?.json(), {
      model: 'm',
      instructions: 'Be brief',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    })
  })
})
