/** Who runs when: on a machine of two cores two lanes keep both busy to the end. */

/**
 * Runs each lane's own work in its order, the lanes side by side. Whichever lane has done its own takes from what `either`
 * can do, so that both end at about the same time.
 */
export async function inLanes<T>(
  lanes: readonly (readonly T[])[],
  either: readonly T[],
  run: (one: T) => Promise<void>,
) {
  const left = [...either]
  await Promise.all(
    lanes.map(async (own) => {
      for (const one of own) await run(one)
      for (let one = left.shift(); one !== undefined; one = left.shift()) await run(one)
    }),
  )
}

/** Deals things into so many heaps of about the same weight: the heaviest first, each to the lightest heap. */
export function deal<T>(things: readonly T[], heaps: number, weight: (thing: T) => number): T[][] {
  const dealt = Array.from({ length: heaps }, () => ({ things: [] as T[], weight: 0 }))
  for (const thing of things.toSorted((one, other) => weight(other) - weight(one))) {
    const lightest = dealt.reduce((one, other) => (other.weight < one.weight ? other : one))
    lightest.things.push(thing)
    lightest.weight += weight(thing)
  }
  return dealt.map((heap) => heap.things).filter((heap) => heap.length > 0)
}
