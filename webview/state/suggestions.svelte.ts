/** The list under the cursor: what `/` and `@` offer, which of it is meant, and what becomes of what is picked. */
import type { ArgumentField, Suggestion, Taken, Trigger } from '../../src/shared/protocol.ts'
import type { ContextStore } from './context.svelte.ts'
import type { Panel } from './panel.svelte.ts'

/** Where the letters stand in the draft: from the trigger to the cursor. */
export type Token = { trigger: Trigger; query: string; from: number; to: number }
export type Form = { id: string; title: string; description?: string; fields: ArgumentField[] }

/** Milliseconds after which the same is asked again, where not everything had been looked through, and how often. */
const AGAIN_MS = 400
const MOST_AGAIN = 20

/** What is being typed at the cursor, if it is one of the two. */
export function tokenAt(text: string, cursor: number): Token | undefined {
  const before = text.slice(0, cursor)
  const command = /^\/(\S*)$/.exec(before)
  if (command) return { trigger: '/', query: command[1] ?? '', from: 0, to: cursor }
  // A query of its own may hold an “@”, as addresses do; one in the middle of a word is none.
  const mention = /(?:^|\s)@(\S*)$/.exec(before)
  const query = mention?.[1] ?? ''
  return mention ? { trigger: '@', query, from: cursor - query.length - 1, to: cursor } : undefined
}

export class SuggestionStore {
  items: readonly Suggestion[] = $state.raw([])
  active = $state(0)
  form: Form | undefined = $state.raw()
  /** True while the answer for these letters is on its way: what is shown is of other letters, or nothing. */
  #asking = false
  #token: Token | undefined = $state.raw()
  /** The start of a token the person does not want suggestions for. */
  #dismissed: number | undefined
  #asked = 0
  #timer = 0
  /**
   * Enter was pressed before the answer came. What is called so is picked, or where a list was `seen` the first of the
   * answer; else the message is sent.
   */
  #entered: { seen: boolean } | undefined
  readonly #panel: Panel
  readonly #context: ContextStore

  constructor(panel: Panel, context: ContextStore) {
    this.#panel = panel
    this.#context = context
  }

