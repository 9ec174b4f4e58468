/**
 * The attempts at one answer, in their order: which one is under way, who is asked by it, and the pause before it. An answer
 * that broke off and is gone on from stays in its chain, so that all of its attempts together are bounded.
 */
import type { Failure } from '../shared/failure.ts'
import type { ProviderId } from '../shared/model.ts'
import type { Asking, Target } from './admission.ts'
import type { Aside } from './deadline.ts'
import { noAside } from './deadline.ts'
import type { Next, Plan, Tried } from './plan.ts'
import type { Kept } from './sticky.ts'
import type { Waiter, Waiting } from './waiter.ts'
import { shortSentence } from './words.ts'

/** A failed attempt. `label`: what the provider is called. */
export type Failed = { asking: Asking; label: string; failure: Failure }

export class Chain {
  readonly waiter: Waiter
  readonly #plan: Plan
  readonly #told: (line: string) => void
  /** 1 for the first. */
  attempt = 1
  /** Who is asked, where it is not the one that was chosen. */
  target: Target | undefined
  /** The provider that failed before this one was asked instead. */
  from: ProviderId | undefined
  /** Why it is not the one that was chosen, for the person. */
  sentence: string | undefined
  /** A person wants it now, whatever is known of the provider. */
  anyway = false
  /** What else stands around questions: the turn's own time. */
  around: Aside = noAside
  #pause: { ms: number; why: Omit<Waiting, 'until' | 'skippable'> } | undefined
  #mark = 0

  /** `told` gets a line for the log of what is decided. */
  constructor(plan: Plan, waiter: Waiter, told: (line: string) => void = () => undefined) {
    this.#plan = plan
    this.waiter = waiter
    this.#told = told
  }

  /** Epoch milliseconds by which the answer is to be whole. */
  get until(): number | undefined {
    return this.#plan.until
  }

  /** Milliseconds that are left for the answer, and for all of it; undefined where nothing limits that. */
  get time(): { left: number; whole: number } | undefined {
    const { left, whole = 0 } = this.#plan
    return left === undefined ? undefined : { left, whole }
  }

  /** Stands around each question to a person: the time that takes is none of the answer's. */
  readonly aside: Aside = (question) => this.around(this.#plan.aside(question))

  /** From here on `tried` counts anew: another row begins. */
  mark(): void {
    this.#mark = this.#plan.tried.length
  }

  /** The attempts that failed since the mark, the first first. */
  get tried(): readonly Tried[] {
    return this.#plan.tried.slice(this.#mark)
  }

  /** Nobody else is ever asked. */
  get alone(): boolean {
    return this.#plan.alone
  }

  /** All attempts that failed, also those for the rows before. */
  get failed(): readonly Tried[] {
    return this.#plan.tried
  }

  /** True where another attempt follows: `pause` before it. */
  async fails({ asking, label, failure }: Failed, signal: AbortSignal): Promise<boolean> {
    const next = await this.#plan.after(asking, failure, signal)
    if (signal.aborted || next.kind === 'give-up') return false
    this.attempt++
    this.#told(lineOf(asking.target, failure, next))
    if (next.kind === 'instead') {
      this.turnTo({ ...next, from: asking.target.provider })
    } else {
      const { delay: ms, repetition, of } = next
      this.#pause = { ms, why: { sentence: shortSentence(failure, label), repetition, of } }
    }
    return true
  }

  /** From here on this one is asked. */
  turnTo({ target, how, sentence, from }: Kept): void {
    this.target = target
    if (how === 'model') this.from = from
    this.sentence = sentence
    this.#pause = undefined
  }

  /** Ends at once when the signal is aborted. */
  async pause(signal: AbortSignal): Promise<void> {
    const pause = this.#pause
    this.#pause = undefined
    this.anyway = pause !== undefined && (await this.waiter.wait(pause.ms, pause.why, signal))
  }
}

function lineOf(
  { provider, model }: Target,
  { code, status }: Failure,
  next: Exclude<Next, { kind: 'give-up' }>,
): string {
  const what = `${provider}/${model}: ${code}${status === undefined ? '' : ` ${status}`}`
  if (next.kind === 'again')
    return `${what}; trying again in ${(next.delay / 1000).toFixed(1)} s (${next.repetition} of ${next.of})`
  const { target, how } = next
  return how === 'key'
    ? `${what}; trying the key ${target.keyProfile ?? 'default'}`
    : `${what}; asking ${target.provider}/${target.model} instead`
}
