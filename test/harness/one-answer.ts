/** A provider that asks at a loopback server whose answers are given, one a request. */
import type { ChatRequest, ProviderId } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { Gathered } from './contract.ts'
import { gather } from './contract.ts'
import type { Handler } from './scripted-server.ts'
import { startScriptedServer } from './scripted-server.ts'

export type Asked = Gathered & { bodies: Record<string, unknown>[] }

/** Asks `request` (a plain question by default) `times` times, each through a provider of its own; the last answer is gathered. */
export async function askOnce(
  id: ProviderId,
  answers: Handler[],
  request: Partial<ChatRequest> = {},
  times = 1,
): Promise<Asked> {
  let served = 0
  await using server = await startScriptedServer((script) => {
    const answer = answers[Math.min(served++, answers.length - 1)]
    return answer?.(script)
  })
  const asked: ChatRequest = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    ...request,
  }
  const ask = () => {
    const provider = createProvider(id, { baseUrl: `${server.origin}/v1`, apiKey: 'key-of-the-test' })
    return gather(provider.stream(asked, new AbortController().signal))
  }
  let gathered = await ask()
  for (let time = 1; time < times; time++) gathered = await ask()
  return { ...gathered, bodies: server.requests.map((each) => each.json() as Record<string, unknown>) }
}

/** An event stream of these bytes. */
export const plays =
  (bytes: string): Handler =>
  async (script) => {
    script.sse()
    await script.send(bytes)
    script.end()
  }

/** A refusal that names a parameter, as OpenAI words it. */
export const refuses =
  (param: string | null, message: string): Handler =>
  (script) =>
    script.json(400, { error: { type: 'invalid_request_error', code: 'unsupported_parameter', param, message } })
