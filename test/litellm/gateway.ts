/** A real LiteLLM gateway in front of an upstream that a test scripts. */
import { createProvider } from '../../src/llm/index.ts'
import type { Provider } from '../../src/llm/index.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { configuration } from './configuration.ts'
import { startLookout } from './lookout.ts'
import { startProxy } from './proxy.ts'

/** The one key that this gateway knows. Keys for people and teams would take a database of its own. */
export const virtualKey = 'sk-virtual-key-of-the-tests'

export type Gateway = AsyncDisposable & {
  /** With `/v1`, as `createProvider` takes it. */
  baseUrl: string
  pid: number
  /** What the gateway's process keeps on disk. */
  folder: string
  /** What the gateway asked of the upstream, oldest first. */
  upstream: ScriptedServer
  /** Every place outside this machine that the gateway reached for. */
  outside: string[]
  /** Says how the upstream answers from now on. */
  answers(handler: Handler): void
  provider(apiKey?: string): Provider
}

/** Starts the gateway. Throws `NoLitellm` where it cannot be had, and its last words where it does not start. */
export async function startGateway(): Promise<Gateway> {
  let answer: Handler = (script) => script.json(500, { error: { message: 'No test said how to answer.' } })
  await using servers = new AsyncDisposableStack()
  const upstream = servers.use(await startScriptedServer((script) => answer(script)))
  const lookout = servers.adopt(await startLookout(), ({ close }) => close())
  const proxy = servers.adopt(
    await startProxy({
      configuration: configuration(upstream.origin),
      masterKey: virtualKey,
      outside: lookout.port,
    }),
    ({ stop }) => stop(),
  )
  const running = servers.move()
  const baseUrl = `${proxy.origin}/v1`
  return {
    baseUrl,
    pid: proxy.pid,
    folder: proxy.folder,
    upstream,
    outside: lookout.seen,
    answers: (handler) => void (answer = handler),
    provider: (apiKey = virtualKey) => createProvider('litellm', { baseUrl, apiKey }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
