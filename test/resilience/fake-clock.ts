/** A clock that the test moves on. */
import type { Clock } from '../../src/resilience/clock.ts'

export class FakeClock implements Clock {
  /** How long each sleep was to be, in milliseconds. */
  readonly asked: number[] = []
  readonly #sleepers = new Set<{ at: number; wake(): void }>()
  readonly #random: () => number
  #now: number

  constructor(now = 1_000_000, random: () => number = () => 0.5) {
    this.#now = now
    this.#random = random
  }

  now = (): number => this.#now
  random = (): number => this.#random()

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.asked.push(ms)
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wake = (): void => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: this.#now + ms, wake }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  pass(ms: number): void {
    this.#now += ms
    for (const { at, wake } of [...this.#sleepers]) if (at <= this.#now) wake()
  }
}
