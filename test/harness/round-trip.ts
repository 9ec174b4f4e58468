/** A provider's answer, stored as JSON, read back and sent with the next question: what of it reaches the provider again. */
import type { ProviderId } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { AssistantMessage, Message } from '../../src/shared/message.ts'
import type { Gathered } from './contract.ts'
import { gather } from './contract.ts'
import type { ScriptedServer } from './scripted-server.ts'
import { startScriptedServer } from './scripted-server.ts'

export type RoundTrip = Gathered & {
  /** The body of the second request, as the server read it. */
  replayed: Record<string, unknown>
}

export type RoundTripServer = AsyncDisposable & {
  /** Plays `answer` (the bytes of an event stream) cut into pieces of these sizes, and then asks on. */
  run(answer: string, sizes?: readonly number[]): Promise<RoundTrip>
}

/** A loopback server and a provider that talks to it. `finish`: the event stream that ends the second request. */
export async function startRoundTrips(id: ProviderId, finish: string): Promise<RoundTripServer> {
  let answer = finish
  let sizes: readonly number[] = []
  const server: ScriptedServer = await startScriptedServer(async (script) => {
    script.sse()
    await script.cut(answer, sizes.length > 0 ? sizes : [answer.length * 4])
    script.end()
  })
  const provider = createProvider(id, { baseUrl: `${server.origin}/v1`, apiKey: 'key-of-the-test' })
  const ask = (messages: Message[]) =>
    gather(provider.stream({ model: 'model', messages }, new AbortController().signal))

  return {
    async run(bytes, cuts = []) {
      server.requests.length = 0
      ;[answer, sizes] = [bytes, cuts]
      const gathered = await ask([question])
      ;[answer, sizes] = [finish, []]
      const stored = JSON.parse(JSON.stringify(gathered.message)) as AssistantMessage
      await ask([question, stored, question])
      return { ...gathered, replayed: server.requests[1]?.json() as Record<string, unknown> }
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

const question: Message = { role: 'user', content: [{ type: 'text', text: 'And?' }] }
