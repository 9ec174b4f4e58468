/**
 * Whether what needs no key is there: an Ollama that runs, models the editor has. Looked for only while a panel is
 * shown; until the first look nothing is there.
 */
import type { Connections } from './connections.ts'
import type { LocalServersPorts } from './discovery/local-servers.ts'
import { LocalServers } from './discovery/local-servers.ts'
import type { EditorProvider, Presence } from './offer.ts'

/** The provider that is found by itself. Other servers without a key are there because the person named them. */
const WATCHED = 'ollama'

/** The models of the editor, which may come and go with its extensions. */
export type EditorModels = EditorProvider & {
  available(): Promise<boolean>
  onDidChange(listener: () => void): unknown
}

export type PresentParts = {
  connections: () => Connections
  editor: EditorModels
  /** Something came or went. */
  changed(provider: string): void
  fetch?: LocalServersPorts['fetch']
}

export class Present implements Presence {
  readonly #parts: PresentParts
  readonly #servers: LocalServers
  #editor: 'running' | 'absent' | 'unknown' = 'unknown'
  #watching = false

  constructor(parts: PresentParts) {
    this.#parts = parts
    this.#servers = new LocalServers({
      servers: () => this.#watched(),
      onChange: (provider) => parts.changed(provider),
      ...(parts.fetch && { fetch: parts.fetch }),
    })
    parts.editor.onDidChange(() => this.#watching && void this.#lookAtEditor())
  }

  state(provider: string): 'running' | 'absent' | 'unknown' {
    if (provider === this.#parts.editor.info.id) return this.#editor
    return provider === WATCHED ? this.#servers.state(provider) : 'running'
  }

  /** Looks now, and again every few seconds until `stop`. Started twice it goes on as it is. */
  start(): void {
    if (this.#watching) return
    this.#watching = true
    this.#servers.start()
    void this.#lookAtEditor()
  }

  stop(): void {
    this.#watching = false
    this.#servers.stop()
  }

  /** Looks for servers now, where a panel is shown: somebody may just have started one. */
  look(): void {
    if (this.#watching) void this.#servers.check()
  }

  /** Told whether a provider could be reached just now: where the last look saw otherwise, it is time for another. */
  heard(provider: string, reached: boolean): void {
    if (reached !== (this.state(provider) === 'running')) this.look()
  }

  /** Looks now, and is done when all have answered. */
  async check(): Promise<void> {
    await Promise.all([this.#servers.check(), this.#lookAtEditor()])
  }

  #watched(): { provider: string; baseUrl: string }[] {
    const connections = this.#parts.connections()
    const info = connections.info(WATCHED)
    return info ? [{ provider: info.id, baseUrl: connections.endpoint(info) }] : []
  }

  async #lookAtEditor(): Promise<void> {
    const { editor, connections, changed } = this.#parts
    if (!connections().info(editor.info.id)) return
    const before = this.#editor
    this.#editor = (await editor.available().catch(() => false)) ? 'running' : 'absent'
    // Models may have changed where there were some before.
    if (before !== this.#editor || this.#editor === 'running') changed(editor.info.id)
  }
}
