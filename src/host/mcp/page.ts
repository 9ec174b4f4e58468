/** The page of MCP servers, seen from the host: how each server stands, and what its buttons do. */
import type { McpAction, McpCard, McpPageView, McpTest } from '../../shared/protocol.ts'
import { tokensOf } from '../../tools/toolbox.ts'
import { oneLine } from '../../mcp/text.ts'
import { addServer } from './add.ts'
import type { McpDesk } from './desk.ts'
import type { McpHub } from './hub.ts'
import type { Questions } from './questions.ts'
import type { Known } from './roster.ts'
import { McpOffers } from './offers.ts'
import { inShort, PLACES } from './words.ts'

export type McpPageParts = {
  hub: McpHub
  desk: McpDesk
  /** Why no model is told of any tool, where that is so. */
  whyNone(): 'untrusted' | 'off' | undefined
  changed(): void
  /** Something that is attached to a draft may be another now. */
  contextChanged(): void
}

/** Lines of standard error a card shows. */
const LAST_WORDS = 12

export class McpPage {
  readonly offers: McpOffers
  readonly #parts: McpPageParts
  readonly #tests = new Map<string, McpTest>()
  readonly #testing = new Set<string>()
  /** As of the last view. */
  #signedIn: ReadonlySet<string> = new Set()

  constructor(parts: McpPageParts) {
    this.#parts = parts
    this.offers = new McpOffers(parts.hub, parts.desk.boxes, () => parts.contextChanged())
  }

  get questions(): Questions {
    return this.#parts.hub.questions
  }

  async view(): Promise<McpPageView> {
    const { hub, whyNone } = this.#parts
    hub.begin()
    await hub.settled
    this.#signedIn = await hub.signedIn()
    const why = whyNone()
    return {
      servers: this.cards(),
      problems: [...hub.problems],
      ...(why && { whyNone: why }),
    }
  }

  cards(): McpCard[] {
    return this.#parts.hub.known.map((known) => this.#card(known))
  }

  async act(action: McpAction, name: string): Promise<void> {
    const known = this.#parts.hub.get(name)
    await this.#actions[action](known)
    this.#parts.changed()
  }

  async switchTool(server: string, tool: string, on: boolean): Promise<void> {
    await this.#parts.hub.switches.switchTool(this.#parts.hub.get(server).server, tool, on)
    this.#parts.changed()
  }

  /** Asks for one more server and gives its name; undefined where the person left. */
  async add(): Promise<string | undefined> {
    const { hub, desk } = this.#parts
    if (!desk.trusted()) throw new Error('Trust this workspace first: until then no server is started.')
    const name = await addServer(desk, new Set(hub.known.map(({ server }) => server.name)))
    if (name !== undefined) await hub.start(name)
    return name
  }

  readonly #actions: Record<McpAction, (known: Known) => Promise<void>> = {
    start: ({ server }) => this.#parts.hub.start(server.name),
    stop: ({ server }) => this.#parts.hub.stop(server.name),
    restart: async ({ server }) => {
      await this.#parts.hub.stop(server.name)
      await this.#parts.hub.start(server.name)
    },
    enable: (known) => this.#switch(known, true),
    disable: (known) => this.#switch(known, false),
    'sign-in': async ({ server }) => {
      const { hub, desk } = this.#parts
      await desk.boxes.waiting(`Waiting for ${server.name} in the browser`, (signal) => hub.signIn(server.name, signal))
    },
    edit: ({ file }) => this.#parts.desk.edit(file),
    test: ({ server }) => this.#test(server.name),
    'sign-out': async (known) => {
      const { hub } = this.#parts
      const { name } = known.server
      const state = hub.running(name)?.state.kind ?? 'stopped'
      await hub.signOut(name)
      if (state !== 'stopped') await this.#actions.restart(known)
    },
    'ask-again': async ({ server }) => {
      await this.#parts.hub.inputs.forget(server)
      await this.#actions.restart(this.#parts.hub.get(server.name))
    },
    remove: async (known) => {
      const { server, file } = known
      const { desk, hub } = this.#parts
      if (file !== undefined) return desk.edit(file)
      const detail = 'It is stopped, and its entry in panelist.mcp.servers goes.'
      if ((await desk.boxes.choose(`Remove the MCP server ${server.name}?`, detail, ['Remove'], 'Cancel')) !== 'Remove')
        return
      await hub.forget(known)
      await desk.write(({ [server.name]: _, ...others }) => others)
      await hub.configure()
    },
  }

  async #switch({ server, file }: Known, on: boolean): Promise<void> {
    const { desk, hub } = this.#parts
    if (file !== undefined) await hub.switches.switchServer(server.name, on)
    else
      await desk.write((entries) => {
        const { disabled: _, ...entry } = entries[server.name] ?? {}
        return { ...entries, [server.name]: on ? entry : { ...entry, disabled: true } }
      })
    await hub.configure()
  }

  /** Starts it anew, as a person who has mended something would, and says what came of it. */
  async #test(name: string): Promise<void> {
    const { hub, changed } = this.#parts
    if (this.#testing.has(name)) return
    this.#testing.add(name)
    changed()
    const began = Date.now()
    try {
      await hub.stop(name)
      await hub.start(name)
      const server = hub.running(name)
      const state = server?.state
      const seconds = ((Date.now() - began) / 1000).toFixed(1)
      const count = server?.tools.length ?? 0
      const text =
        state?.kind === 'ready'
          ? `Works: ${count} ${count === 1 ? 'tool' : 'tools'}, started in ${seconds} s.`
          : state?.kind === 'failed'
            ? hub.inputs.redact(state.error.message)
            : 'It was not started.'
      this.#tests.set(name, { ok: state?.kind === 'ready', text, at: Date.now() })
    } finally {
      this.#testing.delete(name)
    }
  }

  #card({ server, standing, file }: Known): McpCard {
    const { hub } = this.#parts
    const running = standing === 'allowed' ? hub.running(server.name) : undefined
    const state = running?.state ?? { kind: 'stopped' as const }
    const failed = state.kind === 'failed' ? state : undefined
    const test = this.#tests.get(server.name)
    const isRemote = server.definition.transport !== 'stdio'
    return {
      name: server.name,
      place: PLACES[server.origin],
      definition: oneLine(inShort(server.definition), 400),
      state: standing !== 'allowed' ? standing : failed?.error.code === 'auth' && isRemote ? 'sign-in' : state.kind,
      ...(state.kind === 'ready' && { version: oneLine(state.version, 60) }),
      ...(failed && { problem: oneLine(hub.inputs.redact(failed.error.message), 600) }),
      ...(failed?.restartAt !== undefined && { restartAt: failed.restartAt }),
      lastWords: failed ? (running?.lastWords ?? []).slice(-LAST_WORDS).map((line) => hub.inputs.redact(line)) : [],
      ...(running?.instructions && { instructions: running.instructions }),
      ...(server.inputs.length > 0 && { hasInputs: true as const }),
      ...(this.#signedIn.has(server.name) && { signedIn: true as const }),
      ...(file !== undefined && { inFile: true as const }),
      ...(this.#testing.has(server.name) && { testing: true as const }),
      ...(test && { test }),
      tools: (running?.tools ?? []).map(({ name, title, description, inputSchema }) => ({
        name,
        title,
        description: description.length > 400 ? `${description.slice(0, 400).toWellFormed()}…` : description,
        tokens: tokensOf({ name, description, inputSchema }),
        on: !hub.switches.toolOff(server, name),
      })),
    }
  }
}
