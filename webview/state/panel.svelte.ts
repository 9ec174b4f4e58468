/** Everything the components share: the bridge, the stores, and what is open on top of the transcript. */
import { createContext, tick } from 'svelte'
import type { ConversationId, MessageId } from '../../src/shared/conversation.ts'
import type { FailureAction } from '../../src/shared/failure.ts'
import type { ProviderId } from '../../src/shared/model.ts'
import type { ApprovalDecision, LoopEnd } from '../../src/shared/tool-state.ts'
import { endSentence } from '../../src/shared/tool-state.ts'
import type { PanelEvent, RequestBody, RequestName, ResponseBody, Snapshot } from '../../src/shared/protocol.ts'
import { Bridge, type Api } from '../bridge.ts'
import type { AgentStore } from './agents.svelte.ts'
import { Announcer } from './announcer.svelte.ts'
import { Checks } from './checks.svelte.ts'
import type { BenchmarkStore } from './benchmark.svelte.ts'
import type { CompareStore } from './compare.svelte.ts'
import { ComposerStore } from './composer.svelte.ts'
import type { ContextStore } from './context.svelte.ts'
import { ConversationStore } from './conversation.svelte.ts'
import { ForecastStore } from './forecast.svelte.ts'
import type { HistoryStore } from './history.svelte.ts'
import { KeptFiles } from './kept.ts'
import type { LogStore } from './log.svelte.ts'
import type { McpStore } from './mcp.svelte.ts'
import { Missing } from './missing.svelte.ts'
import { ModelStore } from './models.svelte.ts'
import type { Overlay, PanelDoor, Sought } from './panel-door.ts'
import type { ProviderStore } from './providers.svelte.ts'
import { SavedState } from './saved.ts'
import { ToolStore } from './tools.svelte.ts'
import type { TreeStore } from './tree.svelte.ts'
import { waitWords } from './waits.svelte.ts'

export type { Overlay, Sought } from './panel-door.ts'

/** What of the code that comes later is used here. */
type Later = { takeNamed(panel: Panel, uris: string[]): unknown }

export class Panel implements PanelDoor {
  /** Runs with what is not needed for the first draw, once it is there. Whoever draws the panel gives it. */
  whenLater: (run: (later: Later) => unknown) => Promise<void> = () => Promise.resolve()
  readonly bridge: Bridge
  readonly saved: SavedState
  readonly conversation: ConversationStore
  readonly composer: ComposerStore
  readonly models: ModelStore
  /** Comes with the view of it. */
  history: HistoryStore | undefined
  /** Comes with the view of it. */
  compare: CompareStore | undefined = $state.raw()
  /** Grows whenever the list of conversations is another one. */
  chatsChanged = $state(0)
  /** Both come with the view of them. */
  providers: ProviderStore | undefined
  mcp: McpStore | undefined
  readonly announcer = new Announcer()
  readonly missing = new Missing(() => void this.reload())
  readonly checks: Checks
  readonly forecast: ForecastStore
  readonly kept: KeptFiles
  readonly tools: ToolStore
  /** Comes with the view of it. */
  benchmark: BenchmarkStore | undefined
  /** Comes with the view of it. */
  log: LogStore | undefined
  /** Comes with what draws agents. */
  agents: AgentStore | undefined
  /** Comes with what draws attachments. */
  context: ContextStore | undefined
  /** Comes with what lies over the transcript. */
  tree: TreeStore | undefined = $state.raw()
  /** The call, or message, to be scrolled to. */
  sought: Sought | undefined = $state.raw()
  overlay: Overlay = $state('none')
  /** A request that failed, said once above the composer. */
  problem: string | undefined = $state()
  /** True once the message was to be sent with files that cannot go. */
  refused = $state(false)
  /** Enter was pressed before the host had said which conversation this is. */
  #sendOnceShown = false
  /** Messages on their way to the host. */
  #sending = 0

