/** The agents, prompts and instructions of this window, as their files are now. Nothing is read before it is needed. */
import type { Agent, AgentInUse } from '../../shared/agent.ts'
import { agentName, NO_AGENT } from '../../shared/agent.ts'
import type { Message } from '../../shared/message.ts'
import type { Memory } from '../choice.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { Customisations, Kinds } from './discover.ts'
import type { CustomisationFiles } from './ports.ts'
import type { PromptFile, PromptInput, PromptSurroundings } from './prompt-file.ts'
import type { SystemPrompt } from './system.ts'

export type CustomisingParts = {
  files: CustomisationFiles
  settings(): CustomisationSettings
  memory: Memory
  log: Log
  load(): Promise<typeof import('./index.ts')>
  desk: CustomisingDesk
}

/** What happens in the editor itself. */
export type CustomisingDesk = {
  /** Asks where and by what name, and opens the template of an agent there. */
  create(): Promise<void>
  /** Lets the person pick a file, and opens it. */
  configure(all: Customisations): Promise<void>
  open(uri: string): Promise<void>
  /** Opens the file, and puts what its text becomes into it; it is not saved. */
  edit(uri: string, change: (text: string) => string): Promise<void>
  /** What prompts may ask for of the editor in front. */
  surroundings(): PromptSurroundings
}

/** `agent`: of new conversations, and where that is said. */
export type CustomisationSettings = {
  systemPrompt: string
  kinds: Kinds
  agent?: { name: string; origin: 'workspace' | 'user' }
}

/** What a conversation says of its agent. */
export type AgentChoice = { id: string; agent?: string }

/** The agent of a conversation: its file, where there is one, and what a page says of it. */
export type AgentOf = { agent?: Agent; inUse?: AgentInUse }

/** The key names that were shown when the person picked an agent of a workspace, by the URI of its file. */
const AGREED = 'panelist.agentKeys'

const none: Customisations = { agents: [], prompts: [], instructions: [], problems: [] }

export class Customising {
  readonly #parts: CustomisingParts
  #state: Promise<Customisations> | undefined

  constructor(parts: CustomisingParts) {
    this.#parts = parts
  }

