/** Servers of a workspace's files that are switched off, and tools of any server. What is absent is on. */
import { isObject } from '../../shared/json.ts'
import type { Memory } from '../choice.ts'

const SERVERS = 'panelist.mcp.serversOff'
const TOOLS = 'panelist.mcp.toolsOff'

export class Switches {
  readonly #memory: Memory
  readonly #workspace: () => string

  constructor(memory: Memory, workspace: () => string) {
    this.#memory = memory
    this.#workspace = workspace
  }

  serverOff(name: string): boolean {
    return this.#list(SERVERS, this.#workspace()).includes(name)
  }

  async switchServer(name: string, on: boolean): Promise<void> {
    await this.#switch(SERVERS, this.#workspace(), name, on)
  }

  /** `tool`: as its server calls it. */
  toolOff(server: string, tool: string): boolean {
    return this.#list(TOOLS, server).includes(tool)
  }

  async switchTool(server: string, tool: string, on: boolean): Promise<void> {
    await this.#switch(TOOLS, server, tool, on)
  }

  #list(key: string, under: string): unknown[] {
    const kept = this.#memory.get<unknown>(key)
    const list = isObject(kept) ? kept[under] : undefined
    return Array.isArray(list) ? list : []
  }

  async #switch(key: string, under: string, name: string, on: boolean): Promise<void> {
    const kept = this.#memory.get<unknown>(key)
    const others = this.#list(key, under).filter((one) => one !== name)
    await this.#memory.update(key, { ...(isObject(kept) ? kept : {}), [under]: on ? others : [...others, name] })
  }
}
