/** What a turn needs, and whom it belongs to. */
import type { Aside } from '../resilience/deadline.ts'
import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../shared/message.ts'
import type { ApprovalDecision, ApprovalRequest, CallEvent } from '../shared/tool-state.ts'
import type { Approvals } from '../tools/approvals.ts'
import type { ResultBudget } from '../tools/budget.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import type { Limits } from './limits.ts'
import type { Totals } from './totals.ts'

/** `cost`: USD, absent where it is unknown. `keyed`: it was asked with a key, so somebody pays for it. */
export type Asked = { message: AssistantMessage; cost?: number; keyed?: true }

/** Whom the turn belongs to. Nothing here may throw or reject; what could not be stored is the owner's to keep. */
export interface TurnOwner {
  /**
   * One answer, from its row to its end, below everything of the turn so far. What comes before the turn and the tools'
   * specs are the owner's to add. A failure is the message's `stop`. Ends soon after the signal is aborted. `aside` stands
   * around each question to a person.
   */
  ask(turn: readonly Message[], signal: AbortSignal, aside: Aside): Promise<Asked>
  /**
   * Of an answer that broke off, when its calls have their results. True where the turn goes on from it by itself: `ask`
   * then waits for as long as is wise. How often that may happen is the owner's to bound.
   */
  resumes(): boolean
  /**
   * The results of the last answer's calls. Called first before any call runs, when each result says that the call was
   * interrupted, so that a host that is killed leaves a history that is whole and true; then whenever a result is there;
   * at last with `done`.
   */
  results(message: ToolMessage, done: boolean): void
  /** Asks a person. A signal that is aborted takes the question back. */
  approve(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision>
  /** The person's words that have waited for the turn's next request, stored as messages of the turn and no longer waiting. */
  takeQueued(): UserMessage[]
  /** Calls belong to the answer that `ask` gave last. */
  onCall(event: CallEvent): void
  /** After each answer. */
  onStep(totals: Totals): void
}

export type Loop = {
  conversation: string
  tools: Toolbox
  approvals: Pick<Approvals, 'judge' | 'settle'>
  limits: Limits
  /** Milliseconds for a call whose tool has no limit of its own; `CALL_TIMEOUT` where absent, 0 for none. */
  callTimeout?: number
  /** `resultBudget` where absent. */
  budget?: ResultBudget
  owner: TurnOwner
}
