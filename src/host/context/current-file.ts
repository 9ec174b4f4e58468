/** The file in front, offered with every message: what of it is selected, else what can be seen. Off in Restricted Mode. */
import type { CurrentFile, PanelEvent, ReadFile } from '../../shared/protocol.ts'
import { isSecret } from '../../shared/secret-names.ts'
import { baseName } from './files.ts'
import type { ContextDesk, Stretch } from './desk.ts'
import { asContext } from './item.ts'

/** `offer`: it is shown, and goes along once the person switches it on. */
export type CurrentFileMode = 'on' | 'offer' | 'off'

export type CurrentFileParts = {
  desk: ContextDesk
  mode(): CurrentFileMode
  /** Calls back when another file, selection or part is in front. */
  watch(changed: () => void): void
}

type Listener = { push(event: PanelEvent): void }

/** Milliseconds: a selection that is being made changes with every step of the mouse. */
const PAUSE = 150

export class CurrentFileFeed {
  readonly #parts: CurrentFileParts
  readonly #panels = new Set<WeakRef<Listener>>()
  #watching = false
  #timer: NodeJS.Timeout | undefined
  #told = ''

  constructor(parts: CurrentFileParts) {
    this.#parts = parts
  }

  /** What is in front now; the panel is told when it is another. */
  follow(panel: Listener): CurrentFile | null {
    const known = [...this.#panels].some((one) => one.deref() === panel)
    if (!known) this.#panels.add(new WeakRef(panel))
    if (!this.#watching) this.#parts.watch(() => this.#changed())
    this.#watching = true
    return this.#view()
  }

  read(): ReadFile | null {
    const current = this.#current()
    if (!current) return null
    const { uri, shown, text, from, to, lines } = current
    const detail = wordsOf(current)
    const facts = { label: baseName(shown), detail, icon: 'file', ref: `@file:${uri}#L${from}-L${to}` }
    return asContext(`${shown} (${detail} of ${lines})`, text, facts)
  }

  #current(): (Stretch & { selected: boolean }) | undefined {
    const { desk, mode } = this.#parts
    if (mode() === 'off' || !desk.trusted()) return undefined
    const current = desk.current()
    // What has to be asked for does not go along by itself.
    return current && !isSecret(current.shown) && current.text.trim() !== '' ? current : undefined
  }

  #view(): CurrentFile | null {
    const current = this.#current()
    if (!current) return null
    return { label: baseName(current.shown), detail: wordsOf(current), on: this.#parts.mode() === 'on' }
  }

  #changed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const current = this.#view()
      const words = JSON.stringify(current)
      if (words === this.#told) return
      this.#told = words
      for (const one of this.#panels) {
        const panel = one.deref()
        if (panel) panel.push({ type: 'current-file', current })
        else this.#panels.delete(one)
      }
    }, PAUSE)
  }
}

function wordsOf({ from, to, selected }: Stretch & { selected: boolean }): string {
  const lines = from === to ? `line ${from}` : `lines ${from}-${to}`
  return selected ? `${lines}, selected` : lines
}
