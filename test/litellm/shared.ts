/** The one gateway that all these tests ask, and what they ask it. */
import type { ChatRequest } from '../../src/llm/index.ts'
import type { Message } from '../../src/shared/message.ts'
import { streamOf } from '../llm/anthropic/provider-stream.ts'
import { gather } from '../harness/contract.ts'
import type { Gathered } from '../harness/contract.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import type { Handler } from '../harness/scripted-server.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Gateway } from './gateway.ts'
import { startGateway } from './gateway.ts'

let running: Gateway | undefined

before(async function () {
  this.timeout(180_000)
  running = await startGateway()
})

after(() => running?.[Symbol.asyncDispose]())

export function gateway(): Gateway {
  if (!running) throw new Error('The gateway runs only while tests do.')
  return running
}

export const signal = (): AbortSignal => new AbortController().signal
export const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

/** What came back, and the requests that the gateway made of it. */
export type Asked = Gathered & { upstream: JsonObject[] }

/** Asks the gateway, whose upstream answers like this. */
export async function ask(request: Partial<ChatRequest> & { model: string }, answer: Handler): Promise<Asked> {
  const { upstream, answers, provider } = gateway()
  answers(answer)
  upstream.requests.length = 0
  const gathered = await gather(provider().stream({ messages: [says('Hi')], ...request }, signal()))
  return { ...gathered, upstream: upstream.requests.map((each) => each.json() as JsonObject) }
}

/** Without the marks for the cache: where those are is one test's business. */
export function unmarked<T>(value: T): T {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === 'cache_control' ? undefined : inner))
  return JSON.parse(text) as T
}

const plays =
  (bytes: string): Handler =>
  async (script) => {
    script.sse()
    await script.send(bytes)
    script.end()
  }

/** An answer of OpenAI's Chat Completions: 5 tokens in, 7 out. */
export const chat = (deltas: JsonObject[], finish = 'stop'): Handler => plays(chatFrames(deltas, finish))
/** An answer of Anthropic's Messages: 10 tokens in, 5 read from the cache, 3 written to it, 42 out. */
export const messages = (content: JsonObject[], reason = 'end_turn'): Handler =>
  plays(streamOf(content, { stop_reason: reason }))
