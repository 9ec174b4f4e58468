/** When a server that crashed is started again, and when no more. */

export type RestartPolicy = {
  /** Milliseconds before the first, second, ... start; the last repeats. */
  delaysMs: readonly number[]
  /** After this many crashes within `withinMs` it is left alone. */
  most: number
  withinMs: number
}

export const defaultRestarts: RestartPolicy = { delaysMs: [500, 2_000, 8_000, 30_000], most: 5, withinMs: 10 * 60_000 }

export class Restarts {
  readonly policy: RestartPolicy
  #crashes: number[] = []

  constructor(policy: RestartPolicy) {
    this.policy = policy
  }

  /** It crashed now. Milliseconds to wait, or undefined where it is to be left alone. */
  next(): number | undefined {
    const { delaysMs, most, withinMs } = this.policy
    const now = Date.now()
    this.#crashes = [...this.#crashes.filter((at) => now - at < withinMs), now]
    if (this.#crashes.length >= most) return undefined
    return delaysMs[Math.min(this.#crashes.length, delaysMs.length) - 1] ?? 0
  }

  /** A person wants it: what was does not count any more. */
  forget(): void {
    this.#crashes = []
  }
}
