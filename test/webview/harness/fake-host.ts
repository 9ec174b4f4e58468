/** The host's side of the protocol in memory: same order of messages, no VS Code. */
import type { ConversationSummary } from '../../../src/shared/conversation.ts'
import type { AgentInUse, AgentView, UsedInstructions } from '../../../src/shared/agent.ts'
import type { LogEntry } from '../../../src/shared/log-entry.ts'
import type { AssistantMessage, GoesOn, Part, StreamEvent, ToolCall, ToolResult } from '../../../src/shared/message.ts'
import { noUsage } from '../../../src/shared/message.ts'
import { newDraft, reduce, settle, type Draft } from '../../../src/shared/reduce.ts'
import type {
  Barred,
  BenchmarkView,
  BudgetView,
  Chosen,
  Comparison,
  ContextState,
  Counted,
  GrantView,
  KeptFile,
  McpPageView,
  ModelGroup,
  ModelRef,
  MoneyState,
  OwnExperience,
  PanelEvent,
  ProviderCard,
  ProviderTest,
  QuestionView,
  QueuedMessage,
  RequestName,
  Requests,
  SideWaitView,
  Snapshot,
  StandIn,
  SummaryView,
  ToHost,
  ToWebview,
  ToolChoices,
  TurnView,
  WaitingView,
} from '../../../src/shared/protocol.ts'
import type { CallEvent, CallState, LoopEnd } from '../../../src/shared/tool-state.ts'
import type { MessageView } from '../../../src/shared/view.ts'
import { FakeChats } from './fake-chats.ts'
import { answerTree } from './fake-tree.ts'
import { benchmarkView, estimateOf, resultsOf } from './benchmark-scenes.ts'
import { mcpServers } from './mcp-servers.ts'
import { providerCards } from './provider-cards.ts'
import { read, suggest, suggestionScene, take } from './suggestions.ts'

export type Scene = {
  title: string
  messages: MessageView[]
  chosen?: Chosen
  needsKey?: boolean
  notices?: Snapshot['notices']
  groups: ModelGroup[]
  providers?: ProviderCard[]
  own?: OwnExperience
  mcp?: McpPageView
  benchmark?: BenchmarkView
  /** What a test of a connection finds; without it the test was cancelled. */
  test?: ProviderTest
  /** What is added where the person is asked for one more provider. */
  added?: string
  favourites?: ModelRef[]
  recent?: ModelRef[]
  history: ConversationSummary[]
  tools?: ToolChoices
  agents?: AgentView[]
  /** The agent of the conversation. */
  agent?: AgentInUse
  instructions?: UsedInstructions[]
  untrusted?: true
  grants?: GrantView[]
  /** The turn that runs, or that ended. */
  turn?: TurnView
  queued?: QueuedMessage[]
  /** How the chat is kept within the window, and the summary that stands for its beginning. */
  context?: ContextState
  summary?: SummaryView
  /** What is asked of budgets, and how all of them stand. */
  money?: MoneyState
  budgets?: BudgetView[]
  /** Whom nothing may be sent to, and who answers in place of the chosen one. */
  barred?: Barred[]
  standIn?: StandIn
  /** What MCP servers ask. */
  questions?: QuestionView[]
  /** What is waited for beside the answers. */
  sideWaits?: SideWaitView[]
  /** The answer whose calls run. */
  running?: string
  /** Every message, where `messages` is one branch of several. */
  tree?: MessageView[]
  /** Answers to the last message, side by side. */
  comparison?: Comparison
  /** Messages a page holds. */
  pageSize?: number
  /** What answers a sent message; without it the answer is written by the test, by `start`, `say` and `end`. */
  reply?: string
}

type Seen = { [Name in RequestName]: { name: Name; body: Requests[Name][0] } }[RequestName]

const ORIGIN = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-sonnet-4-5' }

