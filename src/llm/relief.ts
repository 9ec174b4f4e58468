/**
 * What servers refuse of a request, and the request without it. Models and compatible servers differ in the parameters
 * they take and no endpoint tells which, so a refusal that names one is answered once with a request that does without.
 * What was learned is remembered, so that only the first request to a model pays for it.
 */
import type { JsonObject } from '../shared/json.ts'
import { refusesTools } from './refused-tools.ts'
import { refusesFiles } from './unseen.ts'

export type Relief = {
  name: string
  /** True where this would help. `refusal`: the server's words and the parameter it names, in lower case. */
  helps(body: JsonObject, refusal: string): boolean
  /** The request without what was refused. */
  apply(body: JsonObject): JsonObject
}

/** Calls `send` with the body, again with less of it while refusals name what to leave out. Throws the last refusal. */
export async function withRelief<T>(
  body: JsonObject,
  reliefs: readonly Relief[],
  learned: Set<string>,
  send: (body: JsonObject) => Promise<T>,
): Promise<T> {
  let current = reliefs.reduce((smaller, relief) => (learned.has(relief.name) ? relief.apply(smaller) : smaller), body)
  for (;;) {
    try {
      return await send(current)
    } catch (error) {
      const refusal = refusalOf(error)
      const relief = refusal && reliefs.find((each) => !learned.has(each.name) && each.helps(current, refusal))
      if (!relief) throw error
      learned.add(relief.name)
      current = relief.apply(current)
    }
  }
}

/** The reliefs that each model of each endpoint needs. Not kept by a connection, because each request may open its own. */
const learned = new Map<string, Set<string>>()

export function learnedFor(baseUrl: string, model: string): Set<string> {
  const key = JSON.stringify([baseUrl, model])
  const known = learned.get(key) ?? new Set<string>()
  learned.set(key, known)
  return known
}

export function without(body: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = body
  return rest
}

// A parameter named because of its value ("must be at most 2") is the person's to correct, not ours to drop.
const NOT_TAKEN =
  /unsupported|not (be )?support|only support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|forbidden|additional propert|invalid (field|param|arg)|must be verified|instead|must end with|incompatible/

/** A request refused for what it holds, in the server's words; undefined for every other error. */
function refusalOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { status, param, message } = error as { status?: unknown; param?: unknown; message?: unknown }
  const words = `${typeof param === 'string' ? param : ''} ${typeof message === 'string' ? message : ''}`.toLowerCase()
  if (refusesFiles(words) || refusesTools(words)) return words
  return (status === 400 || status === 422) && NOT_TAKEN.test(words) ? words : undefined
}
