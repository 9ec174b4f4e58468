/** By when an answer is to be whole. It stands still while a person is asked. */
import type { Clock } from './clock.ts'

/** Stands around a question to a person: until it is settled, no time of the answer passes. */
export type Aside = <T>(question: Promise<T>) => Promise<T>

/** Where no time is counted. */
export const noAside: Aside = (question) => question

export class Deadline {
  readonly #clock: Pick<Clock, 'now'>
  #until: number
  #questions = 0
  #since = 0

  /** `until`: epoch milliseconds, as long as nobody is asked anything. */
  constructor(until: number, clock: Pick<Clock, 'now'>) {
    this.#until = until
    this.#clock = clock
  }

  /** Epoch milliseconds; while a person is asked, as if they answered now. */
  get until(): number {
    return this.#until + (this.#questions > 0 ? this.#clock.now() - this.#since : 0)
  }

  /** No time passes until the question is settled, and until all others are. */
  readonly aside: Aside = async (question) => {
    if (this.#questions++ === 0) this.#since = this.#clock.now()
    try {
      return await question
    } finally {
      this.#until = this.until
      this.#since = this.#clock.now()
      this.#questions--
    }
  }
}
