/** Whether the chosen model can take what is attached, and what it will not see of the chat. Follows every change. */
import { attachedOf, filesIn, readerOf, whyNotSent } from '../../src/shared/attached.ts'
import type { Attached, AttachmentReader } from '../../src/shared/attachments.ts'
import { refusalOf } from '../../src/shared/attachments.ts'
import type { Attachment } from './attachment.ts'
import type { ComposerStore } from './composer.svelte.ts'
import type { ConversationStore } from './conversation.svelte.ts'

export class Checks {
  readonly #conversation: ConversationStore
  readonly #composer: ComposerStore

  constructor(conversation: ConversationStore, composer: ComposerStore) {
    this.#conversation = conversation
    this.#composer = composer
  }

  /** Who answers next. */
  readonly reader: AttachmentReader | undefined = $derived.by(() => {
    const chosen = this.#conversation.view?.chosen
    return chosen && readerOf(chosen)
  })

  /** Files of the messages before the one that is written, as far as they are loaded. */
  readonly #earlier: Attached[] = $derived.by(() => {
    const { entries } = this.#conversation
    const { editing } = this.#composer
    const before = editing ? entries.slice(0, entries.indexOf(editing)) : entries
    const messages = before.filter(({ role }) => role !== 'assistant').map(({ stored }) => stored.message)
    return filesIn(messages as { content: { type: 'text' }[] }[]).map(attachedOf)
  })

  /** Why the message cannot be sent, in a sentence; undefined where it can. */
  readonly refusal: string | undefined = $derived.by(() => {
    const { reader } = this
    const files = this.#composer.attachments.map((file) => attachedOf(file.goingTo(reader).part))
    return reader && whyNotSent(files, this.#earlier, reader)
  })

  /** What of the chat the model does not see, in a sentence. */
  readonly unseen: string | undefined = $derived.by(() => {
    const model = this.reader?.model
    if (!model) return undefined
    const has = (kind: (file: Attached) => boolean): number => this.#earlier.filter(kind).length
    const images = model.images === false ? has(({ mediaType }) => mediaType.startsWith('image/')) : 0
    const pdfs = model.pdfs === false ? has(({ mediaType }) => mediaType === 'application/pdf') : 0
    const what = [images > 0 && some(images, 'image'), pdfs > 0 && some(pdfs, 'PDF')].filter(Boolean).join(' and ')
    if (what === '') return undefined
    const they = images + pdfs === 1 ? 'it is' : 'they are'
    return `${model.name} cannot ${images > 0 ? 'see' : 'read'} the ${what} of this chat; ${they} left out.`
  })

  /** Why this one file cannot go. */
  refusalOf(file: Attachment): string | undefined {
    return this.reader && refusalOf(attachedOf(file.goingTo(this.reader).part), this.reader)
  }
}

const some = (count: number, what: string): string => (count === 1 ? what : `${count} ${what}s`)
