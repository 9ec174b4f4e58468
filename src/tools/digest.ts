/** Digests of JSON that do not depend on the order of keys. */
import { createHash } from 'node:crypto'
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'

/** SHA-256 in hex. */
export function digestOf(value: Json): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
}

/** Objects as pairs: an object would put keys that look like numbers first, and would lose `__proto__`. */
function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort()
  return { object: keys.map((key) => [key, ordered(value[key] ?? null)]) }
}
