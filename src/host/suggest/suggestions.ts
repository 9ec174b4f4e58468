/** All sources of the composer's suggestions. Those that come with Panelist are loaded when somebody first types for them. */
import { createHash } from 'node:crypto'
import type { ReadFile, Suggested, Suggestion, Taken, Trigger } from '../../shared/protocol.ts'
import { describe } from '../log.ts'
import type { Log } from '../log.ts'
import type { Asked, Asker, Offer, SuggestionSource, Taking } from './source.ts'

/** Puts in order what fits the letters, best first, and marks them. */
export type Rank = (query: string, offers: readonly Suggestion[], most: number, search: Search) => Suggestion[]
/** Of a suggestion by its id: what is looked through beside its label, and how well it fits, where that is known. */
export type Search = (id: string) => Pick<Offer, 'search' | 'score'> | undefined

export type SuggestionParts = {
  log: Log
  load(): Promise<{ sources: readonly SuggestionSource[]; rank: Rank }>
}

/** More than these nobody reads: the next letter brings others. */
const MOST = 40
/** Milliseconds a source has. */
const PATIENCE = 200

export class Suggestions {
  readonly #parts: SuggestionParts
  readonly #added: SuggestionSource[] = []
  #loading: ReturnType<SuggestionParts['load']> | undefined
  /** The last question of each panel: a newer one ends it. */
  readonly #asking = new WeakMap<Asker, AbortController>()

  constructor(parts: SuggestionParts) {
    this.#parts = parts
  }

  /** What it offers stands before what comes with Panelist, where both fit equally well. */
  add(source: SuggestionSource): void {
    this.#added.push(source)
  }

  async suggest(session: Asker, trigger: Trigger, query: string): Promise<Suggested> {
    this.#asking.get(session)?.abort()
    const controller = new AbortController()
    this.#asking.set(session, controller)
    const { sources, rank } = await this.#load()
    const asked = { session, signal: controller.signal }
    const ofTrigger = [...this.#added, ...sources].filter((source) => source.trigger === trigger)
    const lists = await Promise.all(ofTrigger.map((source) => this.#offersOf(source, query, asked)))
    const beside = new Map<string, Offer>()
    const items = lists.flatMap(({ source, offers }) =>
      offers.map((offer): Suggestion => {
        const { key, search: _search, score: _score, ...shown } = offer
        const id = `${trigger}${source.name}:${key}`
        beside.set(id, offer)
        return { id, ...shown }
      }),
    )
    const ranked = rank(query, items, MOST, (id) => beside.get(id))
    return { items: ranked, ...(lists.some(({ more }) => more) && { more: true }) }
  }

  /** Throws a sentence for the person. */
  async take(session: Asker, id: string, draft: string, values?: Record<string, string>): Promise<Taken> {
    const { source, key } = await this.#sourceOf(id)
    return source.take(key, taking(session, draft, values))
  }

  async complete(
    session: Asker,
    { id, argument, typed, values }: { id: string; argument: string; typed: string; values: Record<string, string> },
  ): Promise<string[]> {
    const { source, key } = await this.#sourceOf(id)
    return (await source.complete?.(key, argument, typed, taking(session, '', values))) ?? []
  }

  /** True for the ids of suggestions, and for nothing that could be an address. */
  isOurs(id: string): boolean {
    return /^[@/][\w-]+:/.test(id)
  }

  /** Attachments by the ids of their suggestions. */
  async files(session: Asker, id: string, draft = ''): Promise<ReadFile[]> {
    const taken = await this.take(session, id, draft)
    return taken.kind === 'files' || taken.kind === 'message' ? taken.files : []
  }

  /** A file or folder of the workspace by its address: it is there, or says why not. Nothing where the person left. */
  async named(session: Asker, uri: string, draft: string): Promise<ReadFile[]> {
    try {
      return await this.files(session, `@file:${uri}`, draft)
    } catch (error) {
      const name = uri.slice(uri.lastIndexOf('/') + 1)
      return [{ name, why: error instanceof Error ? error.message : String(error) }]
    }
  }

  /** The ids of those that are no longer what they were. */
  async stale(items: readonly { ref: string; digest: string }[]): Promise<string[]> {
    const looked = await Promise.all(
      items.map(async ({ ref, digest }) => {
        const found = await this.#sourceOf(ref).catch(() => undefined)
        if (!found?.source.digest) return undefined
        const now = await found.source.digest(found.key, digest).catch(() => undefined)
        return now === digest ? undefined : ref
      }),
    )
    return looked.filter((ref) => ref !== undefined)
  }

  async #offersOf(source: SuggestionSource, query: string, asked: Asked) {
    try {
      const late = Promise.withResolvers<'late'>()
      const timer = setTimeout(() => late.resolve('late'), PATIENCE)
      const found = await Promise.race([source.offers(query, asked), late.promise])
      clearTimeout(timer)
      if (found === 'late') return { source, offers: [], more: true }
      return 'offers' in found ? { source, ...found } : { source, offers: found }
    } catch (error) {
      if (!asked.signal.aborted) this.#parts.log.debug(`suggestions of ${source.name}: ${describe(error)}`)
      return { source, offers: [] }
    }
  }

  async #sourceOf(id: string): Promise<{ source: SuggestionSource; key: string }> {
    const { sources } = await this.#load()
    const colon = id.indexOf(':')
    const [trigger, name] = [id[0], id.slice(1, colon)]
    const source = [...this.#added, ...sources].find((one) => one.trigger === trigger && one.name === name)
    if (!source) throw new Error('This is no longer offered.')
    return { source, key: id.slice(colon + 1) }
  }

  #load(): ReturnType<SuggestionParts['load']> {
    this.#loading ??= this.#parts.load()
    // What failed to load is tried again the next time.
    this.#loading.catch(() => (this.#loading = undefined))
    return this.#loading
  }
}

function taking(session: Asker, draft: string, values?: Record<string, string>): Taking {
  return { session, signal: new AbortController().signal, draft, ...(values && { values }) }
}

/** By which one tells that a text is another. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}
