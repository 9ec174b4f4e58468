/** A person who said no several times is left alone: a server that asks in a loop must not wear anybody down. */

/** Noes in a row. */
const MOST = 3
/** Milliseconds for which a server then reaches nobody. */
const QUIET = 2 * 60_000

export class Patience {
  readonly #noes = new Map<string, { count: number; last: number }>()
  readonly #now: () => number

  constructor(now = Date.now) {
    this.#now = now
  }

  /**
   * Has `ask` ask the person, where the server may. `isNo` tells a refusal. Throws a sentence for the server where the
   * person has refused too often of late.
   */
  async use<T>(server: string, ask: () => Promise<T>, isNo: (answer: T) => boolean): Promise<T> {
    if (this.#isQuiet(server)) throw new Error('The person said no several times and is not asked for now.')
    const answer = await ask()
    if (isNo(answer)) this.#noes.set(server, { count: (this.#noes.get(server)?.count ?? 0) + 1, last: this.#now() })
    else this.#noes.delete(server)
    return answer
  }

  /** The person wants to hear of it again. */
  forget(server: string): void {
    this.#noes.delete(server)
  }

  #isQuiet(server: string): boolean {
    const noes = this.#noes.get(server)
    if (!noes || noes.count < MOST) return false
    if (this.#now() - noes.last < QUIET) return true
    this.#noes.delete(server)
    return false
  }
}
