/**
 * What host and webview say to each other. The webview asks by request and gets one response; the host tells by
 * numbered batches of events. No key, header, `wire` or environment value has a place in any of these types.
 *
 * Order: `ready` and `open` are answered by a snapshot, which starts a new epoch at seq 0; batches of that epoch follow
 * as seq 1, 2, 3 ... A gap, or an epoch the webview does not know, means that the webview must ask `ready` again.
 */
import type { Choice, ConversationId, ConversationSummary, MessageId, MessageState, Timing } from './conversation.ts'
import type { Failure, FailureAction } from './failure.ts'
import type { LogEntry } from './log-entry.ts'
import type { Part, Usage } from './message.ts'
import type { ModelInfo, ProviderId } from './model.ts'
import type { ApprovalDecision, CallEvent, CallState, LoopEnd, ToolEffect, ToolSource } from './tool-state.ts'
import type { MessageView, StreamEventView, Unsealed } from './view.ts'

/**
 * Whether a provider can be used as it is. `memory`: a key is set, but will be lost when the window closes. `absent`: it
 * needs no key, but it is not there: no server of that kind runs, the editor has no models.
 */
export type KeyStatus = 'set' | 'environment' | 'memory' | 'missing' | 'rejected' | 'not-needed' | 'absent'

/** True for a provider that can answer, as far as its key tells. */
export function isUsable(status: KeyStatus): boolean {
  return status !== 'missing' && status !== 'absent'
}

/** A key under the name the person gave it; `environment` is the variable of the provider's own tools. */
export type KeyProfile = {
  name: string
  /** `missing`: its key is for another endpoint than the present one. */
  status: KeyStatus
  /** True for the one that counts where nobody chose another. */
  inUse?: true
  envVar?: string
}

/** A model by what requests name. */
export type ModelRef = { provider: ProviderId; model: string }

/** Something that can be used at once, found on this machine. `detail`: one sentence that says where. */
export type FoundProvider = {
  kind: 'environment' | 'running' | 'editor'
  provider: ProviderId
  label: string
  detail: string
}

export type ModelGroup = {
  provider: ProviderId
  label: string
  key: KeyStatus
  /** The names of the keys one can choose from, where there are several. */
  keyProfiles?: string[]
  /** The environment variable in use, where `key` is `environment`. Its name, never its value. */
  envVar?: string
  /** True for the local demo provider. */
  demo?: true
  /** True where it is a server on this machine that runs the models itself. */
  local?: true
  models: ModelInfo[]
  /** Why the list could not be fetched; `models` then holds what is known without the provider. */
  failure?: Failure
}

/** All that can be chosen, and what of it the person likes and used last, newest first. */
export type ModelChoices = { groups: ModelGroup[]; favourites: ModelRef[]; recent: ModelRef[] }

/** A tool call of the answer that is being written, as it stands. `output`: what it printed so far, the end of it. */
export type CallView = { callId: string; state: CallState; output: string }

/** What the person wrote while a turn runs. It goes out at its next step, or at its end. */
export type QueuedMessage = { id: string; content: Part[] }

/** What a turn has used, over all its answers. `costUnknown`: some of it has no price. */
export type TurnTotals = { steps: number; usage: Usage; cost: number; costUnknown?: true }

/** The turn that runs, or the last one of this window. `end` where it is over. */
export type TurnView = { message: MessageId; calls: CallView[]; totals?: TurnTotals; end?: LoopEnd }

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
export type ToolChoices = { groups: ToolGroup[]; whyNone?: 'untrusted' | 'off' }

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

/** The model that answers next, and where that choice comes from. */
export type Chosen = Choice & {
  origin: 'conversation' | 'workspace' | 'user' | 'default'
  providerLabel: string
  key: KeyStatus
  demo?: true
  /** Limits, abilities and price, where known. */
  info?: ModelInfo
  /** Tokens, after settings and overrides. */
  outputLimit?: number
  /** True where `outputLimit` is a fallback that nobody told us. */
  outputGuessed?: true
  /** True where `keyProfile` was chosen for this conversation. */
  keyChosen?: true
}

