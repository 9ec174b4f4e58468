/** What every provider must do on a good day, over real sockets, whatever format it speaks. */
import assert from 'node:assert/strict'
import type { ChatRequest } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { AssistantMessage, Block, Message, ToolCall, ToolResult } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import type { Gathered } from './contract.ts'
import { gather } from './contract.ts'
import { startScriptedServer } from './scripted-server.ts'
import type { Speaker } from './speakers.ts'
import { connect, nameOf } from './speakers.ts'

const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const isCall = (block: Block): block is ToolCall => block.type === 'tool-call'
const tools = ['weather', 'time'].map((name) => ({
  name,
  description: `Tells the ${name}.`,
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
}))

export function describeGoodDays(speaker: Speaker): void {
  const { format } = speaker

  /** Asks once; the server answers with these bytes. */
  const ask = async (bytes: string, request: Partial<ChatRequest> = {}): Promise<Gathered & { body: JsonObject }> => {
    await using server = await startScriptedServer(async (script) => {
      script.head(200, { 'content-type': format.contentType })
      await script.send(bytes)
      script.end()
    })
    const asked: ChatRequest = { model: 'model-x', messages: [says('Hi')], ...request }
    const gathered = await gather(connect(speaker, server.origin).stream(asked, new AbortController().signal))
    return { ...gathered, body: server.requests[0]?.json() as JsonObject }
  }
  const two = [
    { id: 'callABC01', name: 'weather', input: { city: 'Köln' } },
    { id: 'callABC02', name: 'time', input: { city: 'Žilina' } },
  ]

  describe(`${nameOf(speaker)} on a good day`, () => {
    it('brings thinking and text, in pieces as they come and whole at the end, under the model that answered', async () => {
      const { message, events, stop } = await ask(format.answer({ thinking: 'Let me see.', text: 'Hello, wörld 🎈' }))
      assert.deepEqual(
        message.content.map((block) => ('text' in block ? [block.type, block.text] : [block.type])),
        [
          ['thinking', 'Let me see.'],
          ['text', 'Hello, wörld 🎈'],
        ],
      )
      const deltas = events.filter((event) => event.type === 'block-delta')
      assert.ok(deltas.length > 4, 'it came in pieces')
      assert.equal(message.origin.model, format.model)
      assert.equal(message.origin.provider, speaker.id)
      assert.equal(stop.kind, 'done')
    })

    it('counts tokens', async () => {
      const { message } = await ask(format.answer({ text: 'Hello' }))
      const { wire: _, ...usage } = message.usage
      assert.deepEqual(usage, format.usage)
    })

    const { counted } = format
    it(counted ? 'counts a request before it is sent' : 'does not count a request before it is sent', async () => {
      await using server = await startScriptedServer((script) => script.json(200, counted?.(4711)))
      const provider = connect(speaker, server.origin)
      if (!counted) return assert.equal(provider.countTokens, undefined)
      const request = { model: 'model-x', messages: [says('Hi')], system: 'Speak like a pirate.', tools }
      assert.equal(await provider.countTokens?.(request, new AbortController().signal), 4711)
      const { body } = server.requests[0]!
      assert.ok(body.includes('Speak like a pirate.') && body.includes('Tells the weather.'), 'all of it counts')
    })

    it('brings two calls of one step, and takes their results back, each to its call', async () => {
      const { message, stop } = await ask(format.answer({ text: 'I look.', calls: two }), { tools })
      assert.equal(stop.kind, 'tools')
      const calls = message.content.filter(isCall)
      assert.deepEqual(
        calls.map(({ name, input, ranBy }) => ({ name, input, ranBy })),
        two.map(({ name, input }) => ({ name, input, ranBy: 'host' })),
      )
      assert.equal(new Set(calls.map(({ id }) => id)).size, 2)
      // Results stand in the order in which the tools were done, here the other way round.
      const results = calls.toReversed().map(({ id, name }): ToolResult => ({
        type: 'tool-result',
        callId: id,
        name,
        ranBy: 'host',
        output: [{ type: 'text', text: `It is ${name}.` }],
      }))
      const stored = JSON.parse(JSON.stringify(message)) as AssistantMessage
      const messages: Message[] = [says('Hi'), stored, { role: 'tool', content: results }]
      const { body, stop: end } = await ask(format.answer({ text: 'Done.' }), { messages, tools })
      assert.equal(end.kind, 'done')
      assert.deepEqual(
        format.resultsIn(body),
        calls.map((call) => ({ call: format.keyOf(call), text: `It is ${call.name}.` })),
      )
      for (const { name } of tools) assert.ok(JSON.stringify(body.tools).includes(`Tells the ${name}.`))
    })

    it('shows images to the model, in their order', async () => {
      const picture = (data: string) => ({
        type: 'file' as const,
        media: { mediaType: 'image/png', data },
        name: 'a.png',
      })
      const content = [{ type: 'text' as const, text: 'Which?' }, picture('b25l'), picture('dHdv')]
      const { body } = await ask(format.answer({ text: 'The first.' }), { messages: [{ role: 'user', content }] })
      assert.deepEqual(format.imagesIn(body), ['b25l', 'dHdv'])
    })

    it('gives the system prompt to the model, and no more than the tokens that were asked for', async () => {
      const { body } = await ask(format.answer({ text: 'x' }), { system: 'Speak like a pirate.', maxOutputTokens: 777 })
      const sent = JSON.stringify(body)
      assert.ok(sent.includes('Speak like a pirate.') && sent.includes(':777'), sent)
    })

    for (const [bytes, stop] of format.stops) {
      it(`ends by ${JSON.stringify(stop)}`, async () => {
        const { stop: end, message } = await ask(bytes)
        assert.deepEqual(end, stop)
        if (stop.kind === 'tools') assert.equal(message.content.filter(isCall).length, 1)
        else if (stop.kind === 'limit') assert.equal(textOf(message.content), 'x')
      })
    }
  })
}
