/**
 * What a provider's own JSON holds beyond what we can rebuild of it. `restore(rebuilt, residueOf(raw, rebuilt))` is
 * `raw` again, for any two values, so a sealed block never depends on a list of the fields we happen to know.
 */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'

/** Keys to set, keys to take away, and residues of nested values. An array of the same length counts as an object. */
type Patch = { set?: JsonObject; unset?: string[]; deep?: { [key: string]: Residue } }
type Residue = { value: Json } | Patch

/** Undefined where `rebuilt` already equals `raw`. Both must be plain JSON: a key that is undefined counts as absent. */
export function residueOf(raw: Json, rebuilt: Json): Json | undefined {
  return difference(raw, rebuilt) as Json | undefined
}

/** The raw value again. A residue that nobody wrote (a damaged row) leaves `rebuilt` as it is. */
export function restore(rebuilt: Json, residue: Json | undefined): Json {
  if (!isObject(residue)) return rebuilt
  if ('value' in residue) return residue.value as Json
  return apply(rebuilt, residue as Patch)
}

function difference(raw: Json, rebuilt: Json): Residue | undefined {
  if (Array.isArray(raw) && Array.isArray(rebuilt)) {
    return raw.length === rebuilt.length ? patch(entriesOf(raw), entriesOf(rebuilt)) : { value: raw }
  }
  if (isObject(raw) && isObject(rebuilt)) return patch(raw, rebuilt)
  return raw === rebuilt ? undefined : { value: raw }
}

const entriesOf = (list: Json[]): JsonObject => Object.fromEntries(list.entries())

function patch(raw: JsonObject, rebuilt: JsonObject): Patch | undefined {
  const set: [string, Json][] = []
  const deep: [string, Residue][] = []
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) continue
    const mine = Object.hasOwn(rebuilt, key) ? rebuilt[key] : undefined
    const inner = mine === undefined ? { value } : difference(value, mine)
    if (inner === undefined) continue
    if ('value' in inner) set.push([key, inner.value])
    else deep.push([key, inner])
  }
  const unset = Object.keys(rebuilt).filter((key) => rebuilt[key] !== undefined && !Object.hasOwn(raw, key))
  if (set.length + deep.length + unset.length === 0) return undefined
  return {
    ...(set.length > 0 && { set: Object.fromEntries(set) }),
    ...(unset.length > 0 && { unset }),
    ...(deep.length > 0 && { deep: Object.fromEntries(deep) }),
  }
}

function apply(rebuilt: Json, change: Patch): Json {
  const fields = Array.isArray(rebuilt) || isObject(rebuilt) ? Object.entries(rebuilt) : []
  const result = new Map<string, Json>(fields)
  for (const key of change.unset ?? []) result.delete(key)
  for (const [key, value] of Object.entries(change.set ?? {})) result.set(key, value)
  for (const [key, inner] of Object.entries(change.deep ?? {})) result.set(key, restore(result.get(key) ?? null, inner))
  return Array.isArray(rebuilt) ? [...result.values()] : Object.fromEntries(result)
}