/** One provider on the Providers page. */
export type ProviderCard = {
  id: ProviderId
  label: string
  /** `named`: a server the person named, which can be removed. `editor`: the editor's own models. */
  kind: 'built-in' | 'named' | 'editor'
  enabled: boolean
  demo?: true
  /** Where its requests go, without a query. Empty: the person has to say so first. The editor has none. */
  endpoint: string
  key: KeyStatus
  /** The environment variable in use. Its name, never its value. */
  envVar?: string
  /** Why there is no key although one might be expected. */
  why?: string
  keys: KeyProfile[]
  /** True where the settings say which of the keys counts. */
  keyPinned?: true
  /** True where there is a page to get a key from. */
  hasKeyPage?: true
  canSignIn?: true
  models: number
  /** When the provider was last asked for its models, in epoch milliseconds; absent: never. */
  listedAt?: number
  /** The last list or answer that failed, until one works. */
  problem?: { text: string; at: number }
  testing?: true
  test?: ProviderTest
  /** The name of the model new chats begin with. */
  defaultModel?: string
}

/** What a test of a connection found, in a sentence. `at`: epoch milliseconds. */
export type ProviderTest = { ok: boolean; text: string; at: number }

/** What the Providers page asks the editor to do, in boxes of its own where there is something to say. */
export type ProviderAction =
  | 'set-key'
  | 'add-key'
  | 'prefer-key'
  | 'remove-key'
  | 'get-key'
  | 'sign-in'
  | 'edit-endpoint'
  | 'enable'
  | 'disable'
  | 'default-model'
  | 'cancel-test'
  | 'remove'

/**
 * How an MCP server stands. `waiting`: a file of the workspace names it, and nobody has allowed it as it is. `refused`:
 * the person said never. `off`: switched off.
 */
export type McpCardState = 'stopped' | 'starting' | 'ready' | 'failed' | 'sign-in' | 'waiting' | 'refused' | 'off'

/** One server on the page of MCP servers. Variables of its definition stand as they are configured. */
export type McpCard = {
  name: string
  /** Where it is configured, in words. */
  place: string
  /** Its command line, or its address. */
  definition: string
  state: McpCardState
  version?: string
  /** What failed and what to do. */
  problem?: string
  /** Epoch milliseconds of the next try. */
  restartAt?: number
  /** The end of its standard error, where it failed. */
  lastWords: string[]
  hasInputs?: true
  /** True where it is reached by an address. */
  remote?: true
  /** True where it stands in a file of the workspace. */
  inFile?: true
  testing?: true
  test?: McpTest
  tools: McpToolRow[]
}

/** `name`: the server's own. `tokens`: see `ToolView`. */
export type McpToolRow = Pick<ToolView, 'name' | 'title' | 'description' | 'tokens' | 'on'>

export type McpTest = ProviderTest

/** `problems`: what cannot be used of the configuration, in sentences. */
export type McpPageView = { servers: McpCard[]; problems: string[]; whyNone?: 'untrusted' | 'off' }

export type McpAction =
  | 'start'
  | 'stop'
  | 'restart'
  | 'enable'
  | 'disable'
  | 'sign-in'
  | 'sign-out'
  | 'edit'
  | 'test'
  /** Forgets what the person filled in, and asks anew. */
  | 'ask-again'
  | 'remove'

export type ConversationView = {
  id: ConversationId
  title: string
  chosen?: Chosen
  /** The answer that is being written now, or whose tools are running. */
  running?: MessageId
  turn?: Unsealed<TurnView>
  queued?: Unsealed<QueuedMessage>[]
}

/** A page of the shown branch, oldest first. `more`: there are older messages before the first of these. */
export type Page = { messages: MessageView[]; more: boolean }

export type Snapshot = {
  epoch: string
  conversation: ConversationView
  page: Page
  notices: Notice[]
  /** Where the panel stands: it decides how wide things may get. */
  place: 'sidebar' | 'editor'
  /** True where no provider can be used yet: the empty state then offers keys first. */
  needsKey: boolean
}

