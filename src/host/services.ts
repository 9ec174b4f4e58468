/** Everything a panel needs, put together once a window. Nothing is opened or loaded before it is first used. */
import type { ConversationId } from '../shared/conversation.ts'
import type { FailureAction } from '../shared/failure.ts'
import type { Chosen, CurrentFile, Notice, OwnExperience, PanelEvent, ReadFile, Transfer } from '../shared/protocol.ts'
import type { Store } from '../store/store.ts'
import type { Approvals } from '../tools/approvals.ts'
import type { Benchmarking } from './benchmark/index.ts'
import type { Answers } from './answers.ts'
import type { Chooser } from './choice.ts'
import type { FirstRun } from './first-run.ts'
import type { Customising } from './customisation/window.ts'
import type { Counting } from './counting.ts'
import type { WindowFitting } from './fitting/index.ts'
import type { KeptFiles } from './kept-files.ts'
import type { Likes } from './likes.ts'
import type { LiveLog } from './live-log.ts'
import type { McpOffers } from './mcp/offers.ts'
import type { McpPage } from './mcp/page.ts'
import type { Questions } from './mcp/questions.ts'
import type { Models } from './models.ts'
import type { WindowMoney } from './money/index.ts'
import type { ProviderPage } from './provider-page/page.ts'
import type { WindowFailover } from './resilience/failover.ts'
import type { SideWaits } from './side-waits.ts'
import type { Suggestions } from './suggest/suggestions.ts'
import type { ToolSet } from './tool-set.ts'

/** What of the editor a panel may use. */
export type Desk = {
  /** Folder URI of the workspace, where one is open. */
  workspace(): string | undefined
  insert(text: string): Promise<void>
  copy(text: string): Promise<void>
  openLink(href: string): Promise<void>
  /** The address by which files of the workspace are known here: a remote window names them otherwise. */
  located(uri: string): string
  /** To a place the person chooses. */
  saveFile(name: string, bytes: Uint8Array): Promise<void>
  act(action: FailureAction, provider: string | undefined): Promise<void>
  /** Asks where to and where from, does it, and says how it went. */
  transfer(what: Transfer, conversation: ConversationId): Promise<void>
}

export type Services = {
  store(): Store
  answers: Answers
  benchmark: Pick<Benchmarking, 'open'>
  chooser: Pick<Chooser, 'choose' | 'needsKey' | 'remember' | 'modelOf'>
  failover: Pick<WindowFailover, 'barred' | 'standIn' | 'useFirst'>
  models: Pick<Models, 'groups'>
  counting: Counting
  fitting: WindowFitting
  sideWaits: Pick<SideWaits, 'views' | 'listen' | 'now' | 'stop'>
  money: Pick<WindowMoney, 'state' | 'views' | 'questions' | 'look'>
  customising: Omit<Customising, 'agents' | 'keyOf' | 'forget'>
  keptFiles: KeptFiles
  likes: Likes
  usage: { experience(): OwnExperience }
  firstRun: Pick<FirstRun, 'find' | 'take'>
  providers: Pick<ProviderPage, 'cards' | 'test' | 'act' | 'add'>
  tools: Pick<ToolSet, 'all' | 'whyNone'> & { approvals: Pick<Approvals, 'list' | 'revoke' | 'forget'> }
  mcp: Pick<McpPage, 'view' | 'act' | 'switchTool' | 'add'> & {
    offers: Pick<McpOffers, 'isOurs' | 'read' | 'picked' | 'follow'>
    questions: Pick<Questions, 'all' | 'listen' | 'answer' | 'keep'>
  }
  suggestions: Pick<Suggestions, 'suggest' | 'take' | 'complete' | 'files' | 'named' | 'stale' | 'isOurs' | 'add'>
  context: WindowContext
  log: LiveLog
  desk: Desk
  notices: Notices
  /** The list of conversations is another one now. */
  chatsChanged(): void
}

/** What goes along with a message, as far as a panel asks of it. */
export type WindowContext = {
  /** What our estimate of tokens is multiplied by for this model. */
  factorOf(chosen: Pick<Chosen, 'provider' | 'model'>): number
  current: {
    /** The file in front; the panel is told of another one. */
    follow(panel: { push(event: PanelEvent): void }): Promise<CurrentFile | null>
    read(): Promise<ReadFile | null>
  }
}

/** Sentences for the person that belong to no answer. The same for every panel of the window. */
export class Notices {
  readonly #notices = new Map<string, Notice>()
  readonly #listeners = new Set<(event: PanelEvent) => void>()

  get all(): Notice[] {
    return [...this.#notices.values()]
  }

  add(notice: Notice): void {
    this.#notices.set(notice.id, notice)
    for (const listener of this.#listeners) listener({ type: 'notice', notice })
  }

  /** What it told of is over, or the person has read it. */
  dismiss(id: string): void {
    if (!this.#notices.delete(id)) return
    for (const listener of this.#listeners) listener({ type: 'notice-gone', id })
  }

  listen(listener: (event: PanelEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
