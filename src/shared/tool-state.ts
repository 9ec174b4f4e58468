/** Tool calls as host and panel speak of them: what is asked of a person, where each call stands, how a turn ended. */
import type { CallEnd, CallFailure } from './call-end.ts'
import type { Stop } from './message.ts'

export type { CallFailure } from './call-end.ts'

/**
 * What a call does to the world. `read`: looks at the workspace and changes nothing. `write`: changes files. `run`:
 * starts programs. `send`: talks to something outside of this machine, or does what nobody told us.
 */
export type ToolEffect = 'read' | 'write' | 'run' | 'send'

export type ToolSource =
  { kind: 'built-in' } | { kind: 'mcp'; server: string; label?: string } | { kind: 'extension'; label: string }

/** Exactly what will happen, for the person who is asked. */
export type Preview =
  | { kind: 'arguments' }
  | { kind: 'command'; command: string; cwd?: string }
  | { kind: 'address'; url: string }
  | { kind: 'edits'; files: FileEdit[] }

/** A file before and after; `before` is absent for a new file, `after` for one that goes. Whole texts. */
export type FileEdit = { path: string; before?: string; after?: string }

/** What a person is asked before a call runs. */
export type ApprovalRequest = {
  callId: string
  tool: { name: string; title: string; source: ToolSource; effect: ToolEffect }
  /** One line that says what the call does. */
  summary: string
  preview: Preview
  /** Sentences that say why it is asked although it might have been allowed before. */
  warnings: string[]
  /** What a decision that is remembered would cover, in a sentence. One that is absent cannot be chosen. */
  offers: { conversation?: string; always?: string }
  /** True where single files of the preview can be rejected. */
  divisible?: true
}

/**
 * `reason`: in the person's words, for the model. `some`: once, but without the files of these paths, which are those of
 * the preview; at least one of its files stays.
 */
export type ApprovalDecision =
  | { kind: 'once' | 'conversation' | 'always' }
  | { kind: 'some'; rejected: string[]; reason?: string }
  | { kind: 'deny'; reason?: string }

/** `total` where it is known. */
export type ToolProgress = { done: number; total?: number; text?: string }

/** Where a call stands. What it printed comes beside it, see `CallEvent`. */
export type CallState =
  | { kind: 'waiting' }
  | { kind: 'asking'; request: ApprovalRequest }
  /** `startedAt`: epoch milliseconds. */
  | { kind: 'running'; summary: string; startedAt: number; progress?: ToolProgress }
  | ({ kind: 'done'; summary: string; durationMs: number } & Pick<CallEnd, 'rejected' | 'said'>)
  | ({ kind: 'failed'; why: CallFailure } & CallEnd)

/** What happens to a call, in order. The result itself is in the tool message. */
export type CallEvent =
  { type: 'state'; callId: string; state: CallState } | { type: 'output'; callId: string; text: string }

/** True where nothing more will be told of the call. */
export function isOver({ kind }: CallState): boolean {
  return kind === 'done' || kind === 'failed'
}

export type TurnLimit = 'steps' | 'cost' | 'time'

/**
 * Why a turn ended. `stopped`: by the person. `limit`: before its next request; it can go on as it is. `answer`: the last
 * answer ended in a way that nothing follows from (failed, refused, cut), which it says itself.
 */
export type LoopEnd =
  | { kind: 'done' | 'stopped' }
  /** `limit`: steps, USD or milliseconds. `unknown`: nobody can tell whether it is met. */
  | { kind: 'limit'; of: TurnLimit; limit: number; unknown?: true }
  | { kind: 'answer'; stop: Stop }

/** True where “Go on” means something. */
export function canGoOn(end: LoopEnd): boolean {
  return end.kind === 'limit'
}

/** A sentence for the panel, where there is something to say. */
export function endSentence(end: LoopEnd): string | undefined {
  if (end.kind !== 'limit') return undefined
  switch (end.of) {
    case 'steps':
      return `Paused after ${end.limit} ${end.limit === 1 ? 'step' : 'steps'}, which is the limit of a turn.`
    case 'cost':
      if (end.unknown)
        return `Paused: nobody knows what this turn costs, so its limit of $${end.limit.toFixed(2)} cannot be held to.`
      return `Paused: this turn has reached its limit of $${end.limit.toFixed(2)}.`
    case 'time':
      return `Paused: this turn has reached its limit of ${minutes(end.limit)}.`
  }
}

function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.round(seconds / 60)} minutes`
}

const FAILURES: Record<CallFailure, string> = {
  'unknown-tool': 'There is no such tool',
  arguments: 'The arguments do not fit',
  denied: 'Denied',
  preview: 'Could not be prepared',
  timeout: 'Timed out',
  stopped: 'Stopped',
  'not-run': 'Not run',
  interrupted: 'Interrupted',
  tool: 'Failed',
}

/** Two or three words for a card. */
export function stateWords(state: CallState): string {
  switch (state.kind) {
    case 'waiting':
      return 'Waiting'
    case 'asking':
      return 'Needs your approval'
    case 'running':
      return 'Running'
    case 'done':
      return 'Done'
    case 'failed':
      return FAILURES[state.why]
  }
}
