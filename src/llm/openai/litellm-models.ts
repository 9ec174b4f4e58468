/**
 * The models of a LiteLLM gateway. `/model/info` tells limits, abilities and prices of each deployment; a name people
 * use may stand for several, of which any may answer.
 */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { ModelInfo, Price, PriceTier, ProviderId } from '../../shared/model.ts'
import type { Call } from './client.ts'

/** The models behind each name, by gateway: what its list told. Not kept by a connection: each request may open its own. */
const told = new Map<string, Map<string, string[]>>()

/** What answers under this name, as the gateway's own list said; the name itself where it was not asked or did not say. */
export function deploymentsOf(baseUrl: string, name: string): string[] {
  const models = told.get(baseUrl)?.get(name) ?? []
  return models.length > 0 ? models : [name]
}

/** The models, or undefined where this key may not ask for more than names. Throws what the SDK throws. */
export async function fetchDeployments(
  { client, context }: Call,
  signal: AbortSignal,
): Promise<JsonObject[] | undefined> {
  try {
    const deployments = listOf(await client.get<Json>('/model/info', { signal }))
    const groups = Map.groupBy(deployments, ({ model_name: name }) => String(name))
    const models = [...groups].map(([name, group]) => [name, group.flatMap((each) => modelOf(each) ?? [])] as const)
    told.set(context.baseUrl, new Map(models))
    return deployments
  } catch (error) {
    if (!isRefusal(error)) throw error
    return undefined
  }
}

/** One model for each name. `named`: further ids the key may use, which no deployment is named after (wildcards). */
export function fromDeployments(deployments: readonly JsonObject[], provider: ProviderId): ModelInfo[] {
  const groups = Map.groupBy(
    deployments.filter((deployment) => typeof deployment.model_name === 'string' && chatsIn(infoOf(deployment).mode)),
    ({ model_name: name }) => String(name),
  )
  return [...groups].filter(([name]) => !name.includes('*')).map(([name, group]) => merged(name, group, provider))
}

export function hasWildcards(deployments: readonly JsonObject[]): boolean {
  return deployments.some(({ model_name: name }) => typeof name === 'string' && name.includes('*'))
}

/** What holds whichever deployment answers: the smallest limits, the abilities all have, the price if it is one. */
function merged(name: string, deployments: readonly JsonObject[], provider: ProviderId): ModelInfo {
  const infos = deployments.map(infoOf)
  const contextWindow = smallest(infos.map((info) => info.max_input_tokens ?? info.max_tokens))
  const maxOutputTokens = smallest(infos.map((info) => info.max_output_tokens))
  const prices = new Map(infos.map(priceOf).map((price) => [JSON.stringify(price), price]))
  const price = prices.size === 1 ? [...prices.values()][0] : undefined
  const models = [...new Set(deployments.map(modelOf).filter((model) => model !== undefined))]
  const abilities = {
    tools: all(infos, 'supports_function_calling'),
    images: all(infos, 'supports_vision'),
    pdfs: all(infos, 'supports_pdf_input'),
    thinking: all(infos, 'supports_reasoning'),
  }
  const known = Object.fromEntries(Object.entries(abilities).filter(([, able]) => able !== undefined))
  return {
    id: name,
    provider,
    name,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...known,
    ...(price && { price }),
    ...(models.some((model) => model !== name) && { snapshot: models.join(', ') }),
    ...(deployments.length > 1 && { note: note(deployments.length, prices.size > 1) }),
    source: 'provider',
  }
}

function note(count: number, differ: boolean): string {
  const limits = `This name stands for ${count} deployments, and the limits are the smallest of them`
  return differ ? `${limits}; their prices differ.` : `${limits}.`
}

function infoOf(deployment: JsonObject): JsonObject {
  return isObject(deployment.model_info) ? deployment.model_info : {}
}

function modelOf(deployment: JsonObject): string | undefined {
  const model = isObject(deployment.litellm_params) ? deployment.litellm_params.model : undefined
  return typeof model === 'string' ? model : undefined
}

/** `mode`: the gateway's word for what a model does. It has none for models that it knows nothing of. */
export function chatsIn(mode: Json | undefined): boolean {
  return typeof mode !== 'string' || ['chat', 'completion', 'responses'].includes(mode)
}

function smallest(values: (Json | undefined)[]): number | undefined {
  const known = values.filter((value) => typeof value === 'number' && value > 0) as number[]
  return known.length > 0 ? Math.min(...known) : undefined
}

/** False where one deployment cannot, undefined where one does not say and none says that it cannot. */
function all(infos: readonly JsonObject[], ability: string): boolean | undefined {
  const told = infos.map((info) => info[ability])
  if (told.includes(false)) return false
  return told.every((able) => able === true) ? true : undefined
}

const PRICES = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cacheRead: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
} as const

/** Nothing for input and output both is what the gateway says of models it has no price for. */
function priceOf(info: JsonObject): Price | undefined {
  const base = ratesOf(info, '')
  if (!base.input && !base.output) return undefined
  const bounds = new Set(Object.keys(info).flatMap((key) => /_above_(\d+)k_tokens$/.exec(key)?.[1] ?? []))
  const tiers = [...bounds]
    .map((bound): PriceTier => ({ above: Number(bound) * 1000, ...ratesOf(info, `_above_${bound}k_tokens`) }))
    .filter((tier) => Object.keys(tier).length > 1)
    .sort((left, right) => left.above - right.above)
  return { ...base, ...(tiers.length > 0 && { tiers }) }
}

function ratesOf(info: JsonObject, suffix: string): Omit<Price, 'tiers'> {
  const rates = Object.entries(PRICES).flatMap(([ours, theirs]) => {
    const perToken = info[theirs + suffix]
    // Nine digits are finer than any price, and keep 0.0000003 * 1e6 from becoming 0.29999999999999993.
    return typeof perToken === 'number' && perToken >= 0 ? [[ours, Number((perToken * 1e6).toFixed(9))]] : []
  })
  return Object.fromEntries(rates) as Omit<Price, 'tiers'>
}

function listOf(body: Json): JsonObject[] {
  const list = isObject(body) ? body.data : undefined
  return Array.isArray(list) ? list.filter((entry) => isObject(entry)) : []
}

/** Gateways close the route to virtual keys in several ways, or do not have it. */
function isRefusal(error: unknown): boolean {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 0
  return status >= 400 && status < 500 && status !== 429
}
