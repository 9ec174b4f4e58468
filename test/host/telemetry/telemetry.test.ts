/** What a team's collector is told of turns, over a real socket, and what it is never told. */
import assert from 'node:assert/strict'
import { said } from '../../../src/tools/tool.ts'
import { askApart } from '../../../src/host/side-request.ts'
import { tool } from '../../harness/turn.ts'
import { askOnce, FakeProvider } from '../fakes.ts'
import type { Collector, SeenSpan } from './collector.ts'
import { startCollector } from './collector.ts'
import { calls, fails, says, WatchedWindow } from './watched-window.ts'

const SPAN_KIND = { internal: 1, client: 3 }
const KEY = 'sk-canary-0123456789abcdef'

describe('telemetry of a team', () => {
  let collector: Collector
  let watched: WatchedWindow

  beforeEach(async () => {
    collector = await startCollector()
    watched = new WatchedWindow()
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
  })
  afterEach(async () => {
    await watched[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  })

  const named = (name: string): SeenSpan[] => collector.spans().filter((span) => span.name === name)
  const one = (name: string): SeenSpan => {
    const [span, ...more] = named(name)
    assert.ok(
      span,
      `no span ${name} among ${collector
        .spans()
        .map((each) => each.name)
        .join(', ')}`,
    )
    assert.equal(more.length, 0, `more than one ${name}`)
    return span
  }
  const everything = (): string => JSON.stringify(collector.requests)

  describe('a turn with a tool', () => {
    beforeEach(async () => {
      watched.tools = [tool({ name: 'weather' })]
      await watched.turn(`PROMPT ${KEY}`, calls('call-1', 'weather', { city: 'ARGUMENT' }), says('ANSWER'))
      await watched.telemetry.close()
    })

    it('is one trace: the turn, in it its two requests and the call between them', () => {
      const turn = one('invoke_agent')
      const inside = [...named('chat claude-test'), one('execute_tool weather')]
      assert.equal(inside.length, 3)
      assert.equal(turn.parentSpanId ?? '', '')
      for (const span of inside) {
        assert.equal(span.traceId, turn.traceId)
        assert.equal(span.parentSpanId, turn.spanId)
        assert.ok(BigInt(span.startTimeUnixNano) >= BigInt(turn.startTimeUnixNano), span.name)
        assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name)
        assert.ok(BigInt(span.endTimeUnixNano) <= BigInt(turn.endTimeUnixNano) + 50_000_000n, span.name)
      }
      assert.equal(turn.kind, SPAN_KIND.internal)
      assert.deepEqual(
        inside.map(({ kind }) => kind),
        [SPAN_KIND.client, SPAN_KIND.client, SPAN_KIND.internal],
      )
    })

    it('says of a request who was asked, what came back and what it took, in the names of the conventions', () => {
      const [asked] = named('chat claude-test').filter(
        ({ attributes }) => (attributes['gen_ai.response.finish_reasons'] as string[])[0] === 'tool_use',
      )
      assert.ok(asked)
      const {
        'gen_ai.response.time_to_first_chunk': first,
        'panelist.cost.usd': cost,
        ...attributes
      } = asked.attributes
      assert.ok(typeof first === 'number' && first >= 0 && first < 10)
      assert.ok(typeof cost === 'number' && cost > 0)
      assert.deepEqual(attributes, {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': 'claude-test',
        'gen_ai.response.model': 'claude-test',
        'gen_ai.request.stream': true,
        'gen_ai.request.max_tokens': 4096,
        'gen_ai.response.finish_reasons': ['tool_use'],
        'gen_ai.conversation.id': watched.page.session.conversation,
        'gen_ai.usage.input_tokens': 15,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 3,
        'gen_ai.usage.cache_creation.input_tokens': 2,
        'gen_ai.usage.reasoning.output_tokens': 1,
        'panelist.request.outcome': 'done',
        'panelist.request.attempt': 1,
      })
      assert.deepEqual(asked.status.code ?? 0, 0)
    })

    it('says of the call which tool it was, and of the turn what all of it took', () => {
      assert.deepEqual(one('execute_tool weather').attributes, {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'weather',
        'gen_ai.tool.call.id': 'call-1',
        'gen_ai.tool.type': 'function',
        'panelist.tool.effect': 'read',
        'panelist.tool.source': 'built-in',
      })
      const { attributes } = one('invoke_agent')
      assert.equal(attributes['gen_ai.operation.name'], 'invoke_agent')
      assert.equal(attributes['gen_ai.usage.input_tokens'], 1015)
      assert.equal(attributes['gen_ai.usage.output_tokens'], 105)
      assert.equal(attributes['panelist.turn.requests'], 2)
      assert.equal(attributes['panelist.turn.end'], 'done')
    })

    it('is measured: tokens by their kind, times of requests, first words, calls and turns, and cost', () => {
      const points = collector.points()
      const of = (name: string, type?: string) =>
        points.filter((point) => point.name === name && (!type || point.attributes['gen_ai.token.type'] === type))
      const sums = (name: string, type?: string): number[] => of(name, type).map(({ sum }) => sum)
      const counts = (name: string): number[] => of(name).map(({ count }) => count)
      assert.deepEqual(sums('gen_ai.client.token.usage', 'input'), [1015])
      assert.deepEqual(sums('gen_ai.client.token.usage', 'output'), [105])
      assert.deepEqual(counts('gen_ai.client.operation.duration'), [2])
      assert.deepEqual(counts('gen_ai.client.operation.time_to_first_chunk'), [2])
      assert.deepEqual(counts('gen_ai.execute_tool.duration'), [1])
      assert.deepEqual(counts('gen_ai.invoke_agent.duration'), [1])
      const cost = of('panelist.client.cost')[0]
      const records = watched.window.services.store().requests.list()
      assert.ok(Math.abs((cost?.sum ?? 0) - records.reduce((sum, record) => sum + (record.cost ?? 0), 0)) < 1e-12)
      assert.deepEqual([...new Set(points.map(({ name, unit }) => `${name} ${unit}`))].sort(), [
        'gen_ai.client.operation.duration s',
        'gen_ai.client.operation.time_to_first_chunk s',
        'gen_ai.client.token.usage {token}',
        'gen_ai.execute_tool.duration s',
        'gen_ai.invoke_agent.duration s',
        'panelist.client.cost {USD}',
      ])
    })

    it('tells no word of what was asked, answered, called or found, no folder and no key', () => {
      assert.ok(collector.spans().length > 0)
      assert.doesNotMatch(everything(), /PROMPT|ANSWER|ARGUMENT|weather of|file:\/\/|project|canary/)
    })
  })

  it('tells what was said where the person agreed, and still no key', async () => {
    watched.tools = [tool({ name: 'weather', run: () => Promise.resolve(said(`RESULT ${KEY}`)) })]
    watched.settings = { ...watched.settings, captureContent: true }
    watched.consent = true
    await watched.turn(`PROMPT ${KEY}`, calls('1', 'weather', { city: `ARGUMENT ${KEY}` }), says(`ANSWER ${KEY}`))
    await watched.telemetry.close()
    const last = named('chat claude-test').find(({ attributes }) =>
      String(attributes['gen_ai.output.messages']).includes('ANSWER'),
    )
    const input = JSON.parse(String(last?.attributes['gen_ai.input.messages'])) as { role: string; parts: unknown[] }[]
    assert.deepEqual(
      input.map(({ role }) => role),
      ['user', 'assistant', 'tool'],
    )
    assert.match(JSON.stringify(input[0]), /PROMPT/)
    assert.match(JSON.stringify(input[2]), /tool_call_response.*RESULT/)
    const { attributes } = one('execute_tool weather')
    assert.match(String(attributes['gen_ai.tool.call.arguments']), /ARGUMENT/)
    assert.match(String(attributes['gen_ai.tool.call.result']), /RESULT/)
    assert.doesNotMatch(everything(), /canary/)
  })

  it('tells no piece of a key where what was said is cut, and none that JSON writes otherwise', async () => {
    const key = 'opaque-canary/of "no" shape'
    watched.window.services.log.hide(key)
    watched.tools = [tool({ name: 'weather', run: () => Promise.resolve(said(`${'x'.repeat(31_988)}${key}`)) })]
    watched.settings = { ...watched.settings, captureContent: true }
    watched.consent = true
    const prompt = `${'x'.repeat(31_988)}${key}`
    await watched.turn(prompt, calls('1', 'weather', { city: key }), says(`It is: ${key}`))
    await watched.telemetry.close()
    assert.match(everything(), /It is: \[redacted\]/)
    assert.doesNotMatch(everything(), /opaque-can|canary/)
  })

  it('tells no content where the setting is on and nobody agreed, nor where somebody agreed and it is off', async () => {
    watched.settings = { ...watched.settings, captureContent: true }
    await watched.turn('PROMPT', says('ANSWER'))
    watched.settings = { ...watched.settings, captureContent: false }
    watched.consent = true
    await watched.turn('PROMPT', says('ANSWER'))
    await watched.telemetry.close()
    assert.equal(named('invoke_agent').length, 2)
    assert.doesNotMatch(everything(), /PROMPT|ANSWER/)
  })

  it('says how a request failed by its class alone, and that the turn failed with it', async () => {
    await watched.turn('Hi', fails('Overloaded. You sent PROMPT.'))
    await watched.telemetry.close()
    for (const name of ['chat claude-test', 'invoke_agent']) {
      const { attributes, status } = one(name)
      assert.equal(attributes['error.type'], 'overloaded')
      assert.deepEqual(status, { code: 2 })
    }
    assert.equal(one('chat claude-test').attributes['http.response.status_code'], 529)
    assert.doesNotMatch(everything(), /PROMPT/)
    const failed = collector.points().find(({ name }) => name === 'gen_ai.client.operation.duration')
    assert.equal(failed?.attributes['error.type'], 'overloaded')
  })

  it('says why a call failed, and nothing of a tool that a model made up', async () => {
    watched.tools = [tool({ name: 'weather', run: () => Promise.reject(new Error('SECRET')) })]
    await watched.turn('Hi', calls('1', 'weather', { city: 'x' }), calls('2', 'MADE-UP', {}), says('So it is.'))
    await watched.telemetry.close()
    assert.equal(one('execute_tool weather').attributes['error.type'], 'tool')
    assert.equal(one('execute_tool unknown').attributes['error.type'], 'unknown-tool')
    assert.doesNotMatch(everything(), /SECRET|MADE-UP/)
  })

  it('says which tool it was also where its name begins like a key', async () => {
    const names = ['keyword_search_files', 'key_value_store_read', 'skip_to_next_section', 'pkcs_certificate_info']
    watched.tools = names.map((name) => tool({ name }))
    const asks = names.map((name, at) => calls(String(at), name, { city: 'x' }))
    await watched.turn('Hi', ...asks, says('So it is.'))
    await watched.telemetry.close()
    for (const name of names) assert.equal(one(`execute_tool ${name}`).attributes['gen_ai.tool.name'], name)
  })

  it('tells of a request that belongs to no turn as a trace of its own, with the server that was asked', async () => {
    const provider = new FakeProvider()
    const { store, log } = watched.window.services
    const info = { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' }
    const answer = askApart(
      { model: 'small', messages: [{ role: 'user', content: [{ type: 'text', text: 'PROMPT' }] }], temperature: 0 },
      {
        provider: 'google',
        model: 'small',
        connected: {
          info,
          provider,
          status: 'set',
          keyProfile: 'team',
          host: 'gateway.example:8443',
          origin: 'https://gateway.example:8443',
        },
        place: { workspace: 'file:///SECRET' },
      },
      { instead: 'nobody' },
      { store, resilience: askOnce, log: log.from('request'), watch: watched.telemetry },
      new AbortController().signal,
    )
    provider.send(...says('A title'))
    await answer
    await watched.telemetry.close()
    const { attributes, parentSpanId } = one('chat small')
    assert.equal(parentSpanId ?? '', '')
    assert.equal(attributes['gen_ai.provider.name'], 'gcp.gemini')
    assert.equal(attributes['gen_ai.request.temperature'], 0)
    assert.equal(attributes['server.address'], 'gateway.example')
    assert.equal(attributes['server.port'], 8443)
    assert.equal(attributes['panelist.key.profile'], 'team')
    assert.equal(named('invoke_agent').length, 0)
    assert.doesNotMatch(everything(), /PROMPT|SECRET|A title/)
  })
})
