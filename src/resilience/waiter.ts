/** What is waited for now, one thing at a time, and the way to have it over sooner. */
import type { Wait } from './admission.ts'
import type { Clock } from './clock.ts'

/**
 * `repetition` of `of`: which one of the repetitions comes next. `skippable`: a person may have it at once. `left`:
 * milliseconds until then, where it is known.
 */
export type Waiting = Wait & { repetition?: number; of?: number; skippable?: true; left?(): number }

export class Waiter {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>
  readonly #told: (waiting: Waiting | undefined) => void
  #current: Waiting | undefined
  #skip: AbortController | undefined

  /** `told` is told of each change. */
  constructor(clock: Pick<Clock, 'now' | 'sleep'>, told: (waiting: Waiting | undefined) => void = () => undefined) {
    this.#clock = clock
    this.#told = told
  }

  get current(): Waiting | undefined {
    return this.#current
  }

  show(waiting: Waiting | undefined): void {
    if (waiting === undefined && this.#current === undefined) return
    this.#current = waiting && this.#timed(waiting)
    this.#told(this.#current)
  }

  #timed(waiting: Waiting): Waiting {
    const { until, now } = waiting
    const left = until !== undefined && { left: () => Math.max(0, until - this.#clock.now()) }
    return { ...waiting, ...(now && { skippable: true as const }), ...left }
  }

  /** Over after `ms` milliseconds, or at once with `now()` or when the signal is aborted. True where somebody said `now`. */
  async wait(ms: number, why: Omit<Waiting, 'until' | 'skippable'>, signal: AbortSignal): Promise<boolean> {
    if (ms <= 0 || signal.aborted) return false
    const skip = new AbortController()
    this.#skip = skip
    this.show({ ...why, until: this.#clock.now() + ms, skippable: true })
    await this.#clock.sleep(ms, AbortSignal.any([signal, skip.signal]))
    this.#skip = undefined
    this.show(undefined)
    return skip.signal.aborted
  }

  /** False where nothing is waited for that could come sooner. */
  now(): boolean {
    const gate = this.#current?.now
    gate?.()
    this.#skip?.abort()
    return gate !== undefined || this.#skip !== undefined
  }
}
