/** Which servers a window knows, how each is defined now, and whether it may run. */
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { ResolvePorts } from '../../mcp/configuration/resolve.ts'
import { approvalHash } from '../../mcp/configuration/resolve.ts'
import type { McpConfiguration } from './configuration.ts'
import { noServers, readConfiguration } from './configuration.ts'
import type { Consents } from './consents.ts'
import type { McpDesk } from './desk.ts'
import type { Switches } from './switches.ts'

/** `waiting`: for the person's word. `refused`: the person said never. */
export type Standing = 'allowed' | 'waiting' | 'refused' | 'off'

export type Known = { server: ConfiguredServer; standing: Standing; file?: string }

export type RosterParts = {
  desk: McpDesk
  consents: Consents
  switches: Switches
  ports(server: ConfiguredServer): ResolvePorts
}

export class Roster {
  readonly #parts: RosterParts
  #configuration: McpConfiguration = noServers
  #known: readonly Known[] = []
  /** What each definition was when it was last looked at: approvals of its tools are bound to it. */
  readonly #hashes = new Map<string, string>()

  constructor(parts: RosterParts) {
    this.#parts = parts
  }

  get problems(): readonly string[] {
    return this.#configuration.problems
  }

  get known(): readonly Known[] {
    return this.#known
  }

  get allowed(): ConfiguredServer[] {
    return this.#known.filter(({ standing }) => standing === 'allowed').map(({ server }) => server)
  }

  /** Throws a sentence where the server is gone. */
  get(name: string): Known {
    const known = this.#known.find(({ server }) => server.name === name)
    if (!known) throw new Error(`There is no MCP server ${name} any more.`)
    return known
  }

  hashOf(name: string): string | undefined {
    return this.#hashes.get(name)
  }

  /** Takes up what is configured now. */
  async read(): Promise<void> {
    this.#configuration = await readConfiguration(this.#parts.desk)
    const { servers, files } = this.#configuration
    this.#known = await Promise.all(
      servers.map(async (server) => {
        const standing = await this.look(server, this.#parts.ports(server))
        const file = files.get(server)
        return { server, standing, ...(file !== undefined && { file }) }
      }),
    )
  }

  /** How it stands by its definition as it is now, with the files that `ports` read for it. */
  async look(server: ConfiguredServer, ports: ResolvePorts): Promise<Standing> {
    const hash = await approvalHash(server, ports)
    this.#hashes.set(server.name, hash)
    const { consents, switches } = this.#parts
    if (server.disabled === true || (server.origin !== 'settings' && switches.serverOff(server.name))) return 'off'
    if (server.origin === 'settings') return 'allowed'
    const verdict = consents.verdict(server.name, hash)
    if (verdict === 'never') return 'refused'
    return verdict ?? 'waiting'
  }
}
