/* eslint svelte/prefer-svelte-reactivity: off -- bookkeeping that nothing draws */
/** What a screen reader hears of an answer: whole sentences as they complete, and how it ended. Never tokens. */
import type { PanelEvent } from '../../src/shared/protocol.ts'
import type { CallEvent } from '../../src/shared/tool-state.ts'
import { stateWords } from '../../src/shared/tool-state.ts'

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

  /** `goesOn`: what is settled is a step, and its turn is not over. */
  hear(event: Heard, goesOn = false): void {
    if (event.type === 'settled')
      return this.#finish(event.state === 'done' || event.resumes === true, goesOn || event.resumes === true)
    for (const part of event.events) {
      if (part.type === 'start') this.#speaking.clear()
      else if (part.type === 'block-start' && part.block.type === 'text') this.#speaking.add(part.index)
      else if (part.type === 'block-delta' && this.#speaking.has(part.index)) this.#add(part.text)
      else if (part.type === 'end') this.#failure = part.stop.kind === 'failed' ? part.stop.failure.message : undefined
    }
  }

  /** Questions, and calls that fail. What goes well is part of the answer. */
  call(event: CallEvent): void {
    if (event.type !== 'state') return
    const { state } = event
    if (state.kind === 'asking') this.say(`Needs your approval: ${state.request.summary}.`)
    else if (state.kind === 'failed' && state.why !== 'denied')
      this.say(`${state.summary ?? 'A tool call'}: ${stateWords(state)}.`)
  }

  /** After what is being read. */
  say(sentence: string): void {
    if (sentence === '') return
    this.#ready += ` ${sentence}\n`
    this.#timer ||= window.setTimeout(() => this.#say(), PAUSE_MS)
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
    const words = plain(this.#ready)
    this.#ready = ''
    if (words !== '') this.said = words
  }

  #finish(done: boolean, goesOn: boolean): void {
    const failed = this.#failure === undefined ? 'Answer interrupted.' : `Answer failed. ${this.#failure}`
    this.#ready += `${this.#pending}\n${!done ? failed : goesOn ? '' : 'Answer finished.'}`
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
