/**
 * Stays at the end while an answer grows, until the person scrolls up; comes back when they reach the end again.
 *
 * Only the person lets go: a scroll position that changes because content shrank or a message was measured does not.
 */
const AT_END_PX = 12
/** A scroll this soon after a key, wheel or pointer is the person's. */
const INTENT_MS = 400
const KEYS_UP = new Set(['ArrowUp', 'PageUp', 'Home'])

export class Stick {
  stuck = $state(true)
  #scroller: HTMLElement | undefined
  #intentUntil = 0
  #pressed = false
  #lastTop = 0
  #ours = false

  attach(scroller: HTMLElement): () => void {
    this.#scroller = scroller
    const stop = new AbortController()
    const options = { signal: stop.signal, passive: true }
    scroller.addEventListener('wheel', (event) => this.#wheel(event), options)
    scroller.addEventListener('keydown', (event) => KEYS_UP.has(event.key) && this.#intend(), options)
    scroller.addEventListener('touchmove', () => this.#intend(), options)
    scroller.addEventListener('pointerdown', () => (this.#pressed = true), options)
    window.addEventListener('pointerup', () => this.#release(), options)
    window.addEventListener('pointercancel', () => this.#release(), options)
    return () => stop.abort()
  }

  /** Call after the content or the scroller changed its size. */
  resized(): void {
    if (this.stuck || this.#fits()) this.toEnd()
  }

  toEnd(): void {
    const scroller = this.#scroller
    if (!scroller) return
    this.stuck = true
    scroller.scrollTop = scroller.scrollHeight
    this.#lastTop = scroller.scrollTop
    this.#ours = true
  }

  /** Stuck where it is at the end: after the content was changed under a person who had let go. */
  look(): void {
    this.#lastTop = this.#scroller!.scrollTop
    this.stuck = this.#toGo() <= AT_END_PX
  }

  /** Call at each scroll event. False where it was only our own step to the end. */
  scrolled(): boolean {
    const ours = this.#ours && this.stuck && !this.#isIntended()
    this.#ours = false
    // Reading a position would cost a layout in every frame of a growing answer.
    if (ours) return false
    const scroller = this.#scroller!
    const top = scroller.scrollTop
    const up = top < this.#lastTop
    this.#lastTop = top
    if (this.#toGo() <= AT_END_PX) {
      if (!up) this.stuck = true
    } else if (up && this.#isIntended()) this.stuck = false
    return true
  }

  #isIntended(): boolean {
    return this.#pressed || performance.now() < this.#intentUntil
  }

  /** There is nothing to scroll, so nobody is anywhere else than at the end. */
  #fits(): boolean {
    return this.#scroller !== undefined && this.#scroller.scrollHeight <= this.#scroller.clientHeight
  }

  #toGo(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller!
    return scrollHeight - scrollTop - clientHeight
  }

  #wheel(event: WheelEvent): void {
    if (event.deltaY >= 0) return
    this.#intend()
    const { scrollHeight, clientHeight } = this.#scroller!
    // At once, or text that arrives before the scroll event would pull back down.
    if (scrollHeight > clientHeight) this.stuck = false
    setTimeout(() => {
      if (this.#toGo() <= 1) this.stuck = true
    }, INTENT_MS)
  }

  #intend(): void {
    this.#intentUntil = performance.now() + INTENT_MS
  }

  #release(): void {
    if (this.#pressed) this.#intend()
    this.#pressed = false
  }
}
