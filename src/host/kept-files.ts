/**
 * Files of drafts, for pages that are gone while they are hidden and for chats that are shown again. In memory: they
 * end with the window.
 */
import type { ConversationId } from '../shared/conversation.ts'
import type { KeptFile } from '../shared/protocol.ts'

type Held = KeptFile & { data: string }

/** Characters of base64. What is older goes first. */
const MOST = 150 * 1024 * 1024

export class KeptFiles {
  readonly #drafts = new Map<ConversationId, Held[]>()

  /** The files of this draft from now on. Bytes come once for each `id`; without them it is left out. */
  keep(conversation: ConversationId, files: readonly KeptFile[]): void {
    const before = this.#drafts.get(conversation) ?? []
    const held = files.flatMap((file): Held[] => {
      const data = file.data ?? before.find(({ id }) => id === file.id)?.data
      return data === undefined ? [] : [{ ...file, data }]
    })
    this.#drafts.delete(conversation)
    if (held.length > 0) this.#drafts.set(conversation, held)
    this.#shrink(conversation)
  }

  of(conversation: ConversationId): KeptFile[] {
    return this.#drafts.get(conversation) ?? []
  }

  /** The `ref`s of the context that is attached to any draft. */
  get refs(): Set<string> {
    const files = [...this.#drafts.values()].flat()
    return new Set(files.flatMap(({ context }) => context?.ref ?? []))
  }

  #shrink(newest: ConversationId): void {
    const sizeOf = (files: readonly Held[]): number => files.reduce((sum, { data }) => sum + data.length, 0)
    let size = [...this.#drafts.values()].reduce((sum, files) => sum + sizeOf(files), 0)
    for (const [conversation, files] of this.#drafts) {
      if (size <= MOST) return
      if (conversation === newest) continue
      this.#drafts.delete(conversation)
      size -= sizeOf(files)
    }
  }
}
