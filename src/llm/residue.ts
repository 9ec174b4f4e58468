/**
 * The seal of the model. `wire` is what a provider's block holds beyond what the shared fields rebuild of it, computed
 * by comparing the two: nothing to forget when a provider adds a field.
 */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'

/** What to change in the rebuilt block to get the provider's own: top-level fields to set, and fields to take away. */
export type Residue = { set?: JsonObject; drop?: string[] }

/** The difference between a raw block and its rebuilt twin, or undefined where there is none. */
export function residueOf(raw: JsonObject, rebuilt: JsonObject): Residue | undefined {
  const set = Object.entries(raw).filter(([key, value]) => !Object.hasOwn(rebuilt, key) || !same(value, rebuilt[key]))
  const drop = Object.keys(rebuilt).filter((key) => !Object.hasOwn(raw, key))
  if (set.length === 0 && drop.length === 0) return undefined
  return { ...(set.length > 0 ? { set: Object.fromEntries(set) } : {}), ...(drop.length > 0 ? { drop } : {}) }
}

/** The provider's own block again. `residue` is a stored `wire`, so its shape is checked. */
export function withResidue(rebuilt: JsonObject, residue: Json | undefined): JsonObject {
  if (!isObject(residue)) return rebuilt
  const drop = Array.isArray(residue.drop) ? residue.drop : []
  const kept = Object.entries(rebuilt).filter(([key]) => !drop.includes(key))
  const set = isObject(residue.set) ? Object.entries(residue.set) : []
  return Object.fromEntries([...kept, ...set])
}

/** Deep equality of JSON, without regard to the order of keys. */
export function same(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => same(item, right[at]))
  }
  if (!isObject(left) || !isObject(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  )
}
