/** What stands around every request of a window: gates before it, and what is done after it failed. */
import type { Alternatives } from '../../resilience/plan.ts'
import { noAlternatives, Plan } from '../../resilience/plan.ts'
import type { Asking, Gate, Target, Ticket } from '../../resilience/admission.ts'
import { admit, isTicket } from '../../resilience/admission.ts'
import { Breaker } from '../../resilience/breaker.ts'
import { Chain } from '../../resilience/chain.ts'
import type { Clock } from '../../resilience/clock.ts'
import { systemClock } from '../../resilience/clock.ts'
import type { RetrySettings } from '../../resilience/schedule.ts'
import type { Timeouts } from '../../resilience/timeouts.ts'
import { timeoutError } from '../../resilience/timeouts.ts'
import { Waiter } from '../../resilience/waiter.ts'
import type { Waiting } from '../../resilience/waiter.ts'
import { resting } from '../../resilience/words.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Log } from '../log.ts'

export type ResilienceParts = {
  settings: () => { retry: RetrySettings; timeouts: Timeouts }
  log: Pick<Log, 'info'>
  /** In the order they are passed, before the circuit breaker. Who asks a person stands before who gives out places. */
  gates?: readonly Gate[]
  alternatives?: Alternatives
  clock?: Clock
}

export class Resilience {
  readonly #parts: ResilienceParts
  readonly #clock: Clock
  readonly #breaker: Breaker

  constructor(parts: ResilienceParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.#breaker = new Breaker(() => this.#clock.now())
  }

  /** For the attempts at one answer. `told` hears what is waited for. */
  chain(
    told?: (waiting: Waiting | undefined) => void,
    alternatives: Alternatives = this.#parts.alternatives ?? noAlternatives,
  ): Chain {
    const { settings, log } = this.#parts
    const { retry, timeouts } = settings()
    const plan = new Plan({
      settings: retry,
      alternatives,
      clock: this.#clock,
      rest: (target) => this.restOf(target),
      ...(timeouts.total > 0 && { until: this.#clock.now() + timeouts.total, whole: timeouts.total }),
    })
    return new Chain(plan, new Waiter(this.#clock, told), (line) => log.info(line))
  }

  /** For how many milliseconds nothing is sent to this target, because it failed again and again. */
  restOf(target: Target): number {
    return this.#parts.settings().retry.attempts === 0 ? 0 : this.#breaker.restOf(target)
  }

  /** How long the request may take, of the time that the whole answer has. */
  timeouts(chain: Chain): Timeouts {
    const { timeouts } = this.#parts.settings()
    const { time } = chain
    return time ? { ...timeouts, total: Math.max(1, time.left), whole: time.whole } : timeouts
  }

  /** A ticket to be settled, why the request may not go out, or undefined where the signal was aborted meanwhile. */
  async admit(asking: Asking, label: string, chain: Chain, signal: AbortSignal): Promise<Ticket | Failure | undefined> {
    // Who wants nothing tried again wants nothing held back.
    const anyway = chain.anyway || this.#parts.settings().retry.attempts === 0
    // Whoever is let through to look holds up the others: that is the last thing a request waits for.
    const gates = [this.#rest(label), ...(this.#parts.gates ?? []), this.#circuit(label)]
    const request = {
      ...asking,
      attemptAt: chain,
      tried: chain.failed,
      left: () => chain.time?.left,
      ...(chain.alone && { alone: true as const }),
      ...(anyway && { anyway }),
    }
    const entered = await admit(gates, request, signal, (why) => chain.waiter.show(why), chain.aside)
    if (!entered || !isTicket(entered) || chain.time?.left !== 0) return entered
    entered.settle({ unsent: true })
    return timeoutError('total', chain.time.whole).failure
  }

  /** Nobody is asked about money, and waits for nothing, where nothing is sent for now. */
  #rest(label: string): Gate {
    return {
      name: 'rest',
      enter: async ({ target, anyway }) => {
        const rest = anyway ? 0 : this.#breaker.restOf(target)
        return rest > 0 ? resting(label, rest) : { settle: () => undefined }
      },
    }
  }

  #circuit(label: string): Gate {
    return {
      name: 'circuit',
      enter: async ({ target, anyway }) => {
        const entered = this.#breaker.enter(target, anyway)
        return typeof entered === 'number' ? resting(label, entered) : entered
      },
    }
  }
}
