/** Pieces of context that are there only now: what is selected in a terminal, one problem. Kept until newer ones push them out. */
import { randomUUID } from 'node:crypto'
import type { ReadFile } from '../../shared/protocol.ts'
import type { SuggestionSource } from './source.ts'

const MOST = 50

export class HeldFiles implements SuggestionSource {
  readonly name = 'held'
  readonly trigger = '@'
  readonly #files = new Map<string, ReadFile>()

  /** A name for `attach`. */
  readonly hold = (file: ReadFile): string => {
    const key = randomUUID()
    this.#files.set(key, file)
    const [oldest] = this.#files.keys()
    if (this.#files.size > MOST && oldest !== undefined) this.#files.delete(oldest)
    return `@${this.name}:${key}`
  }

  async offers(): Promise<[]> {
    return []
  }

  async take(key: string): Promise<{ kind: 'files'; files: ReadFile[] }> {
    const file = this.#files.get(key)
    if (!file) throw new Error('This is no longer there. Add it again.')
    return { kind: 'files', files: [file] }
  }
}
