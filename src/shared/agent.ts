/**
 * Agents: named profiles of who answers and how. Each is a file: `.github/agents/*.agent.md` of the workspace, or one of
 * the person's own folder, in the format of VS Code's custom agents. What that format has no field for stands under
 * `panelist` in its header.
 */
import type { ProviderId } from './model.ts'

/** `workspace:reviewer`, `user:reviewer`: where the file stands, and its name without the ending. */
export type AgentId = string

/** Stands on a conversation whose person wants no agent, although the settings name one. */
export const NO_AGENT: AgentId = 'none'

/** What is wrong with a file, in a sentence. `line`: counted from 0. */
export type FileProblem = { line?: number; message: string }

/** What may come next, as the file proposes it. */
export type Handoff = { label: string; agent: string; prompt?: string; send?: true; model?: string }

/** How what is too long for the model is made to fit. */
export type ContextStrategy = 'slide' | 'summarise' | 'ask'

export type Agent = {
  id: AgentId
  name: string
  /** Whose file it is: one of the workspace may only narrow what the person's own settings allow. */
  place: 'workspace' | 'user'
  /** The file as people read it, and as the editor opens it. */
  path: string
  uri: string
  description?: string
  /** What to type, for the empty composer. */
  hint?: string
  /** What the model is told: the file without its header. */
  prompt: string
  /** To be tried in this order, as they are written: `Claude Sonnet 4.5 (copilot)`, `anthropic/claude-sonnet-4-5`. */
  models: string[]
  /** The provider all of `models` are of. */
  provider?: ProviderId
  /** The only tools its models are told of, as they are written. Absent: all that are on. */
  tools?: string[]
  thinking?: 'off' | 'low' | 'medium' | 'high'
  /** Tokens. */
  maxOutputTokens?: number
  /** USD of one turn. */
  budget?: number
  keyProfile?: string
  context?: ContextStrategy
  handoffs: Handoff[]
  /** Not offered to the person. */
  hidden?: true
  problems: FileProblem[]
}

/** An agent as the page lists it. */
export type AgentView = Omit<Agent, 'prompt' | 'handoffs' | 'hidden' | 'context'> & {
  /** What of it can be seen only in this window: that none of its models can be used, that its key is not asked with. */
  warning?: string
}

/** The agent of a conversation. */
export type AgentInUse = {
  id: AgentId
  name: string
  /** Who decided: the person in this conversation, or a setting. */
  origin: 'conversation' | 'workspace' | 'user'
  description?: string
  hint?: string
  /** What may come next after its answers. */
  handoffs?: Handoff[]
  /** Why it cannot be used, or not as its file says, in a sentence. */
  problem?: string
  /** True where there is no such file now: nothing of it counts. */
  missing?: true
}

/** What an agent is called where its file is not at hand. */
export function agentName(id: AgentId): string {
  return id.slice(id.lastIndexOf(':') + 1)
}

/** A file of instructions that went along. `uri`: for the editor. */
export type UsedInstructions = {
  path: string
  uri: string
  /** Tokens, estimated. */
  tokens: number
  /** True where it was too long to go along whole. */
  cut?: true
}

/** What an answer was made with beside its model. */
export type Guidance = { agent?: { id: AgentId; name: string }; instructions?: UsedInstructions[] }
