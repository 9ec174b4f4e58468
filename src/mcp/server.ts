/** One configured server: started, watched, started again, stopped; and what it can be asked. */
import { setTimeout as pause } from 'node:timers/promises'
import type { JsonObject } from '../shared/json.ts'
import { unlessAborted } from './abort.ts'
import { Again } from './again.ts'
import { connect } from './connect.ts'
import type { ConfiguredServer } from './configuration/definition.ts'
import type { ResolvedDefinition } from './configuration/resolved.ts'
import type { Connection } from './connection.ts'
import { McpError } from './errors.ts'
import { toMcpError } from './failures.ts'
import type { ToolInfo } from './lists.ts'
import { listOver } from './listing.ts'
import { toolsOf } from './lists.ts'
import type { Heard, ListKind } from './notifications.ts'
import type { RequestSettings } from './ports.ts'
import { defaultRestarts, Restarts } from './restarts.ts'
import type { McpServerContext, McpState } from './state.ts'

/** What no start again mends. */
const FINAL = new Set(['missing-command', 'configuration', 'auth', 'cancelled'])

export class McpServer {
  readonly configured: ConfiguredServer
  readonly #context: McpServerContext
  readonly #restarts: Restarts
  readonly #lastWords: string[] = []
  #state: McpState = { kind: 'stopped' }
  #tools: readonly ToolInfo[] = []
  #connection: Connection | undefined
  #opening: Promise<Connection> | undefined
  /** Aborted by a stop. */
  #life = new AbortController()
  #stoppedByPerson = false
  #stopping: Promise<void> | undefined
  #disposed = false
  readonly #again = new Again<ListKind>((kind) => this.#refresh(kind))

  constructor(configured: ConfiguredServer, context: McpServerContext) {
    this.configured = configured
    this.#context = context
    this.#restarts = new Restarts(context.restarts ?? defaultRestarts)
  }

  get name(): string {
    return this.configured.name
  }

  get state(): McpState {
    return this.#state
  }

  /** The last lines of standard error, of all starts. */
  get lastWords(): readonly string[] {
    return this.#lastWords
  }

  /** What it offered last; nothing while it is stopped. */
  get tools(): readonly ToolInfo[] {
    return this.#tools
  }

  /** What the server wants a model to know of it. */
  get instructions(): string | undefined {
    return this.#connection?.instructions
  }

