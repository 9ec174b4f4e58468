/* eslint svelte/prefer-svelte-reactivity: off -- bookkeeping that nothing draws */
/**
 * Keeps only the messages near the viewport in the DOM. Mounted messages stand in normal flow, and gaps as high as
 * those left out stand between them: the browser's own scroll anchoring keeps the place while heights become known,
 * and a growing answer costs one ordinary layout.
 */
import type { Entry } from '../state/entry.svelte.ts'

export type Row = { key: string; entry: Entry } | { key: string; gap: number }

/** How far beyond the viewport messages are mounted, in viewport heights. */
const BUFFER = 1
const LEAST_BUFFER_PX = 600

export class Viewport {
  rows: Row[] = $state.raw([])
  #items: readonly Entry[] = []
  /** Measured heights in pixels, also of messages that are no longer mounted. */
  readonly #heights = new Map<string, number>()
  #start = 0
  #end = 0
  #pins: readonly string[] = []
  #scroller: HTMLElement | undefined

  attach(scroller: HTMLElement): void {
    this.#scroller = scroller
  }

  /** True where the message is lower than it was. */
  measured(id: string, height: number): boolean {
    const before = this.#heights.get(id) ?? 0
    this.#heights.set(id, height)
    return height < before
  }

  /** Mounts the end of `items` where `atEnd`, else what was mounted before. */
  setItems(items: readonly Entry[], atEnd: boolean): void {
    const first = this.#items[0]
    const added = first ? items.findIndex(({ id }) => id === first.id) : -1
    this.#items = items
    if (added > 0) this.#setRange(this.#start + added, this.#end + added)
    else if (atEnd || added < 0) this.#setRange(this.#startForEnd(), items.length)
    else this.#setRange(Math.min(this.#start, items.length), items.length)
  }

  /** Messages that stay mounted wherever they are: they hold the focus or the selection. */
  pin(ids: readonly string[]): void {
    if (ids.join() === this.#pins.join()) return
    this.#pins = ids
    this.#setRange(this.#start, this.#end)
  }

  /** Mounts what is near the viewport now. */
  refresh(): void {
    if (!this.#scroller) return
    const { scrollTop, clientHeight } = this.#scroller
    const buffer = Math.max(LEAST_BUFFER_PX, clientHeight * BUFFER)
    let bottom = 0
    let start = -1
    let end = 0
    for (const [index, item] of this.#items.entries()) {
      const top = bottom
      bottom += this.#height(item)
      if (bottom < scrollTop - buffer) continue
      if (start < 0) start = index
      if (top > scrollTop + clientHeight + buffer) break
      end = index + 1
    }
    // Small steps of the border would mount and unmount at every scroll event.
    if (start < 0) return this.#setRange(this.#startForEnd(), this.#items.length)
    if (start === this.#start && end === this.#end) return
    this.#setRange(start, end)
  }

  /** Mounts this message with what may be seen around it. */
  showAround(id: string): void {
    const at = this.#items.findIndex((item) => item.id === id)
    if (at < 0) return
    const clientHeight = this.#scroller?.clientHeight ?? 0
    const buffer = clientHeight + Math.max(LEAST_BUFFER_PX, clientHeight * BUFFER)
    let [start, end] = [at, at + 1]
    for (let above = 0; start > 0 && above < buffer;) above += this.#height(this.#items[--start]!)
    for (let below = 0; end < this.#items.length && below < buffer; end++) below += this.#height(this.#items[end]!)
    this.#setRange(start, end)
  }

  showEnd(): void {
    this.#setRange(this.#startForEnd(), this.#items.length)
  }

  #startForEnd(): number {
    const clientHeight = this.#scroller?.clientHeight ?? 0
    let wanted = clientHeight + Math.max(LEAST_BUFFER_PX, clientHeight * BUFFER)
    let start = this.#items.length
    while (start > 0 && wanted > 0) wanted -= this.#height(this.#items[--start]!)
    return start
  }

  #setRange(start: number, end: number): void {
    this.#start = start
    this.#end = end
    const pinned = new Set(this.#pins)
    const rows: Row[] = []
    let gap = 0
    for (const [index, entry] of this.#items.entries()) {
      if ((index < start || index >= end) && !pinned.has(entry.id)) {
        gap += this.#height(entry)
        continue
      }
      if (gap > 0) rows.push({ key: `before:${entry.id}`, gap })
      gap = 0
      rows.push({ key: entry.id, entry })
    }
    if (gap > 0) rows.push({ key: 'end', gap })
    this.rows = rows
  }

  #height(entry: Entry): number {
    return this.#heights.get(entry.id) ?? this.#guess(entry)
  }

  #guess(entry: Entry): number {
    const width = Math.max(200, (this.#scroller?.clientWidth ?? 400) - 40)
    let characters = 0
    for (const block of entry.content) characters += block.type === 'text' ? block.text.length : 60
    return 70 + Math.ceil((characters * 7) / width) * 22
  }
}