  readonly open: boolean = $derived(this.#token !== undefined && this.items.length > 0)

  get current(): Suggestion | undefined {
    return this.open ? this.items[this.active] : undefined
  }

  /** The draft or the cursor is another one. */
  follow(text: string, cursor: number): void {
    const token = tokenAt(text, cursor)
    if (token?.from !== this.#dismissed) this.#dismissed = undefined
    if (!token || this.#dismissed !== undefined) return this.close()
    const { trigger, query, from } = token
    const same = this.#token?.trigger === trigger && this.#token.query === query && this.#token.from === from
    const fresh = this.#token?.trigger !== trigger || this.#token.from !== from
    this.#token = token
    if (same) return
    if (fresh) this.items = []
    this.#entered = undefined
    this.form = undefined
    void this.#ask(token, 0)
  }

  close(): void {
    this.#asked++
    clearTimeout(this.#timer)
    this.#token = undefined
    this.items = []
    this.#asking = false
    this.#entered = undefined
  }

  /** The person wants to go on typing. */
  dismiss(): void {
    this.#dismissed = this.#token?.from
    this.close()
  }

  move(step: number): void {
    const count = this.items.length
    if (count > 0) this.active = (this.active + step + count) % count
  }

  /** True where the key was for the list. */
  key(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>): boolean {
    if (!this.#token || event.ctrlKey || event.metaKey || event.altKey) return false
    if (event.key === 'Escape' && (this.open || this.#asking)) return (this.dismiss(), true)
    const picks = (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey
    if (picks && this.#asking && (this.open || (event.key === 'Enter' && this.#token.trigger === '/'))) {
      this.#entered = { seen: this.open }
      return true
    }
    if (!this.open) return false
    if (event.key === 'ArrowDown') this.move(1)
    else if (event.key === 'ArrowUp') this.move(-1)
    else if (event.key === 'PageDown') this.active = Math.min(this.active + 8, this.items.length - 1)
    else if (event.key === 'PageUp') this.active = Math.max(this.active - 8, 0)
    else if (picks) void this.take(this.items[this.active]!)
    else return false
    return true
  }

  async take(item: Suggestion): Promise<void> {
    const token = this.#token
    if (!token) return
    const { text } = this.#panel.composer
    const draft = `${text.slice(0, token.from)}${text.slice(token.to)}`
    this.close()
    // What is picked leaves its name in a sentence, and nothing where it stands alone.
    this.#write(token, token.trigger === '@' && draft.trim() !== '' ? item.label : '')
    const asked = this.#panel.try('take-suggestion', { id: item.id, draft })
    const chat = this.#panel.conversation.view?.id
    const work = async (): Promise<void> => {
      const taken = await (token.trigger === '@' ? this.#context.fetch(item.label, asked) : asked)
      // What is another chat's by now is not attached to the one that is shown.
      if (taken && this.#panel.conversation.view?.id === chat) await this.#use(taken, item.id, token)
    }
    await this.#panel.composer.hold(work())
  }

  /** The form is filled in. */
  async submit(values: Record<string, string>): Promise<boolean> {
    const { form } = this
    if (!form) return false
    const chat = this.#panel.conversation.view?.id
    const taken = await this.#panel.try('take-suggestion', { id: form.id, draft: this.#panel.composer.text, values })
    if (!taken) return false
    this.form = undefined
    if (this.#panel.conversation.view?.id === chat) await this.#use(taken, form.id, undefined)
    return true
  }

  cancel(): void {
    this.form = undefined
    this.#panel.composer.focus()
  }

  async propose(argument: string, typed: string, values: Record<string, string>): Promise<string[]> {
    const { form } = this
    if (!form) return []
    return this.#panel.bridge.ask('complete-argument', { id: form.id, argument, typed, values }).catch(() => [])
  }

  async #use(taken: Taken, id: string, token: Token | undefined): Promise<void> {
    const { composer } = this.#panel
    switch (taken.kind) {
      case 'text':
        return this.#insert(taken.text)
      case 'narrow':
        return this.#narrow(taken.query, token)
      case 'files':
        return this.#context.takeRead(taken.files)
      case 'message':
        this.#insert(taken.text)
        return this.#context.takeRead(taken.files)
      case 'form': {
        const { title, description, fields } = taken
        this.form = { id, title, fields, ...(description !== undefined && { description }) }
        return
      }
      case 'show':
        if (taken.what === 'new') await this.#panel.start()
        else this.#panel.overlay = taken.what
        return
      case 'done':
        if (taken.say !== undefined) this.#panel.announcer.say(taken.say)
        return composer.focus()
      case 'left':
        return composer.focus()
    }
  }

  /** At the end of what is there. */
  #insert(words: string): void {
    const { composer } = this.#panel
    if (words.trim() !== '')
      composer.write(composer.text.trim() === '' ? words : `${composer.text.trimEnd()}\n\n${words}`)
    composer.focus()
  }

  /** Goes on with the letters of a topic where the ones were that chose it. */
  #narrow(query: string, token: Token | undefined): void {
    const { composer } = this.#panel
    const at = token?.from ?? composer.text.length
    const before = composer.text.slice(0, at)
    const after = composer.text.slice(at).replace(/^\S*:? ?/, '')
    const text = `${before}@${query}`
    composer.write(after === '' ? text : `${text} ${after}`)
    composer.cursor = text.length
    composer.focus()
    this.follow(composer.text, text.length)
  }

  /** Takes the letters out of the draft, and puts these words in their place. */
  #write({ from, to }: Token, words: string): void {
    const { composer } = this.#panel
    const { text } = composer
    const after = text.slice(to)
    const space = words !== '' && !/^\s/.test(after) ? ' ' : ''
    const start = words === '' && from > 0 ? text.slice(0, from).replace(/ $/, '') : text.slice(0, from)
    composer.cursor = start.length + words.length + (words === '' ? 0 : 1)
    composer.write(`${start}${words}${space}${after}`)
    composer.focus()
  }

  async #ask(token: Token, time: number): Promise<void> {
    const turn = ++this.#asked
    clearTimeout(this.#timer)
    const { trigger, query } = token
    this.#asking = time === 0
    const found = await this.#panel.bridge.ask('suggest', { trigger, query }).catch(() => undefined)
    if (turn !== this.#asked) return
    this.#asking = false
    const before = time > 0 ? this.current?.id : undefined
    this.items = found?.items ?? []
    this.active = Math.max(
      0,
      this.items.findIndex(({ id }) => id === before),
    )
    if (this.#entered) return this.#enter(query, this.#entered.seen)
    if (found?.more && time < MOST_AGAIN) {
      this.#timer = window.setTimeout(() => void this.#ask(token, time + 1), AGAIN_MS)
    }
  }

  #enter(query: string, seen: boolean): void {
    this.#entered = undefined
    const named = this.items.find(({ label }) => label.toLowerCase() === `/${query.toLowerCase()}`)
    const meant = named ?? (seen ? this.items[0] : undefined)
    if (meant) return void this.take(meant)
    this.close()
    void this.#panel.send()
  }
}
