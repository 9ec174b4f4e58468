/**
 * Runs work at most once an animation frame. The first call after a pause runs at once, so the first token is never
 * held back: neither by a frame that was asked for without haste, nor because of one that was drawn for such a call.
 * A hidden page, which gets no frames, falls back to a timer.
 */
const FRAME_MS = 16
const HIDDEN_MS = 100

export class Frames {
  readonly #work: () => void
  #last = -Infinity
  #frame = 0
  #timer = 0
  /** Whether the frame that was asked for draws what a person waits for. */
  #hasty = false

  constructor(work: () => void) {
    this.#work = work
  }

  /** Without `haste` the work always waits for the next frame. */
  request(haste = true): void {
    if (haste && performance.now() - this.#last > 2 * FRAME_MS) {
      this.#last = performance.now()
      return this.#run()
    }
    if (this.#frame || this.#timer) {
      this.#hasty ||= haste
      return
    }
    this.#hasty = haste
    this.#frame = requestAnimationFrame(() => this.#run())
    this.#timer = window.setTimeout(() => this.#run(), HIDDEN_MS)
  }

  /** What waits for a frame is done now. */
  flush(): void {
    if (this.#frame || this.#timer) this.#run()
  }

  #run(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = 0
    this.#timer = 0
    if (this.#hasty) this.#last = performance.now()
    this.#hasty = false
    this.#work()
  }
}
