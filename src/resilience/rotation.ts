/** Which key of a provider stands in for one that reached its limit or its credit. */
import type { Target } from './admission.ts'
import type { Tried } from './plan.ts'

/**
 * The next of the marked keys that was not asked with for this answer. Undefined where the key that failed is not marked
 * itself: whose money it is, is decided by the person.
 */
export function nextKey(
  failed: Target,
  marked: readonly string[],
  tried: readonly Pick<Tried, 'target'>[],
): string | undefined {
  const at = failed.keyProfile === undefined ? -1 : marked.indexOf(failed.keyProfile)
  if (at < 0) return undefined
  const order = [...marked.slice(at + 1), ...marked.slice(0, at)]
  const isTried = (key: string): boolean =>
    tried.some(({ target }) => target.provider === failed.provider && target.keyProfile === key)
  return order.find((key) => key !== failed.keyProfile && !isTried(key))
}
