/** The places a chat can stand: the view in the secondary side bar, and any number of editor tabs. */
import * as vscode from 'vscode'
import type { ConversationId } from '../shared/conversation.ts'
import { isObject } from '../shared/json.ts'
import type { PanelEvent, ToHost, ToWebview } from '../shared/protocol.ts'
import { panelHtml } from './html.ts'
import { describe } from './log.ts'
import { receive } from './receive.ts'
import type { Services } from './services.ts'
import type { Place } from './session.ts'
import { Session } from './session.ts'

export const VIEW = 'panelist.chat'
export const EDITOR = 'panelist.editor'

const OPEN_IN_VIEW = 'panelist.view.conversation'

export class Panels implements vscode.WebviewViewProvider, vscode.WebviewPanelSerializer {
  readonly #services: Services
  readonly #extension: vscode.Uri
  readonly #state: vscode.Memento
  readonly #sessions = new Map<Session, vscode.WebviewView | vscode.WebviewPanel>()
  /** The panel that was used last: commands mean this one. */
  #current: Session | undefined
  /** What to tell the view once its page is there. */
  #waiting: PanelEvent[] = []

  constructor(services: Services, extension: vscode.Uri, state: vscode.Memento) {
    this.#services = services
    this.#extension = extension
    this.#state = state
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const shown = this.#state.get<ConversationId>(OPEN_IN_VIEW)
    const onSwitch = (id: ConversationId): void => void this.#state.update(OPEN_IN_VIEW, id)
    const session = this.#attach(view, { kind: 'sidebar', onSwitch }, shown)
    onSwitch(session.conversation)
    view.onDidChangeVisibility(() => view.visible && this.#use(session))
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const conversation = isObject(state) && typeof state.conversation === 'string' ? state.conversation : undefined
    this.#attachEditor(panel, conversation)
  }

  /** The conversation in an editor tab of its own; a new one where there is no panel yet. */
  openEditor(conversation: ConversationId | undefined): void {
    const panel = vscode.window.createWebviewPanel(EDITOR, 'Panelist', vscode.ViewColumn.Active, {})
    this.#attachEditor(panel, conversation)
  }

  get current(): Session | undefined {
    return this.#current
  }

  /** Shows the panel used last, or the view where none is, and tells it this. */
  async show(...events: PanelEvent[]): Promise<void> {
    const surface = this.#current && this.#sessions.get(this.#current)
    if (this.#current && surface && 'reveal' in surface) {
      surface.reveal()
      for (const event of events) this.#current.push(event)
      return
    }
    const ready = surface?.visible === true
    if (!ready) this.#waiting.push(...events)
    await vscode.commands.executeCommand(`${VIEW}.focus`)
    if (ready) for (const event of events) this.#current?.push(event)
  }

  /** Starts a new conversation in the panel used last. */
  async newChat(): Promise<void> {
    if (!this.#current) return this.#state.update(OPEN_IN_VIEW, undefined)
    this.#current.change()
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

  #attachEditor(panel: vscode.WebviewPanel, conversation: ConversationId | undefined): void {
    panel.iconPath = vscode.Uri.joinPath(this.#extension, 'media', 'panelist.svg')
    const onTitle = (title: string): void => {
      panel.title = title || 'Panelist'
    }
    const session = this.#attach(panel, { kind: 'editor', onTitle }, conversation)
    panel.onDidChangeViewState(() => panel.active && this.#use(session))
  }

  #attach(
    surface: vscode.WebviewView | vscode.WebviewPanel,
    place: Place,
    conversation: ConversationId | undefined,
  ): Session {
    const { webview } = surface
    const port = { post: (message: ToWebview): void => void webview.postMessage(message) }
    const session = new Session(this.#services, port, place, conversation)
    this.#sessions.set(session, surface)
    this.#use(session)
    const receiving = webview.onDidReceiveMessage((message: ToHost) => {
      this.#use(session)
      void receive(session, port, message).then(() => message.name === 'ready' && this.#deliver(session))
    })
    surface.onDidDispose(() => {
      receiving.dispose()
      session.dispose()
      this.#sessions.delete(session)
      if (this.#current === session) this.#use([...this.#sessions.keys()].at(-1))
    })
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extension, 'dist')] }
    webview.html = panelHtml(webview, this.#extension)
    return session
  }

  #use(session: Session | undefined): void {
    this.#current = session
  }

  #deliver(session: Session): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const event of waiting) session.push(event)
    this.#services.log.debug(`panel ready, ${describe(session.conversation)}`)
  }
}