/** Something a person should know that is not the failure of one answer. */
export type Notice = { id: string; level: 'info' | 'warning' | 'error'; text: string; action?: FailureAction }

export type PanelEvent =
  /** A message was added to the end of the branch, or the one with this id changed as a whole. */
  | { type: 'message'; message: MessageView }
  /** An answer grew. */
  | { type: 'stream'; id: MessageId; events: StreamEventView[] }
  /** An answer is finished; the facts of its footer. */
  | {
      type: 'settled'
      id: MessageId
      state: MessageState
      timing?: Timing
      cost?: number
      keyProfile?: string
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
  /** Put the cursor in the composer, and this text (a quoted selection) at its end. */
  | { type: 'focus'; insert?: string }
  /** Put these files into the composer: ask `attach` for what is in them. */
  | { type: 'attach'; uris: string[] }
  /** Run this in the webview, asked for by a command or the view's title bar. */
  | { type: 'show'; what: 'history' | 'models' | 'providers' | 'mcp' | 'allowed' | 'log' }
  /** New lines of the log, oldest first, while the page shows it: see `log`. */
  | { type: 'log'; entries: LogEntry[] }
  /** The shown branch or conversation is another one now: ask `ready` again. */
  | { type: 'stale' }

const OUTLIVING = new Set<PanelEvent['type']>(['models-changed', 'tools-changed', 'focus', 'show', 'attach'])

/** True for what no snapshot holds: it counts also where it was told while a snapshot was on its way. */
export function outlivesSnapshot({ type }: PanelEvent): boolean {
  return OUTLIVING.has(type)
}

export type Batch = { epoch: string; seq: number; events: PanelEvent[] }

export type Requests = {
  /** The page (re)loaded. `conversation` is what it showed before, from its own saved state. */
  ready: [{ conversation?: ConversationId }, Snapshot]
  open: [{ conversation: ConversationId }, Snapshot]
  new: [{ keepChoice: boolean }, Snapshot]
  /** `parent` is the message to answer below: absent for the end of the branch, null for the start of the conversation. */
  send: [{ content: Unsealed<Part>[]; parent?: MessageId | null }, { message: MessageId }]
  /** While a turn runs: it goes out at the next step, or at the end. Where none runs it is sent. */
  queue: [{ content: Unsealed<Part>[] }, Empty]
  /** Takes a waiting message back, to be edited or thrown away. */
  unqueue: [{ id: string }, { content: Unsealed<Part>[] }]
  /** The person's answer to a call that asks. */
  decide: [{ callId: string; decision: ApprovalDecision }, Empty]
  stop: [Empty, Empty]
  /** Answers the same user message anew; the old answer stays as a sibling. */
  retry: [{ message: MessageId }, Empty]
  /** Goes on from a partial answer. */
  continue: [{ message: MessageId }, Empty]
  /** Files of the workspace that were dropped from the editor. Those that cannot be read say why. */
  attach: [{ uris: string[] }, ReadFile[]]
  /** The files of a draft, so that they outlive a page that is hidden; and what was kept of one. */
  keepFiles: [{ conversation: ConversationId; files: KeptFile[] }, Empty]
  keptFiles: [{ conversation: ConversationId }, KeptFile[]]
  /** A file of a message, named by its place in the content, to a place the person chooses. */
  saveFile: [{ message: MessageId; place: number }, Empty]
  /**
   * Tokens of the request that would be sent now. Null where that was overtaken by another, or no one can tell. An empty
   * draft ends the count that is under way.
   */
  count: [DraftToCount, Counted | null]
  older: [{ before: MessageId }, Page]
  history: [{ search?: string }, ConversationSummary[]]
  rename: [{ conversation: ConversationId; title: string }, Empty]
  delete: [{ conversation: ConversationId }, Empty]
  /** `refresh` asks the providers again instead of answering from what is known. */
  models: [{ refresh: boolean }, ModelChoices]
  choose: [ModelRef & { keyProfile?: string }, Empty]
  /** Limits of this conversation beside its model; null takes one back. */
  options: [ChoiceOptions, Empty]
  favourite: [ModelRef & { on: boolean }, Empty]
  /** What the models of this conversation may call. */
  tools: [Empty, ToolChoices]
  /** The names of all tools that are off in this conversation from now on. */
  'switch-tools': [{ off: string[] }, Empty]
  /** What has been allowed to tools for more than once: in this conversation, and for ever. Newest first. */
  grants: [Empty, GrantView[]]
  revoke: [{ id: string }, Empty]
  /** What is already there; nothing once the person has chosen a model. */
  discover: [Empty, FoundProvider[]]
  /** Makes something found the provider of new chats. */
  adopt: [{ provider: ProviderId }, Empty]
  providers: [Empty, ProviderCard[]]
  /** Asks the provider for its models with the key in use. Without `test` it was cancelled. */
  'test-provider': [{ provider: ProviderId }, { test?: ProviderTest }]
  'provider-action': [{ action: ProviderAction; provider: ProviderId; profile?: string }, Empty]
  /** Asks in boxes of the editor for one more provider; without `provider` the person left. */
  'add-provider': [Empty, { provider?: ProviderId }]
  'mcp-servers': [Empty, McpPageView]
  'mcp-action': [{ action: McpAction; server: string }, Empty]
  /** Switches one tool of a server, in all conversations. */
  'switch-mcp-tool': [{ server: string; tool: string; on: boolean }, Empty]
  /** Asks in boxes of the editor for one more server; without `server` the person left. */
  'add-mcp-server': [Empty, { server?: string }]
  /** The lines that are kept after this one. From now on new ones are told, until `log-close` or the next `ready`. */
  log: [{ after: number }, LogEntry[]]
  'log-close': [Empty, Empty]
  /** Code from an answer into the active editor at the cursor. */
  insert: [{ text: string }, Empty]
  /** Host-side clipboard, because a webview has one only while it has the focus. */
  copy: [{ text: string }, Empty]
  link: [{ href: string }, Empty]
  action: [{ action: FailureAction; provider?: ProviderId }, Empty]
  dismiss: [{ notice: string }, Empty]
  /** The page got the keyboard, or lost it. */
  focused: [{ focused: boolean }, Empty]
  /** Problems of the webview itself, for the log: no message text. */
  report: [{ problem: string }, Empty]
}

/** `data`: base64. */
export type ReadFile = { name: string } & ({ data: string; why?: never } | { why: string; data?: never })

/** `data` (base64) comes the first time the page names this `id`, and always from the host. */
export type KeptFile = { id: string; name: string; mediaType: string; data?: string }

/** A file of a draft. `data` (base64) comes the first time the page names this `id`, where the file is small enough. */
export type DraftFile = { id: string; mediaType: string; size: number; name?: string; data?: string }

export type DraftToCount = { text: string; files: DraftFile[]; parent?: MessageId | null }

/**
 * Tokens of a request before it is sent. `message`: of the draft alone, always an estimate. `exact`: the provider counted
 * `tokens`, else they are an estimate. `cost`: USD at the price of input, absent where that is unknown.
 */
export type Counted = { tokens: number; message: number; exact: boolean; cost?: number }

/** What is chosen beside the model: absent leaves it as it is, null goes back to what the settings say. */
export type ChoiceOptions = {
  [Field in 'maxOutputTokens' | 'thinking' | 'keyProfile']?: NonNullable<Choice[Field]> | null
}

export type Empty = Record<string, never>
export type RequestName = keyof Requests
export type RequestBody<Name extends RequestName> = Requests[Name][0]
export type ResponseBody<Name extends RequestName> = Requests[Name][1]

/** What crosses the wire between the two. */
export type ToHost = {
  [Name in RequestName]: { type: 'request'; id: number; name: Name; body: RequestBody<Name> }
}[RequestName]
export type ToWebview =
  | { type: 'response'; id: number; body: unknown }
  | { type: 'error'; id: number; message: string }
  | ({ type: 'batch' } & Batch)
