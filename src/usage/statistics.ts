/** What statistics say once prices are known. */
import type { Price } from '../shared/model.ts'
import type { UsageGroup } from '../shared/usage.ts'

const PRICE_UNIT = 1_000_000

/**
 * USD that reading from the cache saved over sending the same tokens as input, at the base prices of now. Where a provider's
 * cache costs as much as input, that is nothing. `unknown`: tokens read by models without both prices.
 */
export function cacheSavings(
  models: readonly Pick<UsageGroup, 'name' | 'provider' | 'cacheRead'>[],
  priceOf: (provider: string, model: string) => Price | undefined,
): { saved: number; unknown: number } {
  let [saved, unknown] = [0, 0]
  for (const { name, provider = '', cacheRead } of models) {
    if (cacheRead === 0) continue
    const price = priceOf(provider, name)
    if (!isPrice(price?.input) || !isPrice(price.cacheRead)) unknown += cacheRead
    else saved += (cacheRead * Math.max(0, price.input - price.cacheRead)) / PRICE_UNIT
  }
  return { saved, unknown }
}

/** A provider may say -1 where it cannot tell. */
const isPrice = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0
