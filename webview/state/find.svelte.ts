/** Finding words in the chat: the host counts them in the whole branch, the page goes to them and marks what it draws. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { FoundIn } from '../../src/shared/protocol.ts'
import { placesIn } from '../transcript/marks.ts'
import type { PanelDoor } from './panel-door.ts'

export class FindStore {
  open = $state(false)
  text = $state('')
  matchCase = $state(false)
  found: FoundIn[] = $state.raw([])
  /** Which of all matches is the current one, from 0 on. */
  at = $state(0)
  /** Counts the requests to focus. */
  focusRequests = $state(0)
  /** False until the host has answered. */
  known = $state(false)
  /** What it has answered for. */
  #answered = ''
  readonly #panel: PanelDoor
  readonly #go: (message: MessageId) => Promise<void>
  #asked = 0

  /** `go` shows a message of the branch, however far up it is. */
  constructor(panel: PanelDoor, go: (message: MessageId) => Promise<void>) {
    this.#go = go
    this.#panel = panel
  }

  readonly total: number = $derived.by(() => this.found.reduce((sum, { count }) => sum + count, 0))

  /** With what is selected in the transcript as the words to find. */
  show(): void {
    const selected = String(document.getSelection() ?? '')
      .trim()
      .split('\n')[0]
    this.open = true
    this.focusRequests++
    if (selected && selected.length < 200) this.text = selected
    if (this.text !== '') void this.search()
  }

  close(): void {
    this.open = false
    this.#panel.composer.focus()
  }

  /** Goes to the first match at or below what can be seen. */
  async search(stay = false): Promise<void> {
    const asked = ++this.#asked
    if (this.text === '') {
      this.found = []
      this.known = false
      return
    }
    const wanted = this.#wanted
    const found = await this.#panel.try('find-text', { text: this.text, matchCase: this.matchCase })
    if (!found || asked !== this.#asked) return
    this.found = found
    this.known = true
    this.#answered = wanted
    if (stay) this.at = Math.min(this.at, Math.max(0, this.total - 1))
    else if (this.total > 0) await this.#goTo(this.#firstInSight())
  }

  /** To the next match. Where something else is typed by now, that is looked for first. */
  async step(by: 1 | -1): Promise<void> {
    if (!this.known || this.#answered !== this.#wanted) return this.search()
    if (this.total > 0) await this.#goTo((this.at + by + this.total) % this.total)
  }

  get #wanted(): string {
    return JSON.stringify([this.text, this.matchCase])
  }

  /** The message of the current match, and which of those in it. */
  get current(): { message: string; place: number } | undefined {
    let before = 0
    for (const { message, count } of this.found) {
      if (this.at < before + count) return { message, place: this.at - before }
      before += count
    }
    return undefined
  }

  #firstInSight(): number {
    const scroller = document.querySelector('[data-testid=transcript]')
    const top = scroller?.getBoundingClientRect().top ?? 0
    const articles = [...(scroller?.querySelectorAll<HTMLElement>('article[data-message-id]') ?? [])]
    const seen = articles.filter((article) => article.getBoundingClientRect().bottom > top)
    const ids = seen.map((article) => article.dataset['messageId'])
    let before = 0
    for (const { message, count } of this.found) {
      if (ids.includes(message)) return before
      before += count
    }
    // All of them are further up: the last one is the nearest.
    return Math.max(0, this.total - 1)
  }

  async #goTo(at: number): Promise<void> {
    this.at = at
    const current = this.current
    if (!current) return
    const drawn = placesIn(current.message, this.text, this.matchCase)[current.place]
    if (!drawn) await this.#go(current.message)
    // The message may be higher than the panel.
    for (let frame = 0; frame < 5; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const places = placesIn(current.message, this.text, this.matchCase)
      const range = places[Math.min(current.place, places.length - 1)]
      if (range) return bringIntoSight(range)
    }
  }
}

function bringIntoSight(range: Range): void {
  const scroller = range.startContainer.parentElement?.closest('[data-testid=transcript]')
  if (!scroller) return
  const [box, view] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()]
  // A folded question shows its beginning alone.
  range.startContainer.parentElement?.closest('.folded')?.scrollTo(0, 0)
  if (box.top < view.top + 48 || box.bottom > view.bottom - 24) {
    scroller.scrollTop += box.top - view.top - view.height / 3
  }
}
