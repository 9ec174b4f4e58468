/* eslint svelte/prefer-svelte-reactivity: off -- bookkeeping that nothing draws */
/** What a screen reader hears of an answer: whole sentences as they complete, and how it ended. Never tokens. */
import type { PanelEvent } from '../../src/shared/protocol.ts'

type Heard = Extract<PanelEvent, { type: 'stream' | 'settled' }>

const PAUSE_MS = 1000
/** The end of a sentence or a line, with what follows it seen where the script needs that to tell. */
const END = /[.!?:;]["')\]]?\s|[。！？]|\n/g
/** An end that is not whole yet may begin this many characters before what is new. */
const LOOK_BACK = 2
/** Text without any end is read in parts of about this many characters. */
const LONG = 300

export class Announcer {
  /** The text of the live region. Each change is read. */
  said = $state('')
  #pending = ''
  #ready = ''
  #timer = 0
  #failure: string | undefined
  readonly #speaking = new Set<number>()

  hear(event: Heard): void {
    if (event.type === 'settled') return this.#finish(event.state === 'done')
    for (const part of event.events) {
      if (part.type === 'start') this.#speaking.clear()
      else if (part.type === 'block-start' && part.block.type === 'text') this.#speaking.add(part.index)
      else if (part.type === 'block-delta' && this.#speaking.has(part.index)) this.#add(part.text)
      else if (part.type === 'end') this.#failure = part.stop.kind === 'failed' ? part.stop.failure.message : undefined
    }
  }

  reset(): void {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#pending = this.#ready = this.said = ''
    this.#failure = undefined
    this.#speaking.clear()
  }

  #add(text: string): void {
    const from = Math.max(0, this.#pending.length - LOOK_BACK)
    this.#pending += text
    const end = lastEnd(this.#pending, from)
    if (end === 0) return
    this.#ready += this.#pending.slice(0, end)
    this.#pending = this.#pending.slice(end)
    this.#timer ||= window.setTimeout(() => this.#say(), PAUSE_MS)
  }

  #say(): void {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.said = plain(this.#ready)
    this.#ready = ''
  }

  #finish(done: boolean): void {
    const failed = this.#failure === undefined ? 'Answer interrupted.' : `Answer failed. ${this.#failure}`
    this.#ready += `${this.#pending}\n${done ? 'Answer finished.' : failed}`
    this.#pending = ''
    this.#failure = undefined
    this.#say()
  }
}

/** Where the last whole sentence of `text` ends, of those that end after `from`; 0 where none does. */
function lastEnd(text: string, from: number): number {
  let end = 0
  END.lastIndex = from
  for (let match = END.exec(text); match; match = END.exec(text)) end = END.lastIndex
  if (end > 0 || text.length < LONG) return end
  return text.lastIndexOf(' ') + 1 || text.length
}

/** Without the marks that only the eye reads. */
function plain(markdown: string): string {
  return markdown
    .replace(/```\w*/g, ' ')
    .replace(/[*_`#>|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
