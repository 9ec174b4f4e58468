/** `panelist.models`: what the person says of models. It wins over what providers and price data tell. */
import { isObject } from '../../shared/json.ts'
import type { ModelInfo, Price } from '../../shared/model.ts'
import { text, tokens } from './values.ts'

/** A model of the person's own, or what they know better of one that is there. */
export type ModelEntry = Pick<ModelInfo, 'provider' | 'id'> &
  Partial<
    Pick<ModelInfo, 'name' | 'contextWindow' | 'maxOutputTokens' | 'tools' | 'images' | 'pdfs' | 'thinking' | 'price'>
  > & {
    /** The provider's id that is asked for, where `id` is the person's own name for it. */
    model?: string
  }

/** Entries that cannot be used are left out and told in `problems`. */
export function readModels(value: unknown, problems: string[]): ModelEntry[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown, index): ModelEntry[] => {
    const provider = isObject(entry) ? text(entry.provider) : undefined
    const id = isObject(entry) ? text(entry.id) : undefined
    if (isObject(entry) && provider !== undefined && id !== undefined) return [readModel(provider, id, entry)]
    problems.push(`Entry ${index + 1} of panelist.models needs a provider and an id.`)
    return []
  })
}

function readModel(provider: string, id: string, entry: Record<string, unknown>): ModelEntry {
  const model: ModelEntry = { provider, id }
  for (const field of ['name', 'model'] as const) {
    const given = text(entry[field])
    if (given !== undefined) model[field] = given
  }
  for (const field of ['contextWindow', 'maxOutputTokens'] as const) {
    const given = tokens(entry[field])
    if (given !== undefined) model[field] = given
  }
  for (const field of ['tools', 'images', 'pdfs', 'thinking'] as const) {
    const given = entry[field]
    if (typeof given === 'boolean') model[field] = given
  }
  const price = isObject(entry.price) ? readPrice(entry.price) : undefined
  if (price) model.price = price
  return model
}

function readPrice(entry: Record<string, unknown>): Price | undefined {
  const price: Price = {}
  for (const field of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
    const given = entry[field]
    if (typeof given === 'number' && given >= 0 && Number.isFinite(given)) price[field] = given
  }
  return Object.keys(price).length > 0 ? price : undefined
}

/** The list with the person's entries laid over it; theirs that are in no list come first. */
export function withEntries(listed: readonly ModelInfo[], entries: readonly ModelEntry[]): ModelInfo[] {
  if (entries.length === 0) return [...listed]
  const own = entries.filter(({ id }) => !listed.some((model) => model.id === id))
  const changed = listed.map((model) => {
    const entry = entries.find(({ id }) => id === model.id)
    return entry ? withEntry(model, entry) : model
  })
  return [...own.map((entry) => withEntry(baseOf(entry, listed), entry)), ...changed]
}

/** Another name for a model that is listed begins with what is known of that one. */
function baseOf({ id, provider, model }: ModelEntry, listed: readonly ModelInfo[]): ModelInfo {
  const meant = listed.find((known) => known.id === model)
  return { ...meant, id, provider, name: id, source: 'settings' }
}

export function withEntry(known: ModelInfo, { model, ...entry }: ModelEntry): ModelInfo {
  const limited = entry.contextWindow !== undefined || entry.maxOutputTokens !== undefined
  const info: ModelInfo = { ...known, ...entry, source: limited ? 'settings' : known.source }
  if (limited) delete info.guessed
  return model === undefined || model === entry.id ? info : { ...info, requestAs: model, snapshot: model }
}
