/** Tools: what models may call, what they call, and what a person has allowed. */
import type { MessageId } from '../conversation.ts'
import type { Part, Usage } from '../message.ts'
import type { ApprovalDecision, CallState, LoopEnd, ToolEffect, ToolSource } from '../tool-state.ts'
import type { Empty } from './empty.ts'
import type { WaitingView } from './resilience.ts'

/** A tool call of the answer that is being written, as it stands. `output`: what it printed so far, the end of it. */
export type CallView = { callId: string; state: CallState; output: string }

/** What the person wrote while a turn runs. It goes out at its next step, or at its end. */
export type QueuedMessage = { id: string; content: Part[] }

/** What a turn has used, over all its answers. `costUnknown`: some of it has no price. */
export type TurnTotals = { steps: number; usage: Usage; cost: number; costUnknown?: true }

/** The turn that runs, or the last one of this window. `end` where it is over. */
export type TurnView = {
  message: MessageId
  calls: CallView[]
  totals?: TurnTotals
  waiting?: WaitingView
  end?: LoopEnd
}

/** A tool a model may be told of. `tokens`: what that takes of every request, estimated. */
export type ToolView = {
  name: string
  title: string
  description: string
  effect: ToolEffect
  tokens: number
  /** False where it is switched off in this conversation. */
  on: boolean
}

/** The tools of one source. */
export type ToolGroup = { label: string; source: ToolSource; tools: ToolView[] }

/** `whyNone`: why no model is told of any tool, where that is so. */
export type ToolChoices = {
  groups: ToolGroup[]
  whyNone?: 'untrusted' | 'off'
  /** The agent that has only some of the tools: the others are not among `groups`. */
  narrowedBy?: { agent: string; of: number }
}

/** Something a person has allowed. `grantedAt`: epoch milliseconds. */
export type GrantView = {
  id: string
  /** The tool, as people call it. */
  title: string
  /** How far it goes. */
  sentence: string
  /** The command, address or files that it is for, where the sentence does not say. */
  exactly?: string
  grantedAt: number
  /** Folder URI of the workspace where it counts; absent: where none is open. */
  workspace?: string
  /** True where it counts in the workspace that is open now. */
  here: boolean
  /** True where it ends with this conversation. */
  conversation?: true
}

export type ToolRequests = {
  /** What the models of this conversation may call. */
  tools: [Empty, ToolChoices]
  /** The names of all tools that are off in this conversation from now on. */
  'switch-tools': [{ off: string[] }, Empty]
  /** What has been allowed to tools for more than once: in this conversation, and for ever. Newest first. */
  grants: [Empty, GrantView[]]
  revoke: [{ id: string }, Empty]
  /** The person's answer to a call that asks. */
  decide: [{ callId: string; decision: ApprovalDecision }, Empty]
}
