/** What stands before the messages of one turn. Found out once: a file that changes meanwhile counts from the next turn. */
import type { Guidance } from '../../shared/agent.ts'
import type { Message } from '../../shared/message.ts'
import type { Chosen } from '../../shared/protocol.ts'
import type { SystemPrompt } from './system.ts'
import type { AgentChoice, Customising } from './window.ts'

export type CustomisingOfTurn = Pick<Customising, 'of' | 'systemFor'>

/** The tool by which a model reads what is only listed. */
const READER = 'read_file'

export class SystemOfTurn {
  readonly #customising: CustomisingOfTurn | undefined
  readonly #conversation: AgentChoice
  #prompt: Promise<SystemPrompt> | undefined

  constructor(customising: CustomisingOfTurn | undefined, conversation: AgentChoice) {
    this.#customising = customising
    this.#conversation = conversation
  }

  /** Undefined where the person's own prompt is all there is. */
  async prompt(messages: readonly Message[], tools: readonly { name: string }[]): Promise<SystemPrompt | undefined> {
    const canRead = tools.some(({ name }) => name === READER)
    this.#prompt ??= this.#customising?.systemFor(this.#conversation, messages, canRead)
    return this.#prompt
  }
}

/** What an answer was made with; undefined where there is nothing to tell. */
export function guidanceOf({ agent }: Pick<Chosen, 'agent'>, prompt: SystemPrompt | undefined): Guidance | undefined {
  const instructions = prompt?.instructions ?? []
  if (!agent && instructions.length === 0) return undefined
  return {
    ...(agent && { agent: { id: agent.id, name: agent.name } }),
    ...(instructions.length > 0 && { instructions }),
  }
}
