/**
 * A provider on this machine that answers without a key, at the pace of a person's reading: the wire formats of
 * Anthropic Messages, OpenAI Responses and OpenAI Chat Completions, by aimock.
 *
 *   node scripts/run.mjs demo-provider [port]
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LLMock } from '@copilotkit/aimock'
import type { ChatCompletionRequest, ChatMessage, Mountable } from '@copilotkit/aimock'
import { say } from './cache.mjs'
import { answerTo } from './demo/answers.ts'
import { anthropicModels, openaiModels } from './demo/models.ts'

export type DemoProvider = {
  /** What goes into the setting `panelist.providers`. */
  settings: Record<'anthropic' | 'openai', { baseUrl: string; demo: true }>
  stop(): Promise<void>
}

/** `pace: 'instant'` is for checks: no waiting between the pieces of an answer. */
export type DemoOptions = { port?: number; pace?: 'human' | 'instant' }

const human = { latency: 15, streamingProfile: { ttft: 450, tps: 55, jitter: 0.3 } }

export async function startDemoProvider(options: DemoOptions = {}): Promise<DemoProvider> {
  const mock = new LLMock({ port: options.port ?? 0, host: '127.0.0.1', chunkSize: 7, journalMaxEntries: 20 })
  mock.mount('/v1/models', modelList)
  for (const path of ['/v1/messages/count_tokens', '/v1/responses/input_tokens']) mock.mount(path, tokenCount)
  mock.on({ predicate: () => true }, reply, options.pace === 'instant' ? {} : human)
  const url = await mock.start()
  return {
    settings: { anthropic: { baseUrl: url, demo: true }, openai: { baseUrl: `${url}/v1`, demo: true } },
    stop: () => mock.stop(),
  }
}

function textOf(message: ChatMessage): string {
  if (typeof message.content === 'string') return message.content
  return (message.content ?? []).map((part) => part.text ?? '').join('')
}

/** About four characters make a token. */
const tokensIn = (text: string): number => Math.ceil(text.length / 4)

function reply(request: ChatCompletionRequest) {
  const question = request.messages.findLast((message) => message.role === 'user')
  const answer = answerTo(question ? textOf(question) : '')
  if ('status' in answer) return answer
  const said = [answer.content, answer.reasoning, ...(answer.toolCalls ?? []).map((call) => call.arguments)]
  const usage = {
    input_tokens: tokensIn(request.messages.map(textOf).join('')) + 12,
    output_tokens: tokensIn(said.join('')) + 4,
  }
  // The chat dialect of the library reads other names; each dialect passes over those it does not know.
  return { ...answer, usage: { ...usage, prompt_tokens: usage.input_tokens, completion_tokens: usage.output_tokens } }
}

function sendJson(response: ServerResponse, body: unknown): true {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
  return true
}

/** Both providers list their models at one path; Anthropic's SDK names its version in a header. */
const modelList: Mountable = {
  handleRequest: async (request, response) => {
    if (request.method !== 'GET') return false
    return sendJson(response, request.headers['anthropic-version'] ? anthropicModels : openaiModels)
  },
}

const tokenCount: Mountable = {
  handleRequest: async (request: IncomingMessage, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    return sendJson(response, { input_tokens: tokensIn(body) })
  },
}

if (process.argv[1] === import.meta.filename) {
  const provider = await startDemoProvider({ port: Number(process.argv[2] ?? 0) })
  say(`demo provider: ${JSON.stringify(provider.settings)}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void provider.stop().then(() => process.exit(0)))
  }
}
