/** The places a chat can stand: the view in the secondary side bar, and any number of editor tabs. */
import { randomUUID } from 'node:crypto'
import * as vscode from 'vscode'
import type { ConversationId } from '../shared/conversation.ts'
import { isObject } from '../shared/json.ts'
import type { PanelEvent, ToWebview } from '../shared/protocol.ts'
import { startNew } from './handlers.ts'
import type { Surface } from './opened-page.ts'
import { OpenedPage } from './opened-page.ts'
import { EDITOR, VIEW } from './places.ts'
import { receive } from './receive.ts'
import type { Services } from './services.ts'
import type { Place } from './session.ts'
import { Session } from './session.ts'

/** What changes within this time is told at once, in milliseconds. */
const GATHER_MS = 100
const OPEN_IN_VIEW = 'panelist.view.conversation'

export class Panels {
  readonly #services: Services
  readonly #extension: vscode.Uri
  readonly #state: vscode.Memento
  readonly #watched: (anyVisible: boolean) => void
  readonly #turnedTo: () => void
  readonly #sessions = new Map<Session, Surface>()
  /** The panel that was used last: commands mean this one. */
  #current: Session | undefined
  #chatsChanged: NodeJS.Timeout | undefined
  /** What to tell a page once it is there: of a panel, or of the view that has none yet. */
  readonly #waiting = new Map<Session | 'view', PanelEvent[]>()

  /**
   * `watched` is told whether a person can see any panel; `turnedTo`, that one got the keyboard or asks what there is to
   * choose from.
   */
  constructor(
    services: Services,
    extension: vscode.Uri,
    state: vscode.Memento,
    watched: (anyVisible: boolean) => void = () => undefined,
    turnedTo: () => void = () => undefined,
  ) {
    this.#services = services
    this.#extension = extension
    this.#state = state
    this.#watched = watched
    this.#turnedTo = turnedTo
  }

  /** The view in the side bar, whose page has been given its document. */
  resolveView(view: vscode.WebviewView, page: OpenedPage): void {
    const shown = this.#state.get<ConversationId>(OPEN_IN_VIEW)
    const onSwitch = (id: ConversationId): void => void this.#state.update(OPEN_IN_VIEW, id)
    const session = this.#attach(view, page, { kind: 'sidebar', onSwitch }, shown)
    onSwitch(session.conversation)
    view.onDidChangeVisibility(() => {
      if (view.visible) this.#use(session)
      else this.#hide(session)
      this.#look()
    })
  }

  /** An editor tab of before a reload. `state`: what its page kept. */
  restoreEditor(panel: vscode.WebviewPanel, state: unknown, page: OpenedPage): void {
    const conversation = isObject(state) && typeof state.conversation === 'string' ? state.conversation : undefined
    this.#attachEditor(panel, page, conversation)
  }

  /** The conversation in an editor tab of its own; a new one where there is no panel yet. */
  openEditor(conversation: ConversationId | undefined): void {
    const panel = vscode.window.createWebviewPanel(EDITOR, 'Panelist', vscode.ViewColumn.Active, {})
    this.#attachEditor(panel, new OpenedPage(panel, this.#extension), conversation)
  }

