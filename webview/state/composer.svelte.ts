/** The message that is being written: its text, its files, and which message it takes the place of. */
import { estimateTokens } from '../../src/shared/tokens.ts'
import type { ConversationId } from '../../src/shared/conversation.ts'
import type { Part } from '../../src/shared/message.ts'
import type { AttachmentReader } from '../../src/shared/attachments.ts'
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
  /** Where it was written. */
  conversation?: ConversationId | undefined
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
  /** Where the cursor is to stand when the box has the focus next; the end where absent. */
  cursor: number | undefined
  /** Text that was pasted as an attachment just now, and the draft then: undo puts it into the draft. */
  pasted: { file: Attachment; draft: string } | undefined
  /** Counts the requests to focus: the text box watches it. */
  focusRequests = $state(0)

  /** True while a message that is to be sent waits for what is being attached to it. */
  sendsSoon = $state(false)
  /** Attachments on their way. */
  #held: readonly Promise<unknown>[] = []
  readonly #saved: SavedState
  #conversation: ConversationId | undefined
  /** The files of the draft, while another message is edited. Its text is the saved draft. */
  #aside: Attachment[] = []
  #timer = 0

  constructor(saved: SavedState) {
    this.#saved = saved
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.attachments.length === 0
  }

  /** True while something that belongs to the draft is on its way into it. */
  get holds(): boolean {
    return this.#held.length > 0
  }

  /** A message that is sent waits for this work: it attaches something. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#held = [...this.#held, work]
    const done = (): void => void (this.#held = this.#held.filter((one) => one !== work))
    void work.then(done, done)
    return work
  }

  /** Runs `send` once nothing is on its way any more, however often that is asked for. */
  async onceWhole(send: () => unknown): Promise<void> {
    if (this.sendsSoon) return
    this.sendsSoon = true
    while (this.holds) await Promise.allSettled(this.#held)
    this.sendsSoon = false
    await send()
  }

  /**
   * What was typed `before` this conversation was asked for stays with the one that was shown, unless all of it moves;
   * what was typed since is meant for this one. False where the box no longer holds only what was typed: a saved draft
   * came before it.
   */
  open(conversation: ConversationId, { moves, before }: { moves: boolean; before: string }): boolean {
    const shown = this.#conversation
    if (conversation === shown) return true
    const all = moves || shown === undefined
    const kept = all ? '' : before
    const typed = !this.editing && this.text.startsWith(kept) ? this.text.slice(kept.length) : ''
    if (shown !== undefined && typed !== '') this.#saved.setDraft(shown, kept)
    if (!all) this.#clear()
    const brought = typed.trim() !== '' || this.attachments.length > 0
    this.#conversation = conversation
    const draft = this.#saved.draft(conversation)
    this.write([draft, typed].filter((text) => text.trim() !== '').join('\n\n'))
    return !brought || draft.trim() === ''
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

  /** Puts a sent message into the box, with its files, in place of the draft. */
  edit(entry: Entry): void {
    const content = entry.content as Part[]
    this.#layAside(entry)
    this.attachments = content.filter((part) => part.type === 'file').map((part) => Attachment.of(part))
    this.write(textOf(content))
    this.focus()
  }

  cancelEdit(): void {
    release(this.attachments)
    this.#bringBack()
    this.focus()
  }

  /** The files of the draft, also while another message is edited. */
  get drafted(): readonly Attachment[] {
    return this.editing ? this.#aside : this.attachments
  }

  /** Files the draft had before, in front of what it has. */
  bringBack(files: readonly Attachment[]): void {
    if (this.editing) this.#aside = [...files, ...this.#aside]
    else this.attachments = [...files, ...this.attachments]
  }

  attach(files: readonly Attachment[]): void {
    this.attachments = [...this.attachments, ...files]
  }

  /** In the place of the other; where that is gone, nothing happens. */
  swap(file: Attachment, fresh: Attachment): void {
    if (!this.attachments.includes(file)) return
    file.release()
    this.attachments = this.attachments.map((one) => (one === file ? fresh : one))
  }

  detach(file: Attachment): void {
    file.release()
    this.attachments = this.attachments.filter((other) => other !== file)
  }

  /** Empties the box and returns what was in it, for this reader. After an edit the draft from before comes back. */
  take(reader?: AttachmentReader): Outgoing {
    const { text, attachments, editing } = this
    const content: Part[] = attachments.map((file) => file.goingTo(reader).part)
    if (text.trim() !== '') content.push({ type: 'text', text })
    if (editing) this.#bringBack()
    else {
      this.attachments = []
      this.write('')
    }
    const body = { content, ...(editing && { parent: editing.stored.parent }) }
    return { body, text, attachments, editing, conversation: this.#conversation }
  }

  /**
   * Puts back what could not be sent: an edit over the draft, a message in front of what was typed since. In another chat
   * there is nothing that an edit could take the place of.
   */
  restore({ text, attachments, editing, conversation }: Outgoing): void {
    if (editing && conversation === this.#conversation) {
      this.#layAside(editing)
      this.attachments = attachments
      return this.write(text)
    }
    this.attachments = [...attachments, ...this.attachments]
    this.write(this.text ? `${text}\n\n${this.text}` : text)
  }

  #clear(): void {
    release([...this.attachments, ...this.#aside])
    this.attachments = []
    this.#aside = []
    this.editing = undefined
  }

  /** Begins to edit: the draft waits. */
  #layAside(entry: Entry): void {
    if (this.editing) release(this.attachments)
    else this.#aside = this.attachments
    this.editing = entry
  }

  #bringBack(): void {
    this.editing = undefined
    this.attachments = this.#aside
    this.#aside = []
    this.write(this.#conversation === undefined ? '' : this.#saved.draft(this.#conversation))
  }
}

function release(files: readonly Attachment[]): void {
  for (const file of files) file.release()
}
