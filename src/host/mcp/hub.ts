/**
 * The MCP servers of a window. Nothing is read before a panel is shown or a turn begins, nothing is loaded before there is
 * a server that may run, and nothing runs that the person did not configure or allow.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { ResolvePorts } from '../../mcp/configuration/resolve.ts'
import { approvalHash } from '../../mcp/configuration/resolve.ts'
import type { SecretStore } from '../../mcp/oauth/ports.ts'
import { holdsTokens, secretOf } from '../../mcp/oauth/tokens.ts'
import type { McpTool } from '../../mcp/tools.ts'
import type { McpServers } from '../../mcp/servers.ts'
import { digestOf } from '../../tools/digest.ts'
import type { Tool } from '../../tools/tool.ts'
import type { Memory } from '../choice.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import { Asking } from './asking.ts'
import { Callbacks } from './callbacks.ts'
import { Consents } from './consents.ts'
import type { McpDesk } from './desk.ts'
import { Inputs } from './inputs.ts'
import { Patience } from './patience.ts'
import { Questions } from './questions.ts'
import type { Loaded } from './opening.ts'
import { openRoom } from './opening.ts'
import type { Known } from './roster.ts'
import { Roster } from './roster.ts'
import type { SamplingParts } from './sampling.ts'
import { resolvePorts, serverPorts } from './server-ports.ts'
import { Switches } from './switches.ts'

export type HubParts = {
  desk: McpDesk
  memory: Memory
  secrets: SecretStore
  log: Log
  sampling: Omit<SamplingParts, 'boxes' | 'log' | 'questions'>
  /** How we introduce ourselves to servers. */
  version: string
  /** False where no model is told of tools: then servers start only where a person starts them. */
  wanted(): boolean
  /** States, lists or the configuration changed. */
  changed(): void
  load(): Promise<typeof import('../../mcp/index.ts')>
  readingTime?: number
  /** Milliseconds a turn waits for servers to start, counted from their start, and anybody for what they offer. */
  patience?: number
}

/** Where the parts name no other `patience`. */
const PATIENCE = 5_000

export class McpHub {
  readonly callbacks = new Callbacks()
  /** What servers ask in the panel. */
  readonly questions = new Questions()
  /** See `HubParts`. */
  readonly patience: number
  readonly #patience = new Patience()
  readonly inputs: Inputs
  readonly switches: Switches
  readonly #parts: HubParts
  readonly #asking: Asking
  readonly #roster: Roster
  /** Servers a person stopped: only the person starts them again. */
  readonly #stopped = new Set<string>()
  #loading: Promise<Loaded> | undefined
  #loaded: Loaded | undefined
  /** Something was to begin, trusted or not. */
  #wished = false
  #begun = false
  #startedAt = 0
  /** Configurations are taken up one after another. */
  #work: Promise<void> = Promise.resolve()
  #starting: Promise<unknown> = Promise.resolve()
  #disposed = false

