/** The agents that can be chosen, and the instructions that go along. Comes with what draws them. */
import type { AgentId, AgentView, UsedInstructions } from '../../src/shared/agent.ts'
import type { AgentChoices } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'

export class AgentStore {
  choices: AgentChoices | undefined = $state.raw()
  /** What the next request takes along. */
  instructions: UsedInstructions[] = $state.raw([])
  /** Why the last thing asked for could not be done. */
  problem: string | undefined = $state()
  /** Grows whenever what is known is stale. */
  version = $state(0)
  readonly #bridge: Bridge
  #latest = 0
  #loads = 0

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** What is known is stale. What is shown stays until there is better. */
  forget(): void {
    this.version++
  }

  /** Of several answers under way only that of the last question counts. */
  async load(): Promise<void> {
    const ask = ++this.#loads
    try {
      const choices = await this.#bridge.ask('agents', {})
      if (ask !== this.#loads) return
      this.choices = choices
      this.problem = undefined
    } catch (error) {
      if (ask === this.#loads) this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Of several answers under way only that of the last question counts. */
  async loadInstructions(): Promise<void> {
    const ask = ++this.#latest
    const files = await this.#bridge.ask('instructions', {}).catch(() => [])
    if (ask === this.#latest) this.instructions = files
  }
}

/** The one store of this panel. */
export function agentsOf(panel: { readonly bridge: Bridge; agents: AgentStore | undefined }): AgentStore {
  return (panel.agents ??= new AgentStore(panel.bridge))
}

export const filesText = (count: number): string =>
  count === 1 ? '1 instruction file goes along' : `${count} instruction files go along`

/** A row of the picker. */
export type AgentRow = { id: AgentId | null; name: string; agent?: AgentView }

/** Every word has to be in what a row says; the row for no agent is the first. */
export function agentRows(choices: AgentChoices | undefined, search: string): AgentRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const rows: AgentRow[] = [
    { id: null, name: 'No agent' },
    ...(choices?.agents ?? []).map((agent) => ({ id: agent.id, name: agent.name, agent })),
  ]
  return rows.filter(({ name, agent }) => {
    const text = `${name} ${agent?.description ?? ''} ${agent?.path ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** What its file decides, in a few words. Who picks it has seen the name of the key. */
export function agentFacts({
  models,
  provider,
  tools,
  thinking,
  maxOutputTokens,
  budget,
  keyProfile,
}: AgentView): string[] {
  const more = models.length > 1 ? ` +${models.length - 1}` : ''
  const facts = [
    models[0] === undefined ? provider : models[0] + more,
    tools && (tools.length === 0 ? 'no tools' : `tools: ${tools.join(', ')}`),
    thinking && `thinking ${thinking}`,
    maxOutputTokens !== undefined && `${maxOutputTokens.toLocaleString('en')} tokens`,
    budget !== undefined && `$${budget} a turn`,
    keyProfile !== undefined && `key ${keyProfile}`,
  ]
  return facts.filter((fact) => typeof fact === 'string')
}
