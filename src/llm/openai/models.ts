/** `GET /models`. OpenAI's own list holds ids only; compatible servers add what they know, each under its own names. */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { ModelInfo, Price, ProviderId } from '../../shared/model.ts'
import type { Call } from './client.ts'

/** The models of an endpoint, in its own order. Throws what the SDK throws. */
export async function fetchModels({ client }: Call, id: ProviderId, signal: AbortSignal): Promise<ModelInfo[]> {
  const body = await client.get<Json>('/models', { signal })
  return entriesOf(body).flatMap((entry) => {
    const model = typeof entry.id === 'string' ? entry.id : undefined
    if (model === undefined || !chats(entry, model, id)) return []
    return [modelInfo(entry, model, id)]
  })
}

// OpenAI's list tells nothing but ids; these are the families its documentation names that do not answer in text here.
const NOT_CHAT =
  /embedding|whisper|\btts\b|dall-e|image|moderation|audio|realtime|transcribe|translate|babbage|davinci|sora|instruct|search-preview|deep-research|computer-use|live/

function chats(entry: JsonObject, model: string, id: ProviderId): boolean {
  if (id === 'openai') return !NOT_CHAT.test(model)
  const { type, capabilities } = entry
  if (typeof type === 'string' && /embed|rerank|image|audio|moderation/.test(type)) return false
  return !(isObject(capabilities) && capabilities.completion_chat === false)
}

function modelInfo(entry: JsonObject, model: string, provider: ProviderId): ModelInfo {
  const top = objectOf(entry.top_provider)
  const meta = objectOf(entry.meta)
  const contextWindow = count(
    entry.context_length,
    entry.max_model_len,
    entry.context_window,
    entry.max_context_length,
    entry.max_input_tokens,
    meta.n_ctx,
    meta.n_ctx_train,
  )
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
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...abilities(entry),
    ...(price && { price }),
    source: 'provider',
  }
}

function abilities(entry: JsonObject): Pick<ModelInfo, 'tools' | 'images' | 'thinking'> {
  const parameters = strings(entry.supported_parameters)
  const inputs = strings(objectOf(entry.architecture).input_modalities)
  const able = objectOf(entry.capabilities)
  const tools = parameters ? parameters.includes('tools') : flag(able.function_calling)
  const images = inputs ? inputs.includes('image') : flag(able.vision)
  const thinking = parameters ? parameters.includes('reasoning') : flag(able.reasoning)
  return {
    ...(tools !== undefined && { tools }),
    ...(images !== undefined && { images }),
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

function entriesOf(body: Json): JsonObject[] {
  const list = Array.isArray(body) ? body : isObject(body) ? (body.data ?? body.models) : undefined
  return Array.isArray(list) ? list.filter((entry) => isObject(entry)) : []
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