export class FakeHost {
  readonly scene: Scene
  readonly chats: FakeChats
  /** Every request, in order. */
  readonly seen: Seen[] = []
  epoch = 0
  seq = 0
  running: string | undefined
  conversation = 'c1'
  /** Requests of these names are answered by an error. */
  failing: RequestName[] = []
  log: LogEntry[] = []
  suggestions = suggestionScene()
  /** What counting comes to. */
  counted: Counted | null = null
  #draft: Draft | undefined
  #next = 1

  constructor(scene: Scene) {
    this.scene = scene
    this.chats = new FakeChats(scene.history)
    const live = scene.messages.find(({ state }) => state === 'streaming')
    this.running = live?.id ?? scene.running
  }

  /** While held, nothing is answered; `release` answers all that was asked. */
  held = new URLSearchParams(location.search).has('held')
  #asked: ToHost[] = []

  release(): void {
    this.held = false
    for (const message of this.#asked.splice(0)) this.#respond(message)
  }

  /** Requests of these names are held as well. */
  slow: RequestName[] = []

  /**
   * Answers one request of this name that is held, the first or the one at `place`: with `body`, else with what the scene
   * says now.
   */
  let(name: RequestName, body?: unknown, place = 0): void {
    const message = this.#asked.filter((one) => one.name === name)[place]!
    this.#asked.splice(this.#asked.indexOf(message), 1)
    if (body === undefined) this.#respond(message)
    else this.post({ type: 'response', id: message.id, body })
  }

  receive(message: ToHost): void {
    this.seen.push({ name: message.name, body: message.body } as Seen)
    if (this.held || this.slow.includes(message.name)) this.#asked.push(message)
    else this.#respond(message)
  }

  /** Requests that are on their way to an answer. Those that are held are not. */
  answering = 0

  #respond(message: ToHost): void {
    this.answering++
    setTimeout(() => {
      this.answering--
      if (this.failing.includes(message.name)) {
        return this.post({ type: 'error', id: message.id, message: `The ${message.name} request failed.` })
      }
      this.post({ type: 'response', id: message.id, body: this.#answer(message) })
    })
  }

  requests(name: RequestName): unknown[] {
    return this.seen.filter((one) => one.name === name).map((one) => one.body)
  }

  /** One batch. */
  tell(...events: PanelEvent[]): void {
    this.post({ type: 'batch', epoch: String(this.epoch), seq: ++this.seq, events })
  }

  post(message: ToWebview): void {
    window.dispatchEvent(new MessageEvent('message', { data: structuredClone(message) }))
  }

  /** `through`: a message that the page reaches up to. */
  snapshot(through?: string): Snapshot {
    this.seq = 0
    const messages = this.scene.messages
    const at = messages.findIndex(({ id }) => id === through)
    const size = Math.max(this.scene.pageSize ?? 40, at < 0 ? 0 : messages.length - at)
    return {
      epoch: String(++this.epoch),
      conversation: this.view(),
      page: { messages: messages.slice(-size), more: messages.length > size },
      ...(this.scene.comparison && { comparison: this.scene.comparison }),
      notices: this.scene.notices ?? [],
      ...(this.scene.questions && { questions: this.scene.questions }),
      ...(this.scene.sideWaits && { sideWaits: this.scene.sideWaits }),
      place: 'editor',
      needsKey: this.scene.needsKey ?? false,
    }
  }

  cards(): ProviderCard[] {
    return this.scene.providers ?? providerCards()
  }

  view(): Snapshot['conversation'] {
    const { title, chosen } = this.scene
    return {
      id: this.conversation,
      title,
      ...(chosen && { chosen }),
      ...(this.scene.barred?.length && { barred: this.scene.barred }),
      ...(this.scene.standIn && { standIn: this.scene.standIn }),
      ...(this.scene.agent && { agent: this.scene.agent }),
      ...(this.running !== undefined && { running: this.running }),
      ...(this.scene.turn && { turn: this.scene.turn as never }),
      ...(this.scene.queued?.length && { queued: this.scene.queued as never }),
      ...this.#context(),
      ...(this.scene.money && { money: this.scene.money }),
    }
  }

  /** Begins an answer: an empty message that streams. */
  start(id = `answer${this.#next++}`, goesOn?: GoesOn): string {
    this.running = id
    this.#draft = { ...newDraft(ORIGIN), ...(goesOn && { goesOn }) }
    const message = settle({ ...newDraft(ORIGIN), ...(goesOn && { goesOn }) })
    this.scene.messages.push(stored(id, message, 'streaming', this.scene.messages.at(-1)?.id ?? null))
    this.tell({ type: 'message', message: this.scene.messages.at(-1)!, begins: true }, this.#changed())
    return id
  }

  stream(...events: StreamEvent[]): void {
    const draft = this.#draft!
    for (const event of events) reduce(draft, event)
    const last = this.scene.messages.at(-1)!
    this.scene.messages.splice(-1, 1, { ...last, message: structuredClone(settle(draft)) })
    this.tell({ type: 'stream', id: last.id, events: events as never })
  }

  /** What is waited for beside the answers is this now. */
  waitsBeside(...sideWaits: SideWaitView[]): void {
    this.scene.sideWaits = sideWaits
    this.tell({ type: 'side-waits', waits: sideWaits })
  }

  /** What the answer waits for before it is asked for again; undefined where it waits no longer. */
  waits(waiting?: Omit<WaitingView, 'message'>): void {
    const message = this.running!
    const view = waiting && { message, ...waiting }
    const { waiting: _, ...turn } = this.scene.turn ?? { message, calls: [] }
    this.scene.turn = { ...turn, message, ...(view && { waiting: view }) }
    this.tell({ type: 'waiting', message, ...(view && { waiting: view }) })
  }

  /** Text into the answer's first block. */
  say(text: string): void {
    if (this.#draft?.content.length === 0)
      this.stream({ type: 'block-start', index: 0, block: { type: 'text', text: '' } })
    this.stream({ type: 'block-delta', index: 0, text })
  }

  end(stop: AssistantMessage['stop'] = { kind: 'done' }): void {
    const draft = this.#draft!
    for (const index of draft.open)
      this.stream({ type: 'block-end', index, block: structuredClone(draft.content[index]!) })
    this.stream(
      { type: 'usage', usage: { ...noUsage(), input: 1200, output: 340, cacheRead: 900 } },
      { type: 'end', stop },
    )
    const goesOn = stop.kind === 'tools'
    const state = stop.kind === 'done' || goesOn ? 'done' : 'interrupted'
    const timing = { startedAt: Date.now() - 4200, firstTokenMs: 640, durationMs: 4200 }
    const last = this.scene.messages.at(-1)!
    this.scene.messages.splice(-1, 1, { ...last, state, timing, cost: 0.0123 })
    if (!goesOn) this.running = undefined
    this.tell({ type: 'settled', id: last.id, state, timing, cost: 0.0123 }, this.#changed())
  }

  /** A whole call into the answer, which then waits for its result. */
  call(call: Partial<ToolCall> & { id: string; name: string }): void {
    const { input = {} } = call
    const block: ToolCall = { type: 'tool-call', ranBy: 'host', json: JSON.stringify(input), input, ...call }
    const index = this.#draft!.content.length
    this.stream({ type: 'block-start', index, block: { ...block, json: '' } }, { type: 'block-end', index, block })
  }

  /** Where a call of the running answer stands now. */
  state(callId: string, state: CallState): void {
    this.happen({ type: 'state', callId, state })
  }

  happen(event: CallEvent): void {
    const turn = (this.scene.turn ??= { message: this.running!, calls: [] })
    const known = turn.calls.find(({ callId }) => callId === event.callId)
    if (event.type === 'output' && known) known.output += event.text
    else if (event.type === 'state' && known) known.state = event.state
    else if (event.type === 'state') turn.calls.push({ callId: event.callId, state: event.state, output: '' })
    this.tell({ type: 'call', id: this.running!, event })
  }

  /** The results of the last answer's calls, in a message of their own. */
  results(id: string, ...content: ToolResult[]): void {
    const known = this.scene.messages.find((message) => message.id === id)
    const message = stored(id, { role: 'tool', content } as never, 'done', this.scene.messages.at(-1)?.id ?? null)
    if (known) this.scene.messages.splice(this.scene.messages.indexOf(known), 1, { ...message, parent: known.parent })
    else this.scene.messages.push(message)
    this.tell({ type: 'message', message })
  }

  endTurn(end: LoopEnd): void {
    const totals = { steps: 2, usage: noUsage(), cost: 0 }
    this.running = undefined
    this.scene.turn = { message: '', calls: [], ...this.scene.turn, totals, end }
    this.tell({ type: 'turn', totals, end: end as never }, this.#changed())
  }

  /** What waits is something else now. */
  queue(queued: QueuedMessage[]): void {
    this.scene.queued = queued
    this.tell(this.#changed())
  }

  /** What MCP servers ask is this now. */
  asks(...questions: QuestionView[]): void {
    this.scene.questions = questions
    this.tell({ type: 'questions', questions })
  }

  /** What is asked of budgets, and which are nearly used up, is this now. */
  pays(money: MoneyState | undefined): void {
    delete this.scene.money
    Object.assign(this.scene, money && { money })
    this.tell(this.#changed())
  }

  #context(): { context?: ContextState } {
    const { context, summary } = this.scene
    return context || summary ? { context: { ...context, ...(summary && { summary: summary.id }) } } : {}
  }

  /** What is done so that the chat fits is this now. */
  fits(context: ContextState | undefined, summary?: SummaryView): void {
    delete this.scene.context
    delete this.scene.summary
    Object.assign(this.scene, context && { context }, summary && { summary })
    this.tell(this.#changed())
  }

  #changed(): PanelEvent {
    return { type: 'conversation', conversation: this.view(), needsKey: this.scene.needsKey ?? false }
  }

  #answer(request: ToHost): unknown {
    switch (request.name) {
      case 'ready':
        return this.snapshot()
      case 'open':
        this.conversation = request.body.conversation
        return this.snapshot()
      case 'new':
        this.conversation = `new${this.#next++}`
        this.scene.messages = []
        this.scene.title = ''
        return this.snapshot()
      case 'older': {
        const at = this.scene.messages.findIndex(({ id }) => id === request.body.before)
        const through = this.scene.messages.findIndex(({ id }) => id === request.body.through)
        const usual = Math.max(0, at - (this.scene.pageSize ?? 40))
        const from = through < 0 ? usual : Math.min(usual, through)
        return { messages: this.scene.messages.slice(from, at), more: from > 0 }
      }
      case 'send':
        return this.#send(request.body)
      case 'stop':
        if (this.running !== undefined && this.#draft) this.end({ kind: 'aborted' })
        return {}
      case 'queue':
        this.queue([...(this.scene.queued ?? []), { id: `q${this.#next++}`, content: request.body.content as Part[] }])
        return {}
      case 'unqueue': {
        const taken = this.scene.queued?.find(({ id }) => id === request.body.id)
        this.queue(this.scene.queued?.filter((one) => one !== taken) ?? [])
        return { content: taken?.content ?? [] }
      }
      case 'tools':
        return this.scene.tools ?? { groups: [] }
      case 'agents': {
        const { agents = [], agent, untrusted } = this.scene
        return { agents, problems: [], ...(agent && { inUse: agent }), ...(untrusted && { untrusted }) }
      }
      case 'hand-off': {
        const { prompt = '', send } = this.scene.agent!.handoffs![request.body.at]!
        return { prompt, ...(send && { send }) }
      }
      case 'choose-agent':
        this.#chooseAgent(request.body.agent)
        return {}
      case 'instructions':
        return this.scene.instructions ?? []
      case 'switch-tools': {
        const { off } = request.body
        for (const tool of this.scene.tools?.groups.flatMap(({ tools }) => tools) ?? [])
          tool.on = !off.includes(tool.name)
        return {}
      }
      case 'grants':
        return this.scene.grants ?? []
      case 'revoke':
        this.scene.grants = this.scene.grants?.filter(({ id }) => id !== request.body.id) ?? []
        return {}
      case 'answer-question':
        this.asks(...(this.scene.questions ?? []).filter(({ id }) => id !== request.body.id))
        return {}
      case 'attach-link': {
        const context = { label: 'A linked note', detail: 'notes', icon: 'plug' }
        return [{ name: `A linked note (${request.body.uri})`, data: btoa('Only a link leads here.'), context }]
      }
      case 'log':
        return this.log.filter(({ seq }) => seq > request.body.after)
      case 'benchmark':
        return this.scene.benchmark ?? benchmarkView()
      case 'benchmark-estimate':
        return estimateOf(request.body)
      case 'benchmark-start':
        return { started: true }
      case 'benchmark-results':
        return resultsOf()
      case 'mcp-servers':
        return this.scene.mcp ?? mcpServers()
      case 'add-mcp-server':
        return this.scene.added === undefined ? {} : { server: this.scene.added }
      case 'providers':
        return this.cards()
      case 'test-provider':
        return this.scene.test ? { test: this.scene.test } : {}
      case 'add-provider':
        return this.scene.added === undefined ? {} : { provider: this.scene.added }
      case 'choose':
        this.scene.recent = [request.body, ...(this.scene.recent ?? [])]
        return {}
      case 'models':
        return {
          groups: this.scene.groups,
          favourites: this.scene.favourites ?? [],
          recent: this.scene.recent ?? [],
          ...(this.scene.own && { own: this.scene.own }),
        }
      case 'options':
        this.#change(request.body)
        return {}
      case 'never-send':
        this.#forbid(request.body.providers)
        return {}
      case 'use-first':
        delete this.scene.standIn
        this.tell(this.#changed())
        return {}
      case 'keepFiles':
        this.#keep(request.body)
        return {}
      case 'keptFiles':
        return kept()[request.body.conversation] ?? []
      case 'suggest':
        return suggest(this.suggestions, request.body.trigger, request.body.query)
      case 'take-suggestion':
        return take(request.body.id, request.body.values)
      case 'complete-argument':
        // A server may say a word twice.
        return ['main', 'main', 'maintenance', 'next'].filter((one) => one.startsWith(request.body.typed))
      case 'refresh-context':
        return [read(request.body.ref.replace(/^.*:/, ''), 'fresh words', undefined, request.body.ref)]
      case 'stale-context':
        return request.body.items.map(({ ref }) => ref).filter((ref) => this.suggestions.stale.includes(ref))
      case 'token-factor':
        return { factor: this.suggestions.factor }
      case 'current-file':
        return this.suggestions.current ?? null
      case 'take-current':
        return read('ring.ts', 'in front', 'lines 3-9, selected')
      case 'count':
      case 'context':
        return this.counted
      case 'budgets':
        return this.scene.budgets ?? []
      case 'summaries':
        return this.scene.summary ? [this.scene.summary] : []
      case 'pin-message':
        this.#pin(request.body)
        return {}
      case 'attach':
        return request.body.uris.map((uri) => ({ name: uri.slice(uri.lastIndexOf('/') + 1), data: btoa(`of ${uri}`) }))
      case 'compare':
        return { message: `sent${this.#next++}` }
      case 'history':
        return this.chats.page(request.body)
      case 'history-facets':
        return this.chats.facets
      case 'rename':
        return this.chats.change([request.body.conversation], { title: request.body.title })
      case 'pin-chats':
        return this.chats.change(request.body.conversations, { pinned: request.body.on })
      case 'archive-chats':
        return this.chats.change(request.body.conversations, { archived: request.body.on })
      case 'delete-chats':
        return this.chats.delete(request.body.conversations)
      case 'restore-chats':
        return this.chats.restore(request.body.conversations)
      default:
        return answerTree(this, request) ?? {}
    }
  }

  /** As the host works a limit out: the conversation's own, else the model's. */
  #change({ maxOutputTokens, thinking, keyProfile, failover }: Requests['options'][0]): void {
    const { chosen } = this.scene
    if (!chosen) return
    if (failover === null) delete chosen.failover
    else if (failover !== undefined) chosen.failover = failover
    if (maxOutputTokens === null) delete chosen.maxOutputTokens
    else if (maxOutputTokens !== undefined) chosen.maxOutputTokens = maxOutputTokens
    if (thinking === null) delete chosen.thinking
    else if (thinking !== undefined) chosen.thinking = thinking
    if (keyProfile === null) {
      chosen.keyProfile = 'default'
      delete chosen.keyChosen
    } else if (keyProfile !== undefined) Object.assign(chosen, { keyProfile, keyChosen: true })
    const most = chosen.info?.maxOutputTokens ?? Infinity
    chosen.outputLimit = Math.min(chosen.maxOutputTokens ?? most, most)
    this.tell(this.#changed())
  }

  #forbid(providers: string[]): void {
    const { barred = [], groups, chosen } = this.scene
    const label = (id: string): string => groups.find(({ provider }) => provider === id)?.label ?? id
    const others = barred.filter(({ by }) => by !== 'chat')
    const own = providers.filter((id) => !others.some(({ provider }) => provider === id))
    this.scene.barred = [...others, ...own.map((id) => ({ provider: id, label: label(id), by: 'chat' as const }))]
    if (chosen) chosen.key = this.scene.barred.some(({ provider }) => provider === chosen.provider) ? 'barred' : 'set'
    this.tell(this.#changed())
  }

  #pin({ message, pinned }: Requests['pin-message'][0]): void {
    const at = this.scene.messages.findIndex(({ id }) => id === message)
    const { pinned: _, ...known } = this.scene.messages[at]!
    this.scene.messages[at] = pinned ? { ...known, pinned } : known
    this.tell({ type: 'message', message: this.scene.messages[at] })
  }

  #chooseAgent(id: string | null): void {
    const agent = this.scene.agents?.find((one) => one.id === id)
    if (agent) this.scene.agent = { id: agent.id, name: agent.name, origin: 'conversation' }
    else delete this.scene.agent
    this.tell(this.#changed())
  }

  #keep({ conversation, files }: Requests['keepFiles'][0]): void {
    const all = kept()
    const dataOf = (id: string) => all[conversation]?.find((file) => file.id === id)?.data
    all[conversation] = files.map((file) => ({ ...file, data: file.data ?? dataOf(file.id) ?? '' }))
    const json = JSON.stringify(all)
    // A browser stores no more of it, and a test that reloads has small files.
    if (json.length < 1_000_000) sessionStorage.setItem(KEPT, json)
  }

  #send(body: Requests['send'][0]): { message: string } {
    const id = `sent${this.#next++}`
    if (body.parent !== undefined) {
      const at = this.scene.messages.findIndex((one) => one.id === body.parent)
      this.scene.messages = this.scene.messages.slice(0, at + 1)
      this.tell({ type: 'stale' })
    }
    const message = { role: 'user', content: body.content as Part[] } as const
    this.scene.messages.push(stored(id, message, 'done', this.scene.messages.at(-1)?.id ?? null))
    if (body.parent === undefined) this.tell({ type: 'message', message: this.scene.messages.at(-1)! })
    return { message: id }
  }
}

const KEPT = 'panelist.kept'
/** The files of drafts: the real host outlives its pages, this one does not. */
const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Record<string, KeptFile[]>

let clock = Date.UTC(2026, 10, 20, 9, 0)

export function stored(
  id: string,
  message: MessageView['message'],
  state: MessageView['state'] = 'done',
  parent: string | null = null,
): MessageView {
  clock += 60_000
  return { id, conversation: 'c1', parent, createdAt: clock, state, message }
}
