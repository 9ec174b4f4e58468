/**
 * Bounds what drawing may take of the page's time, so that typing and scrolling stay smooth.
 *
 * Text that arrives in a big piece is drawn in slices. The tail of an answer is nearly always short; where a model
 * writes one enormous paragraph it is not, and then it is drawn less often: drawing gets at most a quarter of the time.
 */
const SLICE = 4000
const CHEAP_MS = 8
const SHARE = 4

export class Pace {
  readonly #draw: (source: string) => void
  #source = ''
  /** How much of the source has been drawn. */
  #drawn = 0
  #timer = 0
  #done: (() => void) | undefined

  constructor(draw: (source: string) => void) {
    this.#draw = draw
  }

  /** Draws `source`, at once if it is little more than before. */
  run(source: string): void {
    this.#source = source
    this.#drawn = Math.min(this.#drawn, source.length)
    if (!this.#timer) this.#step()
  }

  /** Calls `done`, which draws the end, once little is left to draw. */
  end(source: string, done: () => void): void {
    this.#source = source
    this.#done = done
    if (!this.#timer) this.#step()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#done = undefined
  }

  #step(): void {
    this.#timer = 0
    const left = this.#source.length - this.#drawn
    if (this.#done && left <= SLICE) {
      const done = this.#done
      this.#done = undefined
      this.#drawn = this.#source.length
      return done()
    }
    const start = performance.now()
    this.#drawn = Math.min(this.#source.length, this.#drawn + SLICE)
    this.#draw(this.#drawn === this.#source.length ? this.#source : this.#source.slice(0, this.#drawn))
    const cost = performance.now() - start
    const more = this.#drawn < this.#source.length || this.#done !== undefined
    // A slice is allowed to cost; only the same tail over and over is not.
    const rest = left < SLICE && cost > CHEAP_MS ? cost * SHARE : 0
    if (more || rest > 0) this.#timer = window.setTimeout(() => this.#resume(), rest)
  }

  #resume(): void {
    this.#timer = 0
    if (this.#done || this.#drawn < this.#source.length) this.#step()
  }
}
