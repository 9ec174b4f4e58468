/** The conversation a panel shows: its snapshot, its events, and what moves it. */
import type { AgentInUse, Guidance } from '../agent.ts'
import type { ConversationId, MessageId, MessageState, PaidBy, Timing } from '../conversation.ts'
import type { FailureAction } from '../failure.ts'
import type { LogEntry } from '../log-entry.ts'
import type { Part } from '../message.ts'
import type { CallEvent, LoopEnd } from '../tool-state.ts'
import type { MessageView, StreamEventView, Unsealed } from '../view.ts'
import type { BenchmarkEvent } from './benchmark.ts'
import type { Comparison } from './compare.ts'
import type { Empty } from './empty.ts'
import type { ContextState } from './context.ts'
import type { Barred, Chosen } from './models.ts'
import type { MoneyState } from './money.ts'
import type { StandIn, SideWaitsEvent, SideWaitView, WaitingEvent } from './resilience.ts'
import type { SuggestEvent } from './suggest.ts'
import type { QuestionEvent, QuestionView } from './questions.ts'
import type { QueuedMessage, TurnTotals, TurnView } from './tools.ts'

export type ConversationView = {
  id: ConversationId
  title: string
  chosen?: Chosen
  /** Whom nothing of it may be sent to. */
  barred?: Barred[]
  /** Who answers for now in place of `chosen`. */
  standIn?: StandIn
  /** The agent it has, where it has one. */
  agent?: AgentInUse
  /** The newest message below the shown branch, where it goes on in one that is not shown. */
  further?: MessageId
  /** The answer that is being written now, or whose tools are running. */
  running?: MessageId
  turn?: Unsealed<TurnView>
  queued?: Unsealed<QueuedMessage>[]
  /** What happens so that it fits into the window of its model. */
  context?: ContextState
  /** What is asked of budgets, and which are nearly used up. */
  money?: MoneyState
}

/** A page of the shown branch, oldest first. `more`: there are older messages before the first of these. */
export type Page = { messages: MessageView[]; more: boolean }

export type Snapshot = {
  epoch: string
  conversation: ConversationView
  page: Page
  /** Where several answered the end of the branch. */
  comparison?: Comparison
  notices: Notice[]
  /** What MCP servers ask now; absent where they ask nothing. */
  questions?: QuestionView[]
  /** What is waited for beside the answers; absent where nothing is. */
  sideWaits?: SideWaitView[]
  /** Where the panel stands: it decides how wide things may get. */
  place: 'sidebar' | 'editor'
  /** True where no provider can be used yet: the empty state then offers keys first. */
  needsKey: boolean
}

/** Something a person should know that is not the failure of one answer. */
export type Notice = { id: string; level: 'info' | 'warning' | 'error'; text: string; action?: FailureAction }

export type PanelEvent =
  | QuestionEvent
  | WaitingEvent
  | SideWaitsEvent
  /**
   * A message was added to the end of the branch, or the one with this id changed as a whole. `begins`: an answer that this
   * window has begun, so that it can be stopped before the conversation is told anew.
   */
  | { type: 'message'; message: MessageView; begins?: true }
  /** An answer grew. */
  | { type: 'stream'; id: MessageId; events: StreamEventView[] }
  /** An answer is finished; the facts of its footer. */
  | {
      type: 'settled'
      id: MessageId
      state: MessageState
      /** It broke off, and its turn goes on from it by itself. */
      resumes?: true
      timing?: Timing
      cost?: number
      keyProfile?: string
      paidBy?: PaidBy
      guidance?: Guidance
    }
  | { type: 'conversation'; conversation: ConversationView; needsKey: boolean }
  /** Something happened to a call of this answer. */
  | { type: 'call'; id: MessageId; event: CallEvent }
  | { type: 'turn'; totals: Unsealed<TurnTotals>; end?: Unsealed<LoopEnd> }
  | { type: 'notice'; notice: Notice }
  | { type: 'notice-gone'; id: string }
  /** Models, keys or settings changed: what `models` answered before is stale. */
  | { type: 'models-changed' }
  /** Tools came or went: what `tools` and `grants` answered before is stale. */
  | { type: 'tools-changed' }
  /** Files of agents, prompts or instructions changed: what `agents` and `instructions` answered before is stale. */
  | { type: 'agents-changed' }
  /** Conversations came, went or changed: what `history` answered before is stale. */
  | { type: 'chats-changed' }
  /** Put the cursor in the composer, and this text (a quoted selection) at its end. */
  | { type: 'focus'; insert?: string }
  /** Put these files into the composer: ask `attach` for what is in them. */
  | { type: 'attach'; uris: string[] }
  /** Run this in the webview, asked for by a command or the view's title bar. */
  | {
      type: 'show'
      what:
        | 'find'
        | 'map'
        | 'compare'
        | 'history'
        | 'models'
        | 'providers'
        | 'mcp'
        | 'allowed'
        | 'log'
        | 'agents'
        | 'benchmark'
    }
  | BenchmarkEvent
  | SuggestEvent
  /** Delete these messages, asked for in the editor's own menu: as if it had been in the page's. */
  | { type: 'remove'; messages: MessageId[]; what: 'message' | 'branch' }
  /** New lines of the log, oldest first, while the page shows it: see `log`. */
  | { type: 'log'; entries: LogEntry[] }
  /** The shown branch or conversation is another one now: ask `ready` again. */
  | { type: 'stale' }

const OUTLIVING = new Set<PanelEvent['type']>([
  'models-changed',
  'tools-changed',
  'agents-changed',
  'benchmark-changed',
  'chats-changed',
  'focus',
  'show',
  'attach',
  'context-changed',
  'current-file',
])

/** True for what no snapshot holds: it counts also where it was told while a snapshot was on its way. */
export function outlivesSnapshot({ type }: PanelEvent): boolean {
  return OUTLIVING.has(type)
}

export type Batch = { epoch: string; seq: number; events: PanelEvent[] }

export type ConversationRequests = {
  /** The page (re)loaded. `conversation` is what it showed before, from its own saved state. */
  ready: [{ conversation?: ConversationId }, Snapshot]
  open: [{ conversation: ConversationId }, Snapshot]
  new: [{ keepChoice: boolean }, Snapshot]
  /**
   * `parent` is the message to answer below: absent for the end of the branch, null for the start of the conversation.
   * `conversation`: where it was written, if another may be shown by now.
   */
  send: [
    { content: Unsealed<Part>[]; parent?: MessageId | null; conversation?: ConversationId },
    { message: MessageId },
  ]
  /** While a turn runs: it goes out at the next step, or at the end. Where none runs it is sent. */
  queue: [{ content: Unsealed<Part>[]; conversation?: ConversationId }, Empty]
  /** Takes a waiting message back, to be edited or thrown away. */
  unqueue: [{ id: string }, { content: Unsealed<Part>[] }]
  stop: [Empty, Empty]
  /** Answers the same user message anew; the old answer stays as a sibling. */
  retry: [{ message: MessageId }, Empty]
  /** Goes on from a partial answer. */
  continue: [{ message: MessageId }, Empty]
  /** `through`: a message further up that the page is to reach. */
  older: [{ before: MessageId; through?: MessageId }, Page]
}