  constructor(parts: HubParts) {
    this.#parts = parts
    this.patience = parts.patience ?? PATIENCE
    const workspace = (): string => this.#workspace()
    const consents = new Consents(parts.memory, workspace)
    this.#asking = new Asking({
      boxes: parts.desk.boxes,
      consents,
      hashOf: (server) => approvalHash(server, this.#resolvePorts(server)),
      ...(parts.readingTime !== undefined && { readingTime: parts.readingTime }),
    })
    this.inputs = new Inputs(parts.secrets, parts.desk.boxes, workspace)
    this.switches = new Switches(parts.memory, workspace)
    const ports = (server: ConfiguredServer): ResolvePorts => this.#resolvePorts(server)
    this.#roster = new Roster({ desk: parts.desk, consents, switches: this.switches, ports })
  }

  /** A panel is shown, or a turn begins. */
  begin(): void {
    this.#wished = true
    if (this.#begun || !this.#parts.desk.trusted()) return
    this.#begun = true
    void this.configure()
  }

  /** The workspace is trusted now: what was to begin begins. */
  trust(): void {
    if (this.#wished) this.begin()
  }

  /** The settings, a file or a switch changed. Settles once what is to run is being started. Never rejects. */
  configure(): Promise<void> {
    if (!this.#begun || this.#disposed) return Promise.resolve()
    this.#startedAt = Date.now()
    this.#work = this.#work
      .then(() => this.#apply())
      .catch((error: unknown) => this.#parts.log.error(`mcp: ${describe(error)}`))
    return this.#work
  }

  /** The tools of the servers that run, once those that are starting had their time. */
  async tools(): Promise<Tool[]> {
    if (!this.#parts.desk.trusted()) return []
    this.begin()
    const left = new AbortController()
    const patience = pause(Math.max(0, this.#startedAt + this.patience - Date.now()), undefined, {
      signal: left.signal,
    })
    await Promise.race([this.#work.then(() => this.#starting), patience.catch(() => undefined)])
    left.abort()
    const tools = this.#loaded?.servers.tools() ?? []
    return tools
      .map((tool) => this.questions.calls.watched(tool))
      .filter((tool) => !this.#isOff(tool))
      .map((tool) => ({ ...tool, definition: digestOf([this.#roster.hashOf(tool.source.server) ?? null, tool.hash]) }))
  }

  /** Settles once the configuration was taken up as it was last told of. */
  get settled(): Promise<void> {
    return this.#work
  }

  get problems(): readonly string[] {
    return this.#roster.problems
  }

  get known(): readonly Known[] {
    return this.#roster.known
  }

  /** Throws a sentence where the server is gone. */
  get(name: string): Known {
    return this.#roster.get(name)
  }

  /** The running side of a server that is allowed and on. */
  running(name: string): ReturnType<McpServers['server']> | undefined {
    return this.#loaded?.servers.servers.find((server) => server.name === name)
  }

  /** Undefined before a server was wanted. */
  get servers(): McpServers | undefined {
    return this.#loaded?.servers
  }

  /** Starts it, and asks first where nobody has allowed it as it is now. What fails then is told by its state. */
  async start(name: string): Promise<void> {
    this.#stopped.delete(name)
    this.#patience.forget(name)
    this.#begun = true
    await this.configure()
    const { server, standing } = this.get(name)
    if (standing === 'waiting' || standing === 'refused') {
      if (!(await this.#asking.ask(server))) return
      await this.configure()
    }
    if (this.get(name).standing === 'allowed') await (await this.#hold()).servers.start([name])
  }

  async stop(name: string): Promise<void> {
    this.#stopped.add(name)
    await this.running(name)?.stop()
  }

  /** Forgets what the person filled in, the sign-in, and which of its tools are off. */
  async forget({ server }: Known): Promise<void> {
    await this.inputs.forget(server)
    await this.signOut(server.name)
    await this.switches.forgetTools(server)
  }

  /** Forgets tokens and registration. */
  async signOut(name: string): Promise<void> {
    await this.#loaded?.signIns.signOut(name)
    await this.#parts.secrets.delete(secretOf(name))
  }

  /** The servers at addresses that hold a sign-in of the person's. */
  async signedIn(): Promise<ReadonlySet<string>> {
    const remote = this.known.filter(({ server }) => server.definition.transport !== 'stdio')
    const names = remote.map(({ server }) => server.name)
    const secrets = await Promise.all(names.map((name) => this.#parts.secrets.get(secretOf(name))))
    return new Set(names.filter((_, at) => holdsTokens(secrets[at])))
  }

  /** Throws an `McpError`. */
  async signIn(name: string, signal: AbortSignal): Promise<void> {
    const server = this.running(name)
    if (server) await this.#loaded?.signIns.signIn(server, signal)
  }

  async rootsChanged(): Promise<void> {
    await this.#loaded?.servers.rootsChanged()
  }

  /** Settles when no process of a server is left. */
  async dispose(): Promise<void> {
    this.#disposed = true
    const loaded = await this.#loading?.catch(() => undefined)
    await loaded?.servers[Symbol.asyncDispose]()
  }

  async #apply(): Promise<void> {
    await this.#roster.read()
    this.#parts.changed()
    if (!this.#loaded && !(this.#parts.wanted() && this.#roster.allowed.length > 0)) return this.#askSoon()
    const { servers: all } = await this.#hold()
    const fresh = all.servers.filter(({ name, state }) => state.kind === 'stopped' && !this.#stopped.has(name))
    const starting = this.#parts.wanted() ? all.start(fresh.map(({ name }) => name)) : undefined
    this.#starting = Promise.all([this.#starting, starting])
    this.#askSoon()
  }

  /** The set of servers, held to what is configured and allowed now. */
  async #hold(): Promise<Loaded> {
    const loaded = await (this.#loading ??= this.#open())
    if (!this.#disposed) await loaded.servers.configure(this.#roster.allowed)
    return loaded
  }

  /** A turn goes on while a dialog stands open. */
  #askSoon(): void {
    this.#askAboutNew().catch((error: unknown) => this.#parts.log.error(`mcp: ${describe(error)}`))
  }

  async #askAboutNew(): Promise<void> {
    const { known } = this.#roster
    for (const { server, standing } of known) {
      // Whoever took up a newer configuration asks about that.
      if (known !== this.#roster.known) return
      if (standing !== 'waiting' || !this.#parts.wanted() || this.#disposed) continue
      if (await this.#asking.askOnce(server)) return this.configure()
    }
  }

  async #open(): Promise<Loaded> {
    const { desk, version, secrets, load, changed } = this.#parts
    return (this.#loaded = await openRoom({
      desk,
      version,
      secrets,
      load,
      callbacks: this.callbacks,
      ports: serverPorts({ ...this.#parts, inputs: this.inputs, questions: this.questions, patience: this.#patience }),
      resolvePorts: (server) => this.#resolvePorts(server),
      look: (server, ports) => this.#roster.look(server, ports),
      changed: (change) => {
        if (change.kind === 'state') this.#logState(change.server)
        changed()
      },
    }))
  }

  #isOff({ source, tool }: McpTool): boolean {
    const known = this.known.find(({ server }) => server.name === source.server)
    return known !== undefined && this.switches.toolOff(known.server, tool)
  }

  #resolvePorts(server: ConfiguredServer): ResolvePorts {
    return resolvePorts(server, this.#parts.desk, this.inputs)
  }

  #logState(name: string): void {
    const state = this.running(name)?.state
    if (!state) return
    if (state.kind !== 'failed') return this.#parts.log.info(`mcp ${name}: ${state.kind}`)
    this.#parts.log.warn(`mcp ${name}: ${describe(this.inputs.redact(state.error.message))}`)
  }

  #workspace(): string {
    return this.#parts.desk
      .folders()
      .map(({ uri }) => uri)
      .join('\n')
  }
}
