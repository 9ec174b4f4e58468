/**
 * A panel's page, given its document before there is anything to answer it: the page loads while the rest of the host does.
 * What it asks meanwhile is kept.
 */
import * as vscode from 'vscode'
import type { ToHost } from '../shared/protocol.ts'
import { panelHtml } from './html.ts'

export type Surface = vscode.WebviewView | vscode.WebviewPanel

export class OpenedPage {
  readonly #receiving: vscode.Disposable
  /** In the order they came. */
  #early: ToHost[] = []
  #listener: ((message: ToHost) => void) | undefined
  #gone = false
  readonly #speaking = Promise.withResolvers<void>()

  constructor(surface: Surface, extension: vscode.Uri) {
    const { webview } = surface
    // Another nonce makes it another page, which asks for everything itself.
    const draw = (): void => {
      this.#early = []
      webview.html = panelHtml(webview, extension)
    }
    this.#receiving = webview.onDidReceiveMessage((message: ToHost) => {
      this.#speaking.resolve()
      if (message.name === 'reload') draw()
      else if (this.#listener) this.#listener(message)
      else this.#early.push(message)
    })
    surface.onDidDispose(() => {
      this.#gone = true
      this.#receiving.dispose()
    })
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist')] }
    draw()
  }

  /** The page's script has run: it has said something. */
  get spoke(): Promise<void> {
    return this.#speaking.promise
  }

  /** It was closed: VS Code tells nobody of that who comes later. */
  get gone(): boolean {
    return this.#gone
  }

  /** Told of all the page has asked, and of all it will ask. */
  hear(listener: (message: ToHost) => void): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) listener(message)
  }
}