  /** A person can see this conversation, be it behind a page of its panel, which then says what waits in it. */
  isSeen(conversation: ConversationId): boolean {
    return [...this.#sessions].some(([session, { visible }]) => visible && session.conversation === conversation)
  }

  /** Brings the conversation before the person: in the panel that has it, else in a tab of its own. */
  async showChat(conversation: ConversationId): Promise<void> {
    const session = [...this.#sessions.keys()].find((one) => one.conversation === conversation)
    if (!session) return this.openEditor(conversation)
    this.#use(session)
    await this.show()
  }

  get current(): Session | undefined {
    return this.#current
  }

  /** Makes commands mean the view: its title bar was used, which gives the page no focus. */
  useView(): void {
    const view = [...this.#sessions].find(([, surface]) => !('reveal' in surface))
    if (!view) return
    this.#use(view[0])
    // The click took the keyboard from the page, whose own word on that may still be on its way.
    view[0].focused = false
  }

  /** Shows the panel used last, or the view where none is, and tells it this. */
  async show(...events: PanelEvent[]): Promise<void> {
    const session = this.#current
    const surface = session && this.#sessions.get(session)
    if (session && surface?.visible && session.ready) {
      for (const event of events) session.push(event)
      // VS Code takes the keyboard from the page before it gives it back: keys pressed in between would be lost.
      if (session.focused) return
      if ('reveal' in surface) surface.reveal()
      else await vscode.commands.executeCommand(`${VIEW}.focus`)
      return
    }
    // A hidden page is gone: it hears what it was to hear when it has asked for its snapshot.
    const listener = session ?? 'view'
    this.#waiting.set(listener, [...(this.#waiting.get(listener) ?? []), ...events])
    if (surface && 'reveal' in surface) surface.reveal()
    else await vscode.commands.executeCommand(`${VIEW}.focus`)
  }

  /** Starts a new conversation in the panel used last; where there is none, the view will show one. */
  async newChat(): Promise<void> {
    const session = this.#current
    if (!session) return this.#state.update(OPEN_IN_VIEW, randomUUID())
    // What is typed into an empty chat, or sent from it, while the command is on its way is meant for the new one.
    if (session.untouched && !this.#isShared(session)) return
    startNew(session, true)
    session.stale()
  }

  /** Keys, settings or models changed. */
  async refreshAll(): Promise<void> {
    await Promise.all(
      [...this.#sessions.keys()].map(async (session) => {
        session.push({ type: 'models-changed' })
        await session.refresh()
      }),
    )
  }

  /** Tools came or went. */
  toolsChanged(): void {
    this.tell({ type: 'tools-changed' })
  }

  /** Every panel. */
  tell(event: PanelEvent): void {
    for (const session of this.#sessions.keys()) session.push(event)
  }

  /** The list of conversations is another one: told once for what changes at once. */
  chatsChanged(): void {
    this.#chatsChanged ??= setTimeout(() => {
      this.#chatsChanged = undefined
      for (const session of this.#sessions.keys()) session.push({ type: 'chats-changed' })
    }, GATHER_MS)
  }

  /** Another window wrote something, which may be of a conversation that is shown here. */
  lookAgain(): void {
    for (const session of this.#sessions.keys()) session.lookAgain()
  }

  #attachEditor(panel: vscode.WebviewPanel, page: OpenedPage, conversation: ConversationId | undefined): void {
    panel.iconPath = vscode.Uri.joinPath(this.#extension, 'media', 'panelist.svg')
    const onTitle = (title: string): void => {
      panel.title = title || 'Panelist'
    }
    const session = this.#attach(panel, page, { kind: 'editor', onTitle }, conversation)
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#use(session)
      if (!panel.visible) this.#hide(session)
      this.#look()
    })
  }

  #attach(surface: Surface, page: OpenedPage, place: Place, conversation: ConversationId | undefined): Session {
    const { webview } = surface
    const port = { post: (message: ToWebview): void => void webview.postMessage(message) }
    const onSwitch = (id: ConversationId): void => {
      place.onSwitch?.(id)
      this.#services.money.look()
    }
    const session = new Session(this.#services, port, { ...place, onSwitch }, conversation)
    this.#sessions.set(session, surface)
    if (place.kind === 'sidebar') this.#hand('view', session)
    this.#use(session)
    page.hear((message) => {
      // A page that loses the keyboard may say so when another has it.
      if (message.name !== 'focused' || message.body.focused) this.#use(session)
      if (message.name === 'models' || (message.name === 'focused' && message.body.focused)) this.#turnedTo()
      void receive(session, port, message).then(() => message.name === 'ready' && this.#deliver(session))
    })
    surface.onDidDispose(() => {
      session.dispose()
      this.#sessions.delete(session)
      this.#waiting.delete(session)
      if (this.#current === session) this.#use([...this.#sessions.keys()].at(-1))
      this.#look()
    })
    this.#look()
    return session
  }

  #look(): void {
    this.#watched([...this.#sessions.values()].some(({ visible }) => visible))
    this.#services.money.look()
  }

  /** VS Code destroys a page that cannot be seen. */
  #hide(session: Session): void {
    session.focused = false
    session.logFeed.close()
  }

  #use(session: Session | undefined): void {
    this.#current = session
  }

  /** Another panel shows the same conversation. */
  #isShared(session: Session): boolean {
    return [...this.#sessions.keys()].some((one) => one !== session && one.conversation === session.conversation)
  }

  #hand(from: 'view', to: Session): void {
    const events = this.#waiting.get(from)
    if (events) this.#waiting.set(to, events)
    this.#waiting.delete(from)
  }

  #deliver(session: Session): void {
    for (const event of this.#waiting.get(session) ?? []) session.push(event)
    this.#waiting.delete(session)
  }
}
