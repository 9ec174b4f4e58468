/**
 * How large a context the server must load a model with. It decides that by itself and refuses a longer conversation;
 * then we ask for one that holds it. What a model needed is remembered, because each other size loads it anew.
 */
import type { JsonObject } from '../../shared/json.ts'
import { estimateTokens } from '../../shared/tokens.ts'

/** Tokens left for the answer where the request names no limit. */
const ROOM_FOR_ANSWER = 4096
/** An estimate may be this much too low. */
const MARGIN = 1.3
/** Tokens. About what an image takes in the models there are. */
const IMAGE = 1024
const LEAST = 8192

const needed = new Map<string, number>()

/** The size to ask for from the first try on, where one was needed before. Tokens. */
export function knownContext(baseUrl: string, model: string): number | undefined {
  return needed.get(JSON.stringify([baseUrl, model]))
}

/** A size that holds this request, or undefined where the model has no larger one. `most`: what the model can do. */
export function largerContext(
  baseUrl: string,
  body: JsonObject,
  most: number | undefined,
  answer = ROOM_FOR_ANSWER,
): number | undefined {
  const model = String(body.model)
  const before = knownContext(baseUrl, model) ?? 0
  let images = 0
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (key !== 'images' || !Array.isArray(value)) return value
    images += value.length
    return undefined
  })
  const tokens = (estimateTokens(text) + images * IMAGE) * MARGIN + answer
  const wanted = Math.max(LEAST, before * 2, 2 ** Math.ceil(Math.log2(tokens)))
  const size = Math.min(wanted, most ?? wanted)
  if (size <= before) return undefined
  needed.set(JSON.stringify([baseUrl, model]), size)
  return size
}
