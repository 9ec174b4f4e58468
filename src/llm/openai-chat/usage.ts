/** Token counts of Chat Completions, whose providers agree on two fields and on nothing else. */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Usage } from '../../shared/message.ts'
import { estimateTokens } from '../../shared/tokens.ts'

/** The usage a chunk reports, wherever it keeps it. */
export function usageIn(chunk: JsonObject): Usage | undefined {
  const raw = [chunk.usage, isObject(chunk.x_groq) ? chunk.x_groq.usage : undefined].find((value) => isObject(value))
  return isObject(raw) ? usageOf(raw) : undefined
}

/** xAI counts money in ten-thousandths of a millionth of a dollar. */
const TICKS_A_DOLLAR = 1e10

function usageOf(raw: JsonObject): Usage {
  const prompt = objectOf(raw.prompt_tokens_details)
  const reasoning = amount(objectOf(raw.completion_tokens_details).reasoning_tokens) ?? amount(raw.reasoning_tokens)
  const total = amount(raw.prompt_tokens) ?? 0
  const cacheRead = amount(prompt.cached_tokens, raw.prompt_cache_hit_tokens, raw.cache_read_input_tokens) ?? 0
  const cacheWrite = amount(prompt.cache_write_tokens, raw.cache_creation_input_tokens) ?? 0
  const completion = amount(raw.completion_tokens) ?? 0
  // Where the total only adds up with the reasoning on top, the provider does not count it as completion.
  const apart = reasoning !== undefined && amount(raw.total_tokens) === total + completion + reasoning
  const cost = costOf(raw)
  return {
    input: Math.max(0, total - cacheRead - cacheWrite),
    output: completion + (apart ? reasoning : 0),
    cacheRead,
    cacheWrite,
    ...(reasoning !== undefined && { reasoning }),
    ...(cost !== undefined && { cost }),
    wire: raw,
  }
}

function costOf(raw: JsonObject): number | undefined {
  const ticks = amount(raw.cost_in_usd_ticks)
  return amount(raw.cost, objectOf(raw.cost).total_cost) ?? (ticks === undefined ? undefined : ticks / TICKS_A_DOLLAR)
}

/** Our own count for a server that keeps its count to itself. */
export function estimatedUsage(body: JsonObject, answer: string): Usage {
  const asked = JSON.stringify(body, (_key, value: unknown) => (isDataUrl(value) ? '' : value))
  return { input: estimateTokens(asked), output: estimateTokens(answer), cacheRead: 0, cacheWrite: 0, estimated: true }
}

function isDataUrl(value: unknown): boolean {
  return typeof value === 'string' && /^data:[\w/+.-]+;base64,/.test(value)
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function amount(...candidates: (Json | undefined)[]): number | undefined {
  return candidates.find((value) => typeof value === 'number' && value >= 0) as number | undefined
}
