/** The message that is being written: its text, its images, and which message it takes the place of. */
import { estimateTokens } from '../../src/shared/tokens.ts'
import type { ConversationId } from '../../src/shared/conversation.ts'
import type { Part } from '../../src/shared/message.ts'
import type { RequestBody } from '../../src/shared/protocol.ts'
import { textOf } from '../../src/shared/message.ts'
import { Attachment } from './attachment.ts'
import type { Entry } from './entry.svelte.ts'
import type { SavedState } from './saved.ts'

export type Outgoing = {
  body: RequestBody<'send'>
  text: string
  attachments: Attachment[]
  editing: Entry | undefined
}

/** The estimate of a longer draft waits for a pause in the typing. In characters. */
const LONG = 20_000

export class ComposerStore {
  text = $state('')
  attachments: Attachment[] = $state.raw([])
  /** The user message that will be replaced by what is sent. */
  editing: Entry | undefined = $state.raw()
  /** Estimated tokens of the draft. */
  tokens = $state(0)
  /** Counts the requests to focus: the text box watches it. */
  focusRequests = $state(0)

  readonly #saved: SavedState
  #conversation: ConversationId | undefined
  #timer = 0

  constructor(saved: SavedState) {
    this.#saved = saved
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.attachments.length === 0
  }

  open(conversation: ConversationId): void {
    if (conversation === this.#conversation) return
    const first = this.#conversation === undefined
    this.#conversation = conversation
    // What was typed or attached before the host answered is meant for the conversation it answers with.
    if (first && !this.empty) return this.write(this.text)
    this.#clearAttachments()
    this.editing = undefined
    this.write(this.#saved.draft(conversation))
  }

  write(text: string): void {
    this.text = text
    if (this.#conversation !== undefined && !this.editing) this.#saved.setDraft(this.#conversation, text)
    clearTimeout(this.#timer)
    if (text.length < LONG) this.tokens = estimateTokens(text)
    else this.#timer = window.setTimeout(() => (this.tokens = estimateTokens(text)), 150)
  }

  focus(insert?: string): void {
    if (insert) this.write(this.text ? `${this.text.trimEnd()}\n\n${insert}` : insert)
    this.focusRequests++
  }

  edit(entry: Entry): void {
    this.editing = entry
    this.write(textOf(entry.content as Part[]))
    this.focus()
  }

  cancelEdit(): void {
    this.editing = undefined
    this.write(this.#conversation === undefined ? '' : this.#saved.draft(this.#conversation))
    this.focus()
  }

  attach(files: readonly Attachment[]): void {
    this.attachments = [...this.attachments, ...files]
  }

  detach(file: Attachment): void {
    file.release()
    this.attachments = this.attachments.filter((other) => other !== file)
  }

  /** Empties the box and returns what was in it. */
  take(): Outgoing {
    const { text, attachments, editing } = this
    const content: Part[] = attachments.map((file) => file.part)
    if (text.trim() !== '') content.push({ type: 'text', text })
    this.attachments = []
    this.editing = undefined
    this.write('')
    const body = { content, ...(editing && { parent: editing.stored.parent }) }
    return { body, text, attachments, editing }
  }

  /** Puts back what could not be sent, in front of what was typed since. */
  restore({ text, attachments, editing }: Outgoing): void {
    this.editing = editing
    this.attachments = [...attachments, ...this.attachments]
    this.write(this.text ? `${text}\n\n${this.text}` : text)
  }

  #clearAttachments(): void {
    for (const file of this.attachments) file.release()
    this.attachments = []
  }
}
