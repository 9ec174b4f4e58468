/** One connection to a server, from the handshake to its end. A server that comes back gets a new one. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SseError } from '@modelcontextprotocol/sdk/client/sse.js'
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { ServerCapabilities } from '@modelcontextprotocol/sdk/types.js'
import { ErrorCode, McpError as ProtocolError, ResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { setTimeout as pause } from 'node:timers/promises'
import type { JsonObject } from '../shared/json.ts'
import type { McpTimeouts } from './configuration/definition.ts'
import { Deadline } from './deadline.ts'
import { McpError } from './errors.ts'
import { networkCode, statusOf, toMcpError } from './failures.ts'
import type { Heard } from './notifications.ts'
import { listen } from './notifications.ts'
import type { McpPorts, RequestSettings } from './ports.ts'
import { answerQuestions, capabilitiesFor } from './questions.ts'
import { cutAt, oneLine, visible } from './text.ts'

export type ConnectionOptions = {
  server: string
  client: { name: string; version: string }
  timeouts: McpTimeouts
  ports: McpPorts
  heard: Heard
  /** The connection ended and nobody asked it to. Told once, and never before `open` has settled. */
  lost(error: unknown): void
}

/** Half a minute more than any `setTimeout` of the SDK may fire in: time is kept by `Deadline`. */
const NEVER = 2 ** 31 - 1

export class Connection {
  readonly #options: ConnectionOptions
  readonly #client: Client
  readonly #transport: Transport
  readonly #deadlines = new Set<Deadline>()
  #open = false
  #closed = false
  #lostBy: unknown

  /** Connects and shakes hands. Throws what the transport or the server said, or an `McpError` when it takes too long. */
  static async open(transport: Transport, options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const connection = new Connection(transport, options)
    const { server, timeouts } = options
    try {
      const connecting = connection.#client.connect(transport, { timeout: NEVER })
      await connection.#timed(connecting, { signal }, new Deadline(timeouts.start, timeouts.start), 'start')
      connection.#open = true
      return connection
    } catch (error) {
      await connection.close()
      throw error instanceof McpError && error.code === 'timeout' ? tooSlow(server, timeouts.start) : error
    }
  }

