/** The queue that all windows share, and what a window does where it cannot be reached: it goes on by itself. */
import type { RateHold, RateWork } from '../../shared/rate.ts'
import { countsAt } from '../../shared/rate.ts'
import { RateBook } from '../../shared/rate-book.ts'
import { leftUntil } from '../clock.ts'

/** What keeps the queue: the store. `turn` and `holds` may throw. */
export interface RateQueue {
  /** Nobody else changes the queue of this provider meanwhile. `clock` is asked once that is so. */
  turn<T>(provider: string, clock: () => number, work: RateWork<T>): T
  /** Those that are over may be among them. */
  holds(provider: string): readonly RateHold[]
  /** True where other windows do not know all of this one. Its next turn tells them. */
  isBehind?(provider: string): boolean
}

/** For how long a queue that failed is left alone, in milliseconds: it may have taken its time to fail. */
export const REST = 10_000

/** Never throws for the queue it stands before: what this window sent is known to it in any case, and told once it can be. */
export class SteadyQueue implements RateQueue {
  readonly #shared: () => RateQueue
  readonly #failed: (error: unknown) => void
  readonly #own = new RateBook().view('this')
  /** Providers of which the shared queue does not know all. */
  readonly #behind = new Set<string>()
  readonly #now: () => number
  #restsUntil = -Infinity

  constructor(shared: () => RateQueue, now: () => number, failed: (error: unknown) => void) {
    this.#shared = shared
    this.#now = now
    this.#failed = failed
  }

  turn<T>(provider: string, clock: () => number, work: RateWork<T>): T {
    if (this.#rests()) return this.#alone(provider, clock, work)
    let turned: ReturnType<RateWork<T>> | undefined
    try {
      this.#catchUp(provider, clock)
      this.#shared().turn(provider, clock, (state) => (turned = work(state)))
    } catch (error) {
      this.#fail(error)
      return this.#alone(provider, clock, work)
    }
    const { change, result } = turned!
    this.#own.change(clock(), change)
    return result
  }

  holds(provider: string): readonly RateHold[] {
    if (!this.#rests())
      try {
        return this.#shared().holds(provider)
      } catch (error) {
        this.#fail(error)
      }
    return this.#own.holds(provider)
  }

  isBehind(provider: string): boolean {
    return this.#behind.has(provider)
  }

  #rests(): boolean {
    return leftUntil(this.#restsUntil, this.#now(), REST) > 0
  }

  #fail(error: unknown): void {
    this.#restsUntil = this.#now() + REST
    this.#failed(error)
  }

  #alone<T>(provider: string, clock: () => number, work: RateWork<T>): T {
    this.#behind.add(provider)
    return this.#own.turn(provider, clock, work)
  }

  #catchUp(provider: string, clock: () => number): void {
    if (!this.#behind.has(provider)) return
    const { tickets, holds } = this.#own.turn(provider, clock, (state) => ({ change: {}, result: state }))
    const put = tickets.filter((ticket) => ticket.sentAt !== undefined && countsAt(ticket, clock()))
    this.#shared().turn(provider, clock, () => ({ change: { put, hold: holds }, result: undefined }))
    this.#behind.delete(provider)
  }
}
