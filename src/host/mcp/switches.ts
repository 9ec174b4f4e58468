/** Servers of a workspace's files that are switched off, and tools of any server. What is absent is on. */
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import { isObject } from '../../shared/json.ts'
import type { Memory } from '../choice.ts'

const SERVERS = 'panelist.mcp.serversOff'
const TOOLS = 'panelist.mcp.toolsOff'

type Place = Pick<ConfiguredServer, 'name' | 'origin'>

export class Switches {
  readonly #memory: Memory
  readonly #workspace: () => string

  constructor(memory: Memory, workspace: () => string) {
    this.#memory = memory
    this.#workspace = workspace
  }

  serverOff(name: string): boolean {
    return this.#list(SERVERS, this.#workspace())?.includes(name) ?? false
  }

  async switchServer(name: string, on: boolean): Promise<void> {
    await this.#switch(SERVERS, this.#workspace(), name, on)
  }

  /** `tool`: as its server calls it. */
  toolOff(server: Place, tool: string): boolean {
    return this.#toolsOff(server).includes(tool)
  }

  async switchTool(server: Place, tool: string, on: boolean): Promise<void> {
    await this.#switch(TOOLS, this.#identity(server), tool, on, this.#toolsOff(server))
  }

  /** The server is removed: one of its name that comes later is another one. */
  async forgetTools(server: Place): Promise<void> {
    const kept = this.#memory.get<unknown>(TOOLS)
    if (!isObject(kept)) return
    const { [this.#identity(server)]: _, [server.name]: __, ...others } = kept
    await this.#memory.update(TOOLS, others)
  }

  #toolsOff(server: Place): unknown[] {
    // Before servers were told apart by where they stand, they were by their name alone.
    return this.#list(TOOLS, this.#identity(server)) ?? this.#list(TOOLS, server.name) ?? []
  }

  /**
   * A server is known by where its definition stands: one of the same name in another workspace is another one. The text
   * of the definition does not count: a tool that was switched off must not come back because an argument changed.
   */
  #identity({ origin, name }: Place): string {
    return JSON.stringify(origin === 'settings' ? [origin, name] : [origin, this.#workspace(), name])
  }

  #list(key: string, under: string): unknown[] | undefined {
    const kept = this.#memory.get<unknown>(key)
    const list = isObject(kept) && Object.hasOwn(kept, under) ? kept[under] : undefined
    return Array.isArray(list) ? list : undefined
  }

  async #switch(
    key: string,
    under: string,
    name: string,
    on: boolean,
    before = this.#list(key, under) ?? [],
  ): Promise<void> {
    const kept = this.#memory.get<unknown>(key)
    const others = before.filter((one) => one !== name)
    await this.#memory.update(key, { ...(isObject(kept) ? kept : {}), [under]: on ? others : [...others, name] })
  }
}
