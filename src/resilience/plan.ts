/**
 * What is done after an attempt that brought nothing: the same again after a pause, another key or another model, or
 * nothing. One plan is made for each answer; it only decides, whoever asks it waits and sends.
 */
import type { Failure } from '../shared/failure.ts'
import type { Asking, Target } from './admission.ts'
import type { Clock } from './clock.ts'
import type { Aside } from './deadline.ts'
import { Deadline, noAside } from './deadline.ts'
import { isRetryable } from './retryable.ts'
import type { RetrySettings } from './schedule.ts'
import { waitFor } from './schedule.ts'

/** An attempt that failed before anything of an answer had come. */
export type Tried = { target: Target; failure: Failure }

/**
 * Who is asked instead: the same model with another key, or another model. `sentence`: why, for the person; `because`: the
 * part of it that says why it is another model, where a key of that one stands in as well.
 */
export type Instead = { target: Target; how: 'key' | 'model'; sentence?: string; because?: string }

export interface Alternatives {
  /**
   * Asked after each failed attempt, the last of `tried`. `left`: in how many milliseconds the same target would be asked
   * again; undefined where it would not be. What it gives is asked at once. Undefined for none. Never rejects; ends soon
   * after the signal is aborted.
   */
  instead(
    asking: Asking,
    tried: readonly Tried[],
    left: number | undefined,
    signal: AbortSignal,
  ): Promise<Instead | undefined>
}

export const noAlternatives: Alternatives = { instead: () => Promise.resolve(undefined) }

/** `repetition` of `of`: which one of the repetitions that the same target gets at most. */
export type Next =
  | { kind: 'again'; delay: number; repetition: number; of: number }
  | ({ kind: 'instead' } & Instead)
  | { kind: 'give-up' }

/** Requests of one answer, whatever is tried: no chain of models and keys is longer. */
export const MOST_ATTEMPTS = 24

export type PlanParts = {
  settings: RetrySettings
  alternatives: Alternatives
  clock: Pick<Clock, 'now' | 'random'>
  /** For how many milliseconds a target is left alone in any case. */
  rest?(target: Target): number
  /** Epoch milliseconds after which nothing is begun any more, but for the time that a person is asked. */
  until?: number
  /** Milliseconds from the start until then. */
  whole?: number
}

/** In less than this, in milliseconds, nobody answers: what is left then is no time to begin anything in. */
const LEAST_MS = 50

export class Plan {
  readonly #parts: PlanParts
  readonly #tried: Tried[] = []
  readonly #deadline: Deadline | undefined

  constructor(parts: PlanParts) {
    this.#parts = parts
    this.#deadline = parts.until === undefined ? undefined : new Deadline(parts.until, parts.clock)
  }

  /** Epoch milliseconds after which nothing is begun any more. */
  get until(): number | undefined {
    return this.#deadline?.until
  }

  /** Milliseconds that are left to begin anything in; 0 where the time is over, undefined where nothing limits it. */
  get left(): number | undefined {
    if (this.until === undefined) return undefined
    // A clock that is set back gives nobody more time than there was.
    const left = Math.min(this.until - this.#parts.clock.now(), this.#parts.whole ?? Infinity)
    return left < LEAST_MS ? 0 : left
  }

  /** Nobody else is ever asked. */
  get alone(): boolean {
    return this.#parts.alternatives === noAlternatives
  }

  /** Milliseconds for the whole answer. */
  get whole(): number | undefined {
    return this.#parts.whole
  }

  /** Stands around each question to a person. */
  get aside(): Aside {
    return this.#deadline?.aside ?? noAside
  }

  /** The attempts that failed, the first first. */
  get tried(): readonly Tried[] {
    return this.#tried
  }

  async after(asking: Asking, failure: Failure, signal: AbortSignal): Promise<Next> {
    this.#tried.push({ target: asking.target, failure })
    if (signal.aborted || this.left === 0 || this.#tried.length >= MOST_ATTEMPTS) return { kind: 'give-up' }
    const again = this.#again(asking.target, failure)
    const left = again?.delay
    const instead = await this.#parts.alternatives.instead(asking, this.#tried, left, signal)
    if (instead && this.#isNew(instead.target)) return { kind: 'instead', ...instead }
    return again ?? { kind: 'give-up' }
  }

  #again(target: Target, failure: Failure): Extract<Next, { kind: 'again' }> | undefined {
    const { settings, clock } = this.#parts
    const repetition = this.#tried.filter((tried) => isSame(tried.target, target)).length
    if (repetition > settings.attempts || !isRetryable(failure)) return undefined
    const wait = waitFor(failure, repetition, settings, clock.random)
    if (wait === undefined) return undefined
    const delay = Math.max(wait, this.#parts.rest?.(target) ?? 0)
    if (delay > settings.maxWait || clock.now() + delay >= (this.until ?? Infinity)) return undefined
    return { kind: 'again', delay, repetition, of: settings.attempts }
  }

  /** A target that had all of its repetitions gets no others: every chain comes to an end. */
  #isNew(target: Target): boolean {
    const times = this.#tried.filter((tried) => isSame(tried.target, target)).length
    return times <= this.#parts.settings.attempts
  }
}

export const isSame = (one: Target, other: Target): boolean =>
  one.provider === other.provider && one.model === other.model && one.keyProfile === other.keyProfile
