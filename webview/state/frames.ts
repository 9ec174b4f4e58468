/**
 * Runs work at most once an animation frame. The first call after a pause runs at once, so the first token is never
 * held back; a hidden page, which gets no frames, falls back to a timer.
 */
const FRAME_MS = 16
const HIDDEN_MS = 100

export class Frames {
  readonly #work: () => void
  #last = -Infinity
  #frame = 0
  #timer = 0

  constructor(work: () => void) {
    this.#work = work
  }

  request(): void {
    if (this.#frame || this.#timer) return
    if (performance.now() - this.#last > 2 * FRAME_MS) return this.#run()
    this.#frame = requestAnimationFrame(() => this.#run())
    this.#timer = window.setTimeout(() => this.#run(), HIDDEN_MS)
  }

  #run(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = 0
    this.#timer = 0
    this.#last = performance.now()
    this.#work()
  }
}