  constructor(api: Api) {
    this.saved = new SavedState(api)
    this.conversation = new ConversationStore({
      needSnapshot: () => void this.reload(),
      event: (event) => this.#hear(event),
    })
    this.bridge = new Bridge(api, this.conversation)
    this.composer = new ComposerStore(this.saved)
    this.models = new ModelStore(this.bridge)
    this.tools = new ToolStore(this.bridge)
    this.checks = new Checks(this.conversation, this.composer)
    this.forecast = new ForecastStore(this)
    this.kept = new KeptFiles(this.bridge, this.composer, this.conversation)
  }

  /** Asks the host for the truth, again and again until it comes: without it every batch is thrown away. */
  async reload(): Promise<void> {
    this.missing.asked()
    const conversation = this.conversation.view?.id ?? this.saved.conversation
    if (await this.show('ready', conversation === undefined ? {} : { conversation })) return
    this.missing.refused(this.problem)
    this.problem = undefined
  }

  /** A new page in the place of this one; where the host does not hear of that, asking again is all there is. */
  async reloadPage(): Promise<void> {
    void this.bridge.ask('reload', {}).catch(() => undefined)
    await this.reload()
  }

  async open(conversation: ConversationId): Promise<void> {
    this.overlay = 'none'
    await this.show('open', { conversation })
    this.composer.focus()
  }

  async start(): Promise<void> {
    this.overlay = 'none'
    await this.show('new', { keepChoice: true })
    this.composer.focus()
  }

