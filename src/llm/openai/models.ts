/** `GET /models`. OpenAI's own list holds ids only; compatible servers add what they know, each under its own names. */
import { FailureError } from '../../shared/failure.ts'
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { ModelInfo, Price, ProviderId } from '../../shared/model.ts'
import { sentence } from '../sentences.ts'
import type { Call } from './client.ts'
import { chatsIn, fetchDeployments, fromDeployments, hasWildcards } from './litellm-models.ts'

/** The models of an endpoint, in its own order. Throws what the SDK throws. */
export async function fetchModels(call: Call, id: ProviderId, signal: AbortSignal): Promise<ModelInfo[]> {
  const deployments = id === 'litellm' ? await fetchDeployments(call, signal) : undefined
  if (!deployments || deployments.length === 0) return fetchList(call, id, signal)
  const models = fromDeployments(deployments, id)
  if (!hasWildcards(deployments)) return models
  const ids = new Set(deployments.map(({ model_name: name }) => name))
  return [...models, ...(await fetchList(call, id, signal)).filter((model) => !ids.has(model.id))]
}

async function fetchList({ client, context }: Call, id: ProviderId, signal: AbortSignal): Promise<ModelInfo[]> {
  const entries = entriesOf(await client.get<Json>('/models', { signal }))
  if (!entries) throw new FailureError({ code: 'malformed', message: sentence('not-a-stream', context) })
  const told = entries.some(isLmStudios) ? await toldByLmStudio(client, signal) : undefined
  return entries.flatMap((listed) => {
    const model = typeof listed.id === 'string' ? listed.id : undefined
    const entry = { ...listed, ...told?.get(model ?? '') }
    if (model === undefined || !chats(entry, model, id)) return []
    return [modelInfo(entry, model, id)]
  })
}

/** LM Studio lists bare ids here, signed with this name; what it knows of them is at another path of the same server. */
const isLmStudios = (entry: JsonObject): boolean => entry.owned_by === 'organization_owner'

async function toldByLmStudio(client: Call['client'], signal: AbortSignal): Promise<Map<string, JsonObject>> {
  const path = new URL('/api/v0/models', client.baseURL).href
  const list = await client.get<Json>(path, { signal }).then(entriesOf, () => undefined)
  signal.throwIfAborted()
  return new Map((list ?? []).map((entry) => [String(entry.id), entry]))
}

// OpenAI's list tells nothing but ids; these are the families its documentation names that do not answer in text here.
const NOT_CHAT =
  /embedding|whisper|\btts\b|dall-e|image|moderation|audio|realtime|transcribe|translate|babbage|davinci|sora|instruct|search-preview|deep-research|computer-use|live/

function chats(entry: JsonObject, model: string, id: ProviderId): boolean {
  if (id === 'openai') return !NOT_CHAT.test(model)
  const { type, capabilities, active, mode } = entry
  // LiteLLM's word, which it gives also to keys that may not ask for more than names.
  if (active === false || !chatsIn(mode)) return false
  const outputs = strings(objectOf(entry.architecture).output_modalities)
  if (outputs && !outputs.includes('text')) return false
  if (typeof type === 'string' && /embed|rerank|image|audio|moderation/.test(type)) return false
  return !(isObject(capabilities) && capabilities.completion_chat === false)
}

function modelInfo(entry: JsonObject, model: string, provider: ProviderId): ModelInfo {
  const top = objectOf(entry.top_provider)
  const meta = objectOf(entry.meta)
  const contextWindow = count(
    entry.loaded_context_length,
    entry.context_length,
    entry.max_model_len,
    entry.context_window,
    entry.max_context_length,
    entry.max_input_tokens,
    meta.n_ctx,
  )
  // What the model was made for: how much of it the server has memory for is not told.
  const guess = contextWindow === undefined ? count(meta.n_ctx_train) : undefined
  const maxOutputTokens = count(
    top.max_completion_tokens,
    entry.max_completion_tokens,
    entry.max_output_tokens,
    entry.max_output_length,
  )
  const price = priceOf(objectOf(entry.pricing))
  return {
    id: model,
    provider,
    name: [entry.name, entry.display_name].find((name) => typeof name === 'string') ?? model,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(guess !== undefined && { contextWindow: guess, guessed: true as const }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...abilities(entry),
    ...(price && { price }),
    ...lifetime(entry, model),
    source: 'provider',
  }
}

/** When it ends, and what its name stands for: OpenRouter's and Mistral's words for both. */
function lifetime(entry: JsonObject, model: string): Pick<ModelInfo, 'retiresAt' | 'snapshot'> {
  const [ends] = [entry.expiration_date, entry.deprecation].filter((date) => typeof date === 'string')
  const retiresAt = ends === undefined ? Number.NaN : Date.parse(ends)
  const own = Array.isArray(entry.aliases) ? entry.name : undefined
  const [snapshot] = [objectOf(entry.alias_target).slug, entry.canonical_slug, own].filter(
    (name) => typeof name === 'string' && name !== '' && name !== model,
  )
  return {
    ...(!Number.isNaN(retiresAt) && { retiresAt }),
    ...(typeof snapshot === 'string' && { snapshot }),
  }
}

function abilities(entry: JsonObject): Pick<ModelInfo, 'tools' | 'images' | 'pdfs' | 'thinking'> {
  const parameters = strings(entry.supported_parameters)
  const inputs = strings(objectOf(entry.architecture).input_modalities)
  const able = objectOf(entry.capabilities)
  // LM Studio's way: a list, and a type for models that see.
  const list = strings(entry.capabilities)
  const sees = flag(able.vision) ?? (list ? entry.type === 'vlm' || list.includes('vision') : undefined)
  const tools = parameters ? parameters.includes('tools') : (flag(able.function_calling) ?? list?.includes('tool_use'))
  const images = inputs ? inputs.includes('image') : sees
  const thinking = parameters ? parameters.includes('reasoning') : flag(able.reasoning)
  return {
    ...(tools !== undefined && { tools }),
    ...(images !== undefined && { images }),
    // Without it nothing is said: OpenRouter itself reads PDFs for the models that cannot.
    ...(inputs?.includes('file') && { pdfs: true }),
    ...(thinking !== undefined && { thinking }),
  }
}

/** OpenRouter's prices: decimal strings in USD for one token. -1 means that it depends. */
function priceOf(pricing: JsonObject): Price | undefined {
  const names = {
    input: 'prompt',
    output: 'completion',
    cacheRead: 'input_cache_read',
    cacheWrite: 'input_cache_write',
  }
  const prices = Object.entries(names).flatMap(([ours, theirs]) => {
    const perToken = typeof pricing[theirs] === 'string' ? Number(pricing[theirs]) : Number.NaN
    // Nine digits are finer than any price, and keep 0.0000003 * 1e6 from becoming 0.29999999999999993.
    return perToken >= 0 ? [[ours, Number((perToken * 1e6).toFixed(9))]] : []
  })
  return prices.length > 0 ? (Object.fromEntries(prices) as Price) : undefined
}

/** Undefined for an answer that is no list: a sign-in page, another kind of server. Some servers send null for none. */
function entriesOf(body: Json): JsonObject[] | undefined {
  const list = Array.isArray(body) ? body : isObject(body) ? (body.data ?? body.models) : undefined
  if (list == null && isObject(body) && 'data' in body) return []
  return Array.isArray(list) ? list.filter((entry) => isObject(entry)) : undefined
}

function count(...candidates: (Json | undefined)[]): number | undefined {
  return candidates.find((value) => typeof value === 'number' && value > 0) as number | undefined
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function strings(value: Json | undefined): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined
}

function flag(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}
