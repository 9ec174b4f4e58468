/**
 * What can be done with single messages: walking between those that stand in the same place, going on from one, taking
 * one out, and the menu, the map and the search that lie over the transcript. Comes with the views of it.
 */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { ModelRef } from '../../src/shared/protocol.ts'
import type { Entry } from './entry.svelte.ts'
import { FindStore } from './find.svelte.ts'
import type { PanelDoor } from './panel-door.ts'

/** How long a deletion can be taken back from where it is told, in milliseconds. */
const UNDO_MS = 12_000

/** `steps`: the answers that read as one; of a question itself alone. */
export type Menu = { steps: readonly Entry[]; anchor: HTMLElement }

export class TreeStore {
  readonly find: FindStore
  menu: Menu | undefined = $state.raw()
  mapOpen = $state(false)
  /** What was deleted last. `words` say what. */
  deleted: { undo: string; words: string } | undefined = $state.raw()
  readonly #panel: PanelDoor
  #timer = 0

  constructor(panel: PanelDoor) {
    this.#panel = panel
    this.find = new FindStore(panel, (message) => this.go(message))
  }

  open(what: 'find' | 'map'): void {
    if (what === 'find') this.find.show()
    else this.mapOpen = true
  }

  /** Shows the branch of this message; `from`, which stands there now, keeps its place on the screen. */
  async walk(to: MessageId, from?: MessageId, focus?: string): Promise<void> {
    const top = from === undefined ? undefined : topOf(from)
    if (!(await this.#panel.show('walk', { message: to }))) return
    this.#panel.sought = { message: to, ...(top !== undefined && { top }), ...(focus !== undefined && { focus }) }
  }

  async branch(message: MessageId): Promise<void> {
    if (!(await this.#panel.show('branch', { message }))) return
    this.#panel.announcer.say('The chat goes on from here. What followed is kept in its own branch.')
    this.#panel.composer.focus()
  }

  /** To a message of the shown branch, however far up, or of another one. */
  async go(message: MessageId, focus?: string): Promise<void> {
    const { conversation } = this.#panel
    const first = conversation.entries[0]
    if (!conversation.find(message) && conversation.more && first) {
      const page = await this.#panel.try('older', { before: first.id, through: message })
      if (page && conversation.entries[0] === first) conversation.prepend(page.messages, page.more)
    }
    if (conversation.find(message)) this.#panel.sought = { message, ...(focus !== undefined && { focus }) }
    else await this.walk(message, undefined, focus)
  }

  async retry(steps: readonly Entry[], model?: ModelRef): Promise<void> {
    const message = headOf(steps).id
    if (model) await this.#panel.try('retry-with', { message, model })
    else await this.#panel.retry(message)
  }

  /** Asks for the model in the picker. */
  retryWith(steps: readonly Entry[]): void {
    this.#panel.models.instead = {
      title: 'Try again with',
      choose: (model) => void this.retry(steps, model),
    }
    this.#panel.overlay = 'models'
  }

  /** `message`: what is given alone; `branch`: all that follows as well. */
  async remove(steps: readonly Entry[], what: 'message' | 'branch'): Promise<void> {
    const messages = what === 'branch' ? [steps[0]!.id] : steps.map(({ id }) => id)
    const removed = await this.#panel.try('remove-messages', { messages, what })
    if (!removed) return
    const words = what === 'branch' ? 'Branch deleted' : 'Message deleted'
    this.deleted = { undo: removed.undo, words }
    this.#panel.announcer.say(`${words}. Undo is above the message box.`)
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => (this.deleted = undefined), UNDO_MS)
  }

  /** Asked for by the editor's own menu. */
  removeAll(messages: readonly MessageId[], what: 'message' | 'branch'): void {
    const steps = messages.flatMap((id) => this.#panel.conversation.find(id) ?? [])
    if (steps.length > 0) void this.remove(steps, what)
  }

  async undo(): Promise<void> {
    const { deleted } = this
    if (!deleted) return
    this.deleted = undefined
    if (await this.#panel.try('restore-messages', { undo: deleted.undo })) this.#panel.announcer.say('Restored')
  }

  async copyMarkdown(steps?: readonly Entry[]): Promise<void> {
    const messages = steps && { messages: steps.map(({ id }) => id) }
    if (await this.#panel.try('copy-markdown', messages ?? {})) this.#panel.announcer.say('Copied as Markdown')
  }
}

/** The answer that answers the question: what only goes on from one that was cut off is part of that. */
export function headOf(steps: readonly Entry[]): Entry {
  let head = steps.length - 1
  while (head > 0 && goesOn(steps[head]!)) head--
  return steps[head]!
}

function goesOn({ message }: Entry): boolean {
  return message.role === 'assistant' && message.goesOn !== undefined
}

/** How far below the top of the transcript the message stands, in pixels. */
function topOf(message: MessageId): number | undefined {
  const article = document.querySelector(`article[data-message-id="${CSS.escape(message)}"]`)
  const scroller = article?.closest('[data-testid=transcript]')
  return article && scroller ? article.getBoundingClientRect().top - scroller.getBoundingClientRect().top : undefined
}
