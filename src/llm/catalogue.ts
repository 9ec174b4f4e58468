/**
 * What the public price catalogue knows of models, for providers that tell less of their own. The data is large, so
 * this module is a bundle of its own, loaded on first use.
 *
 * The data set does not tell whether a model takes images, calls tools or thinks, nor how much it may write: those
 * fields stay undefined here.
 */
import type { ConditionalPrice, ModelInfo as Entry, ModelPrice } from '@pydantic/genai-prices'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import type { ModelInfo, Price, PriceTier, ProviderId } from '../shared/model.ts'
import { providerInfo } from './registry.ts'

/** Where the data set has another name for a provider than people do. */
const NAMES: Record<string, string> = { xai: 'x-ai', gemini: 'google' }

/** The chat models of a provider that are on sale today, the newest of each line last. */
export function catalogue(provider: ProviderId): ModelInfo[] {
  const entries = find(provider)?.models ?? []
  return entries.filter((entry) => isChat(provider, entry)).map((entry) => describe(provider, entry))
}

/**
 * The model with the gaps in its limits and price filled. What is already known stays. `baseUrl`: where it is served,
 * which then decides alone: at another address than the provider's own the same name may be another model at another
 * price. Without it the model is taken to be the provider's own.
 */
export function fill(model: ModelInfo, baseUrl?: string): ModelInfo {
  const entry = lookUp(model, baseUrl)
  if (!entry) return model
  const known = describe(model.provider, entry)
  return { ...known, ...defined(model), source: model.contextWindow === undefined ? known.source : model.source }
}

/** The catalogue matches ids by rules of its own (dated ids, aliases); asking it for a price applies them. */
function lookUp(model: ModelInfo, baseUrl: string | undefined): Entry | undefined {
  const own = !baseUrl || isOwn(model.provider, baseUrl)
  const provider = own ? find(model.provider) : findProvider({ providerApiUrl: baseUrl })
  if (!provider) return undefined
  return calcPrice({ input_tokens: 0, output_tokens: 0 }, model.id, { provider })?.model
}

/** The address is of the origin that we know as the provider's. Of a provider that we do not know none is. */
function isOwn(id: ProviderId, baseUrl: string): boolean {
  const known = providerInfo(id)?.defaultBaseUrl
  return known ? URL.parse(baseUrl)?.origin === new URL(known).origin : false
}

/** By its whole name alone: the data set itself would take "my-mistral-box" for Mistral. */
function find(id: ProviderId): ReturnType<typeof findProvider> {
  const name = NAMES[id] ?? id
  const provider = findProvider({ providerId: name })
  return provider?.id === name ? provider : undefined
}

function describe(provider: string, entry: Entry): ModelInfo {
  const price = priceOf(entry)
  return {
    id: entry.id,
    provider,
    name: entry.name ?? entry.id,
    ...(entry.context_window === undefined ? {} : { contextWindow: entry.context_window }),
    ...(price ? { price } : {}),
    source: 'catalogue',
  }
}

function defined(model: ModelInfo): ModelInfo {
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined)) as ModelInfo
}

const NOT_CHAT =
  /audio|realtime|transcribe|tts|whisper|embedding|image|moderation|instruct|^(ada|babbage|curie|davinci|text-|ft:|computer-use)|\.ft-|:extended/

/** Gemini since 2.5, without those that only draw, speak or listen. */
const GEMINI = /^gemini-(2\.5|[3-9])(?!.*(live|omni))/

/** A model one can chat with through the provider's own API, as far as name and price tell. */
function isChat(provider: ProviderId, entry: Entry): boolean {
  if (entry.deprecated || NOT_CHAT.test(entry.id)) return false
  if (provider === 'google') {
    // Google's list holds what its cloud resells and what it has retired; the window of its largest models is missing.
    if (!GEMINI.test(entry.id)) return false
  } else if (entry.context_window === undefined) return false
  // The open-weight models are in OpenAI's list for their price elsewhere; OpenAI does not serve them.
  if (provider === 'openai' && entry.id.startsWith('gpt-oss')) return false
  const prices = current(entry)
  return prices.input_mtok !== undefined && prices.output_mtok !== undefined
}

/** The prices that hold now: the last whose start date has passed. */
function current(entry: Entry, today = new Date().toISOString().slice(0, 10)): ModelPrice {
  if (!Array.isArray(entry.prices)) return entry.prices
  const began = (price: ConditionalPrice) =>
    price.constraint === undefined || ('start_date' in price.constraint && price.constraint.start_date <= today)
  return entry.prices.findLast(began)?.prices ?? {}
}

const FIELDS = [
  ['input', 'input_mtok'],
  ['output', 'output_mtok'],
  ['cacheRead', 'cache_read_mtok'],
  ['cacheWrite', 'cache_write_mtok'],
] as const

function priceOf(entry: Entry): Price | undefined {
  const source = current(entry)
  const price: Price = {}
  const tiers = new Map<number, PriceTier>()
  for (const [ours, theirs] of FIELDS) {
    const value = source[theirs]
    if (value === undefined) continue
    if (typeof value === 'number') {
      price[ours] = value
      continue
    }
    price[ours] = value.base
    for (const { start, price: raised } of value.tiers) {
      const tier = tiers.get(start) ?? { above: start }
      tiers.set(start, { ...tier, [ours]: raised })
    }
  }
  if (tiers.size > 0) price.tiers = [...tiers.values()].sort((left, right) => left.above - right.above)
  return Object.keys(price).length > 0 ? price : undefined
}
