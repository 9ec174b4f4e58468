/**
 * Time without what other programs of a busy machine took of it. A test that says “within 50 ms” is about our code: where the
 * scheduler leaves this process out for 400 ms, nothing of ours was slow.
 */

/** How far apart two looks may be before the time between them counts only as far as this process worked, in milliseconds. */
const EVERY = 5

type Look = { at: number; cpu: number }

function look(): Look {
  const { user, system } = process.cpuUsage()
  return { at: performance.now(), cpu: (user + system) / 1_000 }
}

export class SteadyTime implements Disposable {
  readonly #looks: Look[] = [look()]
  readonly #timer = setInterval(() => void this.#looks.push(look()), 1)

  /** Milliseconds between two times of `performance.now()` since this began: all that was waited or worked. */
  between(from: number, to: number = performance.now()): number {
    const looks = [...this.#looks, look()]
    let sum = 0
    for (let place = 1; place < looks.length; place++) {
      const [before, after] = [looks[place - 1]!, looks[place]!]
      const shared = Math.min(to, after.at) - Math.max(from, before.at)
      if (shared > 0) sum += Math.min(shared, Math.max(EVERY, after.cpu - before.cpu))
    }
    return sum
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/**
 * Milliseconds of the quickest of up to five measurements; none follows one that is below `enough`. Garbage that is
 * collected, or what an earlier test left behind, stands in the way of one of them; what our own code waits for, of all.
 */
export async function quickest(enough: number, measure: () => Promise<number>): Promise<number> {
  let best = Infinity
  for (let times = 0; times < 5 && best >= enough; times++) best = Math.min(best, await measure())
  return best
}

/** Milliseconds that this process itself worked meanwhile. */
export function worked(work: () => void): number {
  const { cpu } = look()
  work()
  return look().cpu - cpu
}
