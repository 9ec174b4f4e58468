/** How often a server may ask for something, so that a loop of it reaches nobody. */

export class Allowance {
  readonly #most: number
  readonly #withinMs: number
  readonly #atOnce: number
  #asked: number[] = []
  #open = 0

  constructor(most: number, withinMs: number, atOnce: number) {
    this.#most = most
    this.#withinMs = withinMs
    this.#atOnce = atOnce
  }

  /** Runs `ask` and gives its answer; throws at once where the server asks too often or too much at once. */
  async use<T>(ask: () => Promise<T>): Promise<T> {
    const now = Date.now()
    this.#asked = this.#asked.filter((at) => now - at < this.#withinMs)
    if (this.#open >= this.#atOnce) throw new Error(`There are ${this.#open} such requests open already.`)
    if (this.#asked.length >= this.#most) {
      throw new Error(`There were ${this.#most} such requests within ${Math.round(this.#withinMs / 1000)} s. Wait.`)
    }
    this.#asked.push(now)
    this.#open += 1
    try {
      return await ask()
    } finally {
      this.#open -= 1
    }
  }
}
