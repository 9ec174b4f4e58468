/** What a request cost, from its token counts and the model's price. */
import type { Usage } from '../shared/message.ts'
import { noUsage } from '../shared/message.ts'
import type { Price, PriceTier } from '../shared/model.ts'

const PRICE_UNIT = 1_000_000

/**
 * USD, or undefined where it is unknown: no price at all, or none for a kind of token that was used.
 *
 * A cost the provider itself reports wins. The tier is chosen by the whole prompt (input, cache reads and cache writes)
 * and then prices the whole request; what a tier leaves out, the base price says. Cache tokens without a price of their
 * own cost as much as input: for reads that is the dearest it can be, for writes it may be somewhat too low.
 * `reasoning` is part of `output` and not charged again. Counts and prices that are negative or not finite are unusable:
 * such a count is none, such a price is unknown (OpenRouter says -1 where the price depends on the route).
 */
export function costOf(usage: Usage, price: Price | undefined): number | undefined {
  const reported = usable(usage.cost)
  if (reported !== undefined) return reported
  if (!price) return undefined
  const counts = {
    input: usable(usage.input) ?? 0,
    output: usable(usage.output) ?? 0,
    cacheRead: usable(usage.cacheRead) ?? 0,
    cacheWrite: usable(usage.cacheWrite) ?? 0,
  }
  const rates = ratesFor(price, counts.input + counts.cacheRead + counts.cacheWrite)
  let sum = 0
  for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
    if (counts[kind] === 0) continue
    const rate = rates[kind]
    if (rate === undefined) return undefined
    sum += (counts[kind] * rate) / PRICE_UNIT
  }
  return usable(sum)
}

/**
 * USD that a request costs at most, or undefined where that is unknown: its input as the dearest kind it may be counted as,
 * and an answer as long as it may get. `maxOutputTokens` absent: no bound is known, so neither is the cost, unless output is free.
 */
export function mostCost(
  inputTokens: number,
  maxOutputTokens: number | undefined,
  price: Price | undefined,
): number | undefined {
  if (!price) return undefined
  const output = maxOutputTokens ?? (price.output === 0 ? 0 : undefined)
  if (output === undefined) return undefined
  const kinds = ['input', 'cacheWrite'] as const
  const costs = kinds.map((kind) => costOf({ ...noUsage(), output, [kind]: inputTokens }, price))
  return costs.reduce((most, cost) => (most === undefined || cost === undefined ? undefined : Math.max(most, cost)))
}

type Rates = Record<'input' | 'output' | 'cacheRead' | 'cacheWrite', number | undefined>

function ratesFor(price: Price, prompt: number): Rates {
  const tier = tierFor(price.tiers ?? [], prompt)
  const input = usable(tier?.input) ?? usable(price.input)
  return {
    input,
    output: usable(tier?.output) ?? usable(price.output),
    cacheRead: usable(tier?.cacheRead) ?? usable(price.cacheRead) ?? input,
    cacheWrite: usable(tier?.cacheWrite) ?? usable(price.cacheWrite) ?? input,
  }
}

/** The highest tier whose bound the prompt exceeds. */
function tierFor(tiers: readonly PriceTier[], prompt: number): PriceTier | undefined {
  return tiers
    .filter((tier) => prompt > tier.above)
    .reduce<PriceTier | undefined>((best, tier) => (best && best.above > tier.above ? best : tier), undefined)
}

function usable(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
}
