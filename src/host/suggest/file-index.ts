/** The files of the workspace, looked through in the background: a question gets what is known by then. */
import { walk } from '../../tools/built-in/files/walk.ts'
import { nameOf, placeAt } from '../../tools/built-in/paths.ts'
import type { Workspace } from '../../tools/ports.ts'

/** `shown`: the path as people see it. */
export type Indexed = { uri: string; shown: string; folder?: true }

const MOST = 50_000
/** Milliseconds after which a question has it looked through anew, and that a question waits for the first walk. */
const FRESH = 10_000
const PATIENCE = 150

export class FileIndex {
  readonly #workspace: Workspace
  #files: readonly Indexed[] = []
  #walkedAt = 0
  #walking: Promise<void> | undefined

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** `complete`: no walk is under way that could still find more. */
  async files(): Promise<{ files: readonly Indexed[]; complete: boolean }> {
    if (!this.#walking && Date.now() - this.#walkedAt > FRESH) this.#walking = this.#walk().finally(() => this.#done())
    const first = this.#walkedAt === 0
    if (first && this.#walking) await Promise.race([this.#walking, pause(PATIENCE)])
    return { files: this.#files, complete: !first || this.#walkedAt > 0 }
  }

  #done(): void {
    this.#walking = undefined
    this.#walkedAt = Date.now()
  }

  async #walk(): Promise<void> {
    const found: Indexed[] = []
    const folders = new Set<string>()
    // The first walk gives what it has as it goes.
    const growing = this.#walkedAt === 0
    if (growing) this.#files = found
    for (const root of this.#workspace.roots()) {
      const from = placeAt(this.#workspace, root, '')
      for await (const path of walk(this.#workspace, from, { ignored: false, signal: new AbortController().signal })) {
        for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
          const folder = path.slice(0, at)
          const uri = this.#workspace.uriOf(root, folder)
          if (folders.has(uri)) continue
          folders.add(uri)
          found.push({ uri, shown: nameOf(this.#workspace, root, folder), folder: true })
        }
        found.push({ uri: this.#workspace.uriOf(root, path), shown: nameOf(this.#workspace, root, path) })
        if (found.length >= MOST) break
      }
    }
    this.#files = found
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