  /** Settles when it is ready. Throws an `McpError`. */
  async start(): Promise<void> {
    if (this.#disposed) throw this.#stopped('start')
    this.#stoppedByPerson = false
    this.#restarts.forget()
    await this.#stopping
    // Somebody may have stopped it again meanwhile.
    if (this.#stoppedByPerson) throw this.#stopped('start')
    await this.#begin()
  }

  /** Settles when nothing of it runs any more: within 2 s. Never throws. Requests do not start it again. */
  async stop(): Promise<void> {
    this.#stoppedByPerson = true
    this.#life.abort()
    this.#life = new AbortController()
    const connection = this.#connection
    this.#connection = undefined
    this.#tools = []
    const before = this.#stopping
    const opening = this.#opening
    this.#stopping = Promise.all([before, connection?.close(), opening?.catch(() => {})]).then(() => {})
    await this.#stopping
    if (this.#stoppedByPerson) this.#become({ kind: 'stopped' })
    this.#context.changed({ server: this.name, kind: 'tools' })
  }

  /** Stops it for good. */
  dispose(): Promise<void> {
    this.#disposed = true
    return this.stop()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async rootsChanged(): Promise<void> {
    await this.#connection?.rootsChanged()
  }

  /**
   * Sends a request and gives the result as it came; starts the server where nobody stopped it. A session that the server
   * forgot is begun anew, once: such a request was not carried out. Throws an `McpError`.
   */
  async request(
    method: string,
    params: JsonObject,
    doing: string,
    settings: RequestSettings = {},
  ): Promise<JsonObject> {
    const connection = await this.#ready(doing, settings.signal)
    try {
      return await connection.request(method, params, doing, settings)
    } catch (error) {
      if (this.#stoppedByPerson && connection !== this.#connection) throw this.#stopped(doing)
      if (this.#connection === connection || !isStale(error)) throw error
      const next = await this.#ready(doing, settings.signal)
      return next.request(method, params, doing, settings)
    }
  }

  /** All entries of one of its lists; none where the server has no such thing. Throws an `McpError`. */
  async list(kind: ListKind | 'templates', signal?: AbortSignal): Promise<JsonObject[]> {
    const connection = await this.#ready(`list its ${kind}`, signal)
    return listOver(connection, kind, signal)
  }

  /** True where the running server says that it can tell of changes of a resource. */
  get canSubscribe(): boolean {
    return this.#connection?.capabilities.resources?.subscribe === true
  }

  /** The connection, as soon as there is one. A server that waits for its next start is waited for. */
  async #ready(doing: string, signal?: AbortSignal): Promise<Connection> {
    try {
      for (;;) {
        if (this.#connection) return this.#connection
        if (this.#stoppedByPerson) throw this.#stopped(doing)
        const state = this.#state
        const failed = state.kind === 'failed' && !this.#opening ? state : undefined
        if (failed?.restartAt !== undefined) {
          await pause(Math.max(10, failed.restartAt - Date.now()), undefined, signal ? { signal } : {})
        } else if (failed && failed.error.code !== 'unreachable') throw failed.error
        else await unlessAborted(this.#begin(), signal)
      }
    } catch (error) {
      throw toMcpError(error, this.name, doing)
    }
  }

  #begin(): Promise<Connection> {
    if (this.#connection) return Promise.resolve(this.#connection)
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #open(): Promise<Connection> {
    const { signal } = this.#life
    const { changed } = this.#context
    this.#become({ kind: 'starting' })
    try {
      const connection = await this.#connect(signal)
      const tools = await this.#listTools(connection, signal).catch(async (error: unknown) => {
        await connection.close()
        throw error
      })
      if (signal.aborted) await connection.close()
      signal.throwIfAborted()
      if (!connection.isOpen) throw connection.ended('start')
      this.#connection = connection
      this.#tools = tools
      this.#become({ kind: 'ready', version: connection.version })
      changed({ server: this.name, kind: 'tools' })
      return connection
    } catch (error) {
      if (signal.aborted) throw this.#stopped('start')
      const failure = toMcpError(error, this.name, 'start')
      this.#become({ kind: 'failed', error: failure })
      throw failure
    }
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const { client, ports, watchdog, resolve, auth } = this.#context
    const resolved = await unlessAborted(resolve(this.configured, signal), signal)
    const provider = usesSignIn(resolved) ? await auth?.(this.name, resolved.url, resolved.oauth) : undefined
    let connection: Connection | undefined
    const options = {
      server: this.name,
      client,
      ports,
      watchdog,
      timeouts: this.configured.timeouts,
      lastWords: this.#lastWords,
      heard: this.#heard(),
      lost: (error: McpError) => void this.#lost(connection, error),
      ...(provider ? { auth: provider } : {}),
    }
    return (connection = await connect(resolved, options, signal))
  }

  async #lost(connection: Connection | undefined, error: McpError): Promise<void> {
    if (!connection || connection !== this.#connection) return
    this.#connection = undefined
    void connection.close()
    if (isStale(error)) void this.#begin().catch(() => {})
    else await this.#startAgain(error)
  }

  /** It crashed: waits and starts it, until it stands or is given up. */
  async #startAgain(error: McpError): Promise<void> {
    const { signal } = this.#life
    for (let last = error; ;) {
      const delay = FINAL.has(last.code) ? undefined : this.#restarts.next()
      if (delay === undefined) return this.#giveUp(last)
      this.#become({ kind: 'failed', error: last, restartAt: Date.now() + delay })
      await pause(delay, undefined, { signal }).catch(() => {})
      if (signal.aborted || this.#connection || this.#opening) return
      try {
        await this.#begin()
        return
      } catch (again) {
        if (signal.aborted) return
        last = toMcpError(again, this.name, 'start')
      }
    }
  }

  #giveUp(last: McpError): void {
    const { most, withinMs } = this.#restarts.policy
    const minutes = Math.max(1, Math.round(withinMs / 60_000))
    const what = FINAL.has(last.code)
      ? last.what
      : `${last.what} It failed ${most} times within ${minutes} minutes and is left alone.`
    const todo = `${last.todo ?? ''} Start it again when it is mended.`.trim()
    this.#become({
      kind: 'failed',
      error: new McpError({ code: last.code, server: this.name, what, todo, cause: last }),
    })
  }

  #heard(): Heard {
    const { ports, changed } = this.#context
    const server = this.name
    return {
      listChanged: (kind) => this.#again.ask(kind),
      resourceUpdated: (uri) => changed({ server, kind: 'resource', uri }),
      log: (level, source, text) => ports.onLog?.({ server, level, source, text }),
    }
  }

  async #refresh(kind: ListKind): Promise<void> {
    const connection = this.#connection
    if (!connection) return
    try {
      const tools = kind === 'tools' ? await this.#listTools(connection, this.#life.signal) : undefined
      if (connection !== this.#connection) return
      if (tools) this.#tools = tools
      this.#context.changed({ server: this.name, kind })
    } catch (error) {
      this.#heard().log('warning', 'client', toMcpError(error, this.name, `list its ${kind}`).message)
    }
  }

  async #listTools(connection: Connection, signal: AbortSignal): Promise<ToolInfo[]> {
    const entries = await listOver(connection, 'tools', signal)
    return toolsOf(entries, (why) => this.#heard().log('warning', 'client', why))
  }

  #stopped(doing: string): McpError {
    const what = `${this.name} could not ${doing}: it is stopped.`
    return new McpError({ code: 'stopped', server: this.name, what, todo: 'Start it on the page of MCP servers.' })
  }

  #become(state: McpState): void {
    this.#state = state
    this.#context.changed({ server: this.name, kind: 'state' })
  }
}

/** A key of the definition's own is the sign-in where there is one. */
function usesSignIn(resolved: ResolvedDefinition): resolved is Exclude<ResolvedDefinition, { transport: 'stdio' }> {
  return resolved.transport !== 'stdio' && !new Headers(resolved.headers).has('authorization')
}

/** The server forgot our session: nothing is wrong but that. */
function isStale(error: unknown): boolean {
  return error instanceof McpError && (error.status === 400 || error.status === 404)
}
