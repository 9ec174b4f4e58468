/** What the models of this conversation may call. */
import type { Chosen, ToolChoices, ToolGroup, ToolView } from '../../src/shared/protocol.ts'
import type { ToolSource } from '../../src/shared/tool-state.ts'
import type { Bridge } from '../bridge.ts'

export class ToolStore {
  choices: ToolChoices | undefined = $state.raw()
  /** Why the last thing asked for could not be done. */
  problem: string | undefined = $state()
  /** Grows whenever what is known is stale. */
  version = $state(0)
  readonly #bridge: Bridge
  #latest = 0
  /** What was switched and is on its way. */
  #switching: Promise<unknown> = Promise.resolve()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  get all(): ToolView[] {
    return this.choices?.groups.flatMap(({ tools }) => tools) ?? []
  }

  /** What is known is stale. What is shown stays until there is better. */
  forget(): void {
    this.version++
  }

  find(name: string): { tool: ToolView; group: ToolGroup } | undefined {
    for (const group of this.choices?.groups ?? []) {
      const tool = group.tools.find((one) => one.name === name)
      if (tool) return { tool, group }
    }
    return undefined
  }

  /** Of several answers under way only that of the last question counts. */
  async load(): Promise<void> {
    await this.#ask(async () => {
      await this.#switching
      return this.#bridge.ask('tools', {})
    })
  }

  /** Shown at once; what the host says in the end is what counts. */
  async switch(names: readonly string[], on: boolean): Promise<void> {
    const { choices } = this
    if (!choices) return
    const groups = choices.groups.map((group) => ({
      ...group,
      tools: group.tools.map((tool) => (names.includes(tool.name) ? { ...tool, on } : tool)),
    }))
    this.choices = { ...choices, groups }
    const off = this.all.filter((tool) => !tool.on).map(({ name }) => name)
    await this.#ask(async () => {
      const switching = this.#bridge.ask('switch-tools', { off })
      this.#switching = switching.catch(() => undefined)
      await switching
      return this.#bridge.ask('tools', {})
    })
  }

  async #ask(work: () => Promise<ToolChoices>): Promise<void> {
    const ask = ++this.#latest
    try {
      const choices = await work()
      if (ask !== this.#latest) return
      this.choices = choices
      this.problem = undefined
    } catch (error) {
      if (ask !== this.#latest) return
      this.problem = error instanceof Error ? error.message : String(error)
      const choices = await this.#bridge.ask('tools', {}).catch(() => undefined)
      if (choices && ask === this.#latest) this.choices = choices
    }
  }
}

/** Who brings a tool, in a word or two. */
export function sourceName(source: ToolSource): string {
  if (source.kind === 'built-in') return 'Panelist'
  return source.kind === 'mcp' ? `MCP server ${source.label ?? source.server}` : `extension ${source.label}`
}

/** Why the model that answers next is told of no tool, in a sentence. */
export function whyNoTools(whyNone: ToolChoices['whyNone'], chosen: Chosen | undefined): string | undefined {
  if (whyNone === 'untrusted') return 'Tools are off, because this workspace is not trusted (Restricted Mode).'
  if (whyNone === 'off') return 'Tools are switched off in the settings.'
  if (chosen?.info?.tools === false) return `${chosen.info.name} cannot call tools.`
  return undefined
}