  /** As the files are now. Never rejects: what cannot be read is not there, and the log says why. */
  all(): Promise<Customisations> {
    return (this.#state ??= this.#read())
  }

  /** A file, a folder, a setting or the trust of the workspace changed. */
  forget(): void {
    this.#state = undefined
  }

  /** False in Restricted Mode. */
  get trusted(): boolean {
    return this.#parts.files.trusted()
  }

  /** True where a setting names the agent of new conversations. */
  get isNamed(): boolean {
    return this.#parts.settings().agent !== undefined
  }

  async agents(): Promise<Agent[]> {
    return (await this.all()).agents
  }

  /** By id, else by name, else by the name of its file: the workspace's before the person's own. */
  async find(wanted: string): Promise<Agent | undefined> {
    const agents = await this.agents()
    const same = (name: string): boolean => name.toLowerCase() === wanted.toLowerCase()
    return (
      agents.find(({ id }) => id === wanted) ??
      agents.find(({ name }) => same(name)) ??
      agents.find(({ id }) => same(agentName(id)))
    )
  }

  /** What the person chose in the conversation, else what the workspace says, else the person's own setting. */
  async of(conversation: AgentChoice | undefined): Promise<AgentOf> {
    const setting = this.#parts.settings().agent
    const chosen = conversation?.agent
    if (chosen === NO_AGENT) return {}
    const wanted = chosen ?? setting?.name
    if (wanted === undefined) return {}
    const origin = chosen === undefined ? (setting?.origin ?? 'user') : 'conversation'
    const agent = await this.find(wanted)
    if (!agent) return { inUse: this.#missing(wanted, origin) }
    const { id, name, description, hint, problems } = agent
    const problem = problems[0]?.message ?? this.#keyNotUsed(agent)
    const inUse: AgentInUse = {
      id,
      name,
      origin,
      ...(description !== undefined && { description }),
      ...(hint !== undefined && { hint }),
      ...(agent.handoffs.length > 0 && { handoffs: agent.handoffs }),
      ...(problem !== undefined && { problem }),
    }
    return { agent, inUse }
  }

  /**
   * The name of the key an agent asks with. An agent of the workspace decides who pays only where the person picked it
   * while that very name was shown.
   */
  keyOf({ place, uri, keyProfile }: Agent): string | undefined {
    if (keyProfile === undefined || place === 'user') return keyProfile
    return this.#agreed()[uri] === keyProfile ? keyProfile : undefined
  }

  /** The person picked this agent, having seen what stands in its row. */
  async picked({ place, uri, keyProfile }: Agent): Promise<void> {
    if (place === 'user' || keyProfile === undefined || this.#agreed()[uri] === keyProfile) return
    await this.#parts.memory.update(AGREED, { ...this.#agreed(), [uri]: keyProfile })
  }

  async systemFor(
    conversation: AgentChoice | undefined,
    messages: readonly Message[],
    canRead: boolean,
  ): Promise<SystemPrompt> {
    const [{ instructions }, { agent }] = await Promise.all([this.all(), this.of(conversation)])
    const own = this.#parts.settings().systemPrompt
    if (instructions.length === 0 && !agent) return { text: own, instructions: [] }
    const { systemFor } = await this.#parts.load()
    return systemFor({ own, agent, instructions, messages, canRead })
  }

  /** The message a prompt comes to. `extra`: what was typed beside its name. */
  async fill(prompt: PromptFile, inputs: Readonly<Record<string, string>>, extra: string): Promise<string> {
    const { resolvePrompt } = await this.#parts.load()
    return resolvePrompt(prompt, inputs, this.#parts.desk.surroundings(), extra)
  }

  /** The inputs among what was typed beside the name of a prompt: `name=value`. */
  async argumentsOf(
    { inputs }: { inputs: readonly PromptInput[] },
    typed: string,
  ): Promise<{ inputs: Record<string, string>; extra: string }> {
    const { splitArguments } = await this.#parts.load()
    return splitArguments(typed, inputs)
  }

  async create(): Promise<void> {
    await this.#parts.desk.create()
  }

  async configure(): Promise<void> {
    await this.#parts.desk.configure(await this.all())
  }

  async open(uri: string): Promise<void> {
    await this.#known(uri)
    await this.#parts.desk.open(uri)
  }

  /** Sets fields of a header; those below another are named with a dot. Throws a sentence where that cannot be done. */
  async write(uri: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await this.#known(uri)
    const { withFields } = await this.#parts.load()
    await this.#parts.desk.edit(uri, (text) => withFields(text, fields))
  }

  /** A page names files by what it was told. */
  async #known(uri: string): Promise<void> {
    const { agents, prompts, instructions } = await this.all()
    const known = [...agents, ...prompts, ...instructions].some((file) => file.uri === uri)
    if (!known) throw new Error('This file is no longer there.')
  }

  #keyNotUsed(agent: Agent): string | undefined {
    if (agent.keyProfile === undefined || this.keyOf(agent) !== undefined) return undefined
    return `Its key “${agent.keyProfile}” is used once you pick the agent here: a file of the workspace does not decide who pays.`
  }

  #agreed(): Record<string, string> {
    return this.#parts.memory.get<Record<string, string>>(AGREED) ?? {}
  }

  #missing(wanted: string, origin: AgentInUse['origin']): AgentInUse {
    const name = agentName(wanted)
    const why = this.#parts.files.trusted()
      ? `There is no agent “${name}” here now, so nothing of it counts.`
      : `The agent “${name}” does not count: this workspace is not trusted (Restricted Mode), or it is not there.`
    return { id: wanted, name, origin, problem: why, missing: true }
  }

  async #read(): Promise<Customisations> {
    try {
      const { discover } = await this.#parts.load()
      const found = await discover(this.#parts.files, this.#parts.settings().kinds)
      for (const problem of found.problems) this.#parts.log.warn(problem)
      return found
    } catch (error) {
      this.#parts.log.error(`agents and instructions could not be read: ${describe(error)}`)
      return none
    }
  }
}