  private constructor(transport: Transport, options: ConnectionOptions) {
    this.#options = options
    this.#transport = transport
    this.#client = new Client(options.client, { capabilities: capabilitiesFor(options.ports) })
    this.#client.onclose = () => this.#lose(closed())
    this.#client.onerror = (error) => this.#complain(error)
    answerQuestions(this.#client, options.server, options.ports, (ask) => this.#asking(ask))
    listen(this.#client, options.heard)
  }

  /** False from the moment it is of no use any more. */
  get isOpen(): boolean {
    return this.#open
  }

  /** The error of what cannot be done any more because the connection ended. */
  ended(doing: string): McpError {
    return toMcpError(this.#lostBy ?? closed(), this.#options.server, doing)
  }

  get capabilities(): ServerCapabilities {
    return this.#client.getServerCapabilities() ?? {}
  }

  /** What the server wants a model to know of it, made visible and cut. */
  get instructions(): string | undefined {
    const told = this.#client.getInstructions()
    return told === undefined ? undefined : cutAt(visible(told), 4_000)
  }

  /** What the server calls itself. */
  get version(): string {
    const { name = '', version = '' } = this.#client.getServerVersion() ?? {}
    return oneLine(`${name} ${version}`, 100)
  }

  /** Sends a request and gives the result as it came. Throws an `McpError`; `doing` is a part of its sentence. */
  async request(
    method: string,
    params: JsonObject,
    doing: string,
    settings: RequestSettings = {},
  ): Promise<JsonObject> {
    const { server, timeouts, heard } = this.#options
    const deadline = new Deadline(timeouts.request, timeouts.total)
    const startedAt = performance.now()
    // Neither arguments nor answers have a place in a log.
    const note = (how: string) =>
      heard.log('debug', 'client', `${method} ${how} after ${Math.round(performance.now() - startedAt)} ms`)
    const cancel = new AbortController()
    const { onProgress } = settings
    const answer = this.#client.request({ method, params }, ResultSchema, {
      timeout: NEVER,
      signal: cancel.signal,
      onprogress: ({ progress, total, message }) => {
        deadline.touch()
        onProgress?.({
          done: progress,
          ...(total === undefined ? {} : { total }),
          ...(message === undefined ? {} : { text: oneLine(message, 300) }),
        })
      },
    })
    try {
      const result = (await this.#timed(answer, settings, deadline, doing)) as JsonObject
      note('was answered')
      return result
    } catch (error) {
      note('failed')
      if (error instanceof McpError)
        cancel.abort(error.code === 'timeout' ? 'It took too long.' : 'It is not wanted any more.')
      else this.#judge(error)
      // What ended the connection says more than that it ended.
      throw this.#open || error instanceof McpError ? toMcpError(error, server, doing) : this.ended(doing)
    }
  }

  async rootsChanged(): Promise<void> {
    await this.#client.sendRootsListChanged().catch(() => {})
  }

  /** Ends the connection and, for a process, the process. Never throws; at most 2 s. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#open = false
    const { sessionId } = this.#transport
    if (sessionId !== undefined && 'terminateSession' in this.#transport) {
      const ending = (this.#transport as StreamableHTTPClientTransport).terminateSession()
      await Promise.race([ending.catch(() => {}), pause(500)])
    }
    // The client forgets its transport when connecting failed; both are ended, and twice is no harm.
    await Promise.allSettled([this.#client.close(), this.#transport.close()])
  }

  async #timed<T>(work: Promise<T>, { signal }: RequestSettings, deadline: Deadline, doing: string): Promise<T> {
    const { server, timeouts } = this.#options
    using _ = deadline
    this.#deadlines.add(deadline)
    const stopped = Promise.withResolvers<never>()
    const late = () => stopped.reject(tookTooLong(server, doing, timeouts))
    const leave = () => stopped.reject(cancelled(server, doing))
    deadline.signal.addEventListener('abort', late, { once: true })
    signal?.addEventListener('abort', leave, { once: true })
    if (signal?.aborted) leave()
    try {
      return await Promise.race([work, stopped.promise])
    } finally {
      signal?.removeEventListener('abort', leave)
      this.#deadlines.delete(deadline)
      work.catch(() => {})
    }
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    const held = [...this.#deadlines]
    for (const deadline of held) deadline.hold()
    try {
      return await ask()
    } finally {
      for (const deadline of held) deadline.resume()
    }
  }

  /** A request failed: does it tell that the connection is of no use any more? */
  #judge(error: unknown): void {
    const status = statusOf(error)
    const stale = this.#transport.sessionId !== undefined && (status === 404 || status === 400)
    if (stale || networkCode(error) !== undefined) this.#lose(error)
  }

  #complain(error: Error): void {
    if (this.#closed) return
    // The SDK tells neither by `onclose`: it gave up a stream, or the stream of an old server broke and with it the session.
    const isOver = error instanceof SseError || /Maximum reconnection attempts/.test(error.message)
    if (isOver) return this.#lose(error)
    this.#options.heard.log('debug', 'client', oneLine(error.message, 300))
  }

  #lose(error: unknown): void {
    if (!this.#open || this.#closed) return
    this.#open = false
    this.#lostBy = error
    this.#options.lost(error)
  }
}

function closed(): ProtocolError {
  return new ProtocolError(ErrorCode.ConnectionClosed, 'Connection closed')
}

function tooSlow(server: string, ms: number): McpError {
  const what = `${server} was not ready within ${ms / 1000} s.`
  return new McpError({
    code: 'timeout',
    server,
    what,
    todo: 'Look at its output, or give it more time in its configuration.',
  })
}

function tookTooLong(server: string, doing: string, { request, total }: McpTimeouts): McpError {
  const what = `${server} could not ${doing}: nothing came for ${request / 1000} s, or it took more than ${total / 1000} s.`
  return new McpError({
    code: 'timeout',
    server,
    what,
    todo: 'Ask for less, or give it more time in its configuration.',
  })
}

function cancelled(server: string, doing: string): McpError {
  return new McpError({ code: 'cancelled', server, what: `${server} was told to stop before it could ${doing}.` })
}
