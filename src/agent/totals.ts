/** What a turn has used so far: the sum over its answers, and the time it worked. */
import type { Aside } from '../resilience/deadline.ts'
import type { Usage } from '../shared/message.ts'
import { noUsage } from '../shared/message.ts'

export type Totals = {
  /** Requests. */
  steps: number
  usage: Usage
  /** USD of the answers whose cost is known. */
  cost: number
  /** True where some answer's is not, so that `cost` is too low. */
  costUnknown?: true
  /** True where somebody has to pay for such an answer: it was asked with a key. */
  unpriced?: true
}

export const noTotals = (): Totals => ({ steps: 0, usage: noUsage(), cost: 0 })

/** `cost` is unknown where absent; an answer that used nothing cost nothing. `keyed`: it was asked with a key. */
export function plus(totals: Totals, usage: Usage, cost: number | undefined, keyed = false): Totals {
  const free = cost === undefined && usage.input + usage.output + usage.cacheRead + usage.cacheWrite === 0
  const isUnknown = cost === undefined && !free
  const unknown = totals.costUnknown ?? isUnknown
  const unpriced = totals.unpriced ?? (isUnknown && keyed)
  return {
    steps: totals.steps + 1,
    usage: sum(totals.usage, usage),
    cost: totals.cost + (cost ?? 0),
    ...(unknown && { costUnknown: true }),
    ...(unpriced && { unpriced: true }),
  }
}

function sum(one: Usage, other: Usage): Usage {
  const reasoning = one.reasoning ?? other.reasoning
  const cost = one.cost ?? other.cost
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    ...(reasoning !== undefined && { reasoning: (one.reasoning ?? 0) + (other.reasoning ?? 0) }),
    ...(cost !== undefined && { cost: (one.cost ?? 0) + (other.cost ?? 0) }),
    ...((one.estimated ?? other.estimated) && { estimated: true }),
  }
}

/** Counts time except while a person is being asked. Milliseconds. */
export class WorkClock {
  #worked = 0
  #since: number | undefined = performance.now()
  #questions = 0

  get worked(): number {
    return this.#worked + (this.#since === undefined ? 0 : performance.now() - this.#since)
  }

  /** The clock stands still until the question is settled, and until all others are. */
  readonly aside: Aside = async (question) => {
    this.#worked = this.worked
    this.#since = undefined
    this.#questions++
    try {
      return await question
    } finally {
      if (--this.#questions === 0) this.#since = performance.now()
    }
  }
}
