/** The tools of this window, and what the person has allowed them. */
import type { Conversation } from '../shared/conversation.ts'
import type { ApprovalPorts, Grant } from '../tools/approvals.ts'
import { Approvals } from '../tools/approvals.ts'
import type { Tool } from '../tools/tool.ts'
import { Toolbox } from '../tools/toolbox.ts'
import type { Memory } from './choice.ts'

/** Kept for the whole editor, where no workspace can write. */
const GRANTS = 'panelist.grants'

export type ToolSetParts = Omit<ApprovalPorts, 'save'> & {
  memory: Memory
  /** Everything there is now, in an order that stays. None where the workspace is not trusted. */
  tools(): Promise<Tool[]>
  /** The names of tools that are switched off in this conversation. */
  off(conversation: Conversation): readonly string[]
}

export class ToolSet {
  readonly approvals: Approvals
  readonly #parts: ToolSetParts

  constructor(parts: ToolSetParts) {
    this.#parts = parts
    const save = (grants: Grant[]): void => void parts.memory.update(GRANTS, grants)
    this.approvals = new Approvals({ ...parts, save }, parts.memory.get<Grant[]>(GRANTS) ?? [])
  }

  /** What the models of this conversation may call now. */
  async toolbox(conversation: Conversation): Promise<Toolbox> {
    const off = new Set(this.#parts.off(conversation))
    const tools = await this.#parts.tools()
    return new Toolbox(tools.filter(({ name }) => !off.has(name)))
  }
}