  async send(): Promise<void> {
    const { composer, conversation } = this
    if (composer.empty) return
    if (!conversation.loaded) return void (this.#sendOnceShown = true)
    if (this.running && !conversation.running) {
      this.problem = 'An answer is being written in another branch. Stop it, or go there.'
      return
    }
    if (this.running && composer.editing) {
      this.problem = 'An answer is being written. Stop it, then send what you edited.'
      return
    }
    // What cannot go stays where it is, and its sentence stands above it.
    this.refused = this.checks.refusal !== undefined
    if (this.refused) return
    const { view } = conversation
    const stays = (): boolean => conversation.view?.id === view?.id
    if (composer.holds) {
      // What could not be attached is said, and the message stays; so it does in a chat that is left meanwhile.
      this.problem = undefined
      return composer.onceWhole(() => this.problem === undefined && stays() && this.send())
    }
    const along = this.context?.along ? await this.context.implicit() : []
    // Enter may have been pressed once more meanwhile.
    if (composer.empty || !stays()) return
    composer.attach(along)
    const compare = this.compare?.ready ? this.compare.lanes : undefined
    const message = composer.take(this.checks.reader)
    // One that was sent a moment ago may be on its way yet: this one comes after it.
    const waits = this.running || (this.#sending > 0 && message.body.parent === undefined)
    this.#sending++
    const sent = await (waits
      ? this.try('queue', { content: message.body.content })
      : compare
        ? this.try('compare', { ...message.body, lanes: compare })
        : this.try('send', message.body))
    this.#sending--
    if (!sent) return composer.restore(message)
    if (compare) this.compare?.clear()
    for (const file of message.attachments) file.release()
  }

  /** Opens what a command or a key asks for. */
  lay(what: Extract<PanelEvent, { type: 'show' }>['what']): void {
    const over = what === 'find' || what === 'map' || what === 'compare'
    this.overlay = over ? 'none' : what
    if (over) void this.#openOver(what)
  }

  async #openOver(what: 'find' | 'map' | 'compare'): Promise<void> {
    await this.whenLater(tick)
    if (what === 'compare') this.compare?.begin()
    else this.tree?.open(what)
  }

  async stop(): Promise<void> {
    await this.try('stop', {})
  }

  async retry(message: MessageId): Promise<void> {
    await this.try('retry', { message })
  }

  /** From the end of the branch, which may be results that no model has seen. */
  async goOn(): Promise<void> {
    const message = this.conversation.entries.at(-1)?.id
    if (message !== undefined) await this.try('continue', { message })
  }

  /** A page takes the place of the chat and of the composer. */
  get covered(): boolean {
    return ['history', 'providers', 'mcp', 'allowed', 'log', 'benchmark'].includes(this.overlay)
  }

  /** A turn runs: an answer is written, or its tools are. */
  get running(): boolean {
    return this.conversation.view?.running !== undefined
  }

  async decide(callId: string, decision: ApprovalDecision): Promise<boolean> {
    return (await this.try('decide', { callId, decision })) !== undefined
  }

  async act(action: FailureAction, context: { provider?: ProviderId; message?: MessageId } = {}): Promise<void> {
    if (action === 'select-model') this.overlay = 'models'
    else if (action === 'show-providers') this.overlay = 'providers'
    else if (action === 'new-chat') await this.start()
    else if (action === 'retry' && context.message !== undefined) await this.retry(context.message)
    else await this.try('action', { action, ...(context.provider !== undefined && { provider: context.provider }) })
  }

  /** What a model and its provider are called. `known`: false where that takes a look at the list of models first. */
  namesOf(provider: ProviderId, model: string): { provider: string; model: string; known: boolean } {
    const chosen = this.conversation.view?.chosen
    const isChosen = chosen?.provider === provider && chosen.model === model
    return {
      provider: isChosen ? chosen.providerLabel : this.models.label(provider),
      model: isChosen ? (chosen.info?.name ?? model) : this.models.name(provider, model),
      known: isChosen || this.models.groups !== undefined,
    }
  }

  /** The answer, or undefined where the host could not do it: its reason then stands above the composer. */
  async try<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ResponseBody<Name> | undefined> {
    try {
      const answer = await this.bridge.ask(name, body)
      this.problem = undefined
      return answer
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return undefined
    }
  }

  /** False where the host did not answer with a snapshot. */
  async show<Name extends 'ready' | 'open' | 'new' | 'walk' | 'branch'>(
    name: Name,
    body: RequestBody<Name>,
  ): Promise<boolean> {
    const before = this.composer.text
    const snapshot: Snapshot | undefined = await this.try(name, body)
    if (!snapshot) return false
    this.missing.came()
    // From an empty chat to an empty chat all that was typed goes along; else what was typed since this was asked for.
    const moves = this.conversation.entries.length === 0 && snapshot.page.messages.length === 0
    this.conversation.load(snapshot)
    // Whatever was told of models since the last snapshot was asked for may be lost.
    this.models.forget()
    this.providers?.forget()
    this.mcp?.forget()
    this.tools.forget()
    this.log?.again()
    this.benchmark?.forget()
    this.agents?.forget()
    const asTyped = this.composer.open(snapshot.conversation.id, { moves, before })
    this.saved.conversation = snapshot.conversation.id
    void this.composer.hold(this.kept.restore(snapshot.conversation.id))
    this.announcer.reset()
    const send = this.#sendOnceShown && asTyped
    this.#sendOnceShown = false
    if (send) await this.send()
    return true
  }

  #hear(event: PanelEvent): void {
    if (event.type === 'models-changed') {
      this.agents?.forget()
      this.models.forget()
      this.providers?.forget()
      this.tools.forget()
    } else if (event.type === 'tools-changed') {
      this.tools.forget()
      this.mcp?.forget()
    } else if (event.type === 'agents-changed') this.agents?.forget()
    else if (event.type === 'focus') {
      // A page that covers the box gives way to it; what was opened above the box since this was told does not.
      if (this.covered) this.overlay = 'none'
      this.composer.focus(event.insert)
    } else if (event.type === 'attach')
      void this.composer.hold(this.whenLater(({ takeNamed }) => takeNamed(this, event.uris)))
    else if (event.type === 'context-changed' || event.type === 'current-file') this.context?.hear(event)
    else if (event.type === 'chats-changed') this.chatsChanged++
    else if (event.type === 'show') this.lay(event.what)
    else if (event.type === 'remove') this.tree?.removeAll(event.messages, event.what)
    else if (event.type === 'benchmark-changed') this.benchmark?.forget()
    else if (event.type === 'log') this.log?.hear(event.entries)
    else if (event.type === 'stream') this.announcer.hear(event)
    else if (event.type === 'settled') this.announcer.hear(event, this.conversation.goesOn(event.id))
    else if (event.type === 'call') this.announcer.call(event.event)
    else if (event.type === 'waiting') this.announcer.say(waitWords(event.waiting))
    else if (event.type === 'turn' && event.end) this.announcer.say(endSentence(event.end as LoopEnd) ?? '')
  }
}

export const [getPanel, setPanel] = createContext<Panel>()
