/** Has the host keep the files of the draft, because a hidden page is destroyed and a chat may be shown again. */
import type { ConversationId } from '../../src/shared/conversation.ts'
import type { KeptFile } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import { Attachment } from './attachment.ts'

/** What of the composer is kept. */
export type Keeping = { readonly drafted: readonly Attachment[]; bringBack(files: readonly Attachment[]): void }
type Shown = { readonly view: { id: ConversationId } | undefined }

export class KeptFiles {
  readonly #bridge: Bridge
  readonly #composer: Keeping
  readonly #shown: Shown
  /** The conversation whose files are back, so that what the composer holds is the truth. */
  #settled: ConversationId | undefined
  /** Files the host has, in their order. */
  #told: string[] = []

  constructor(bridge: Bridge, composer: Keeping, shown: Shown) {
    this.#bridge = bridge
    this.#composer = composer
    this.#shown = shown
  }

  /** To be run as an effect: tells the host of every change. */
  follow(): void {
    const conversation = this.#shown.view?.id
    const files = this.#composer.drafted.filter((file) => file.source.media.data !== undefined)
    if (conversation === undefined || conversation !== this.#settled) return
    const ids = files.map(({ id }) => id)
    if (ids.join() === this.#told.join()) return
    const before = new Set(this.#told)
    this.#told = ids
    const kept = files.map(({ id, name, mediaType, source, context }): KeptFile => {
      const { data } = source.media
      const bytes = data !== undefined && !before.has(id) ? { data } : {}
      return { id, name, mediaType, ...bytes, ...(context && { context }) }
    })
    void this.#bridge.ask('keepFiles', { conversation, files: kept }).catch(() => undefined)
  }

  /** Brings back what this conversation's draft held, beside what it holds. Never rejects. */
  async restore(conversation: ConversationId): Promise<void> {
    if (this.#settled === conversation) return
    this.#settled = undefined
    const kept = await this.#bridge.ask('keptFiles', { conversation }).catch(() => [])
    const files = await Promise.all(kept.map((file) => again(file).catch(() => undefined)))
    if (this.#shown.view?.id !== conversation) return
    this.#told = kept.map(({ id }) => id)
    this.#settled = conversation
    const here = new Set(this.#composer.drafted.map(({ id }) => id))
    const back = files.filter((file) => file !== undefined).filter(({ id }) => !here.has(id))
    if (back.length > 0) this.#composer.bringBack(back)
    this.follow()
  }
}

async function again({ id, name, mediaType, data, context }: KeptFile): Promise<Attachment> {
  if (context) return Attachment.text(name, data ?? '', context, id)
  const bytes = Uint8Array.from(atob(data ?? ''), (character) => character.charCodeAt(0))
  return Attachment.read(new File([bytes], name, { type: mediaType }), mediaType, id)
}
