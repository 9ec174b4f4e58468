/** Arguments of a call that stream: each piece names the place in the arguments where it belongs. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'

/** Puts the pieces in their places. Text at a place that has text already is appended. */
export function addArguments(args: JsonObject, pieces: Json | undefined): void {
  for (const piece of Array.isArray(pieces) ? pieces : []) {
    if (!isObject(piece) || typeof piece.jsonPath !== 'string') continue
    const [value] = [piece.stringValue, piece.numberValue, piece.boolValue].filter((each) => each !== undefined)
    place(args, stepsOf(piece.jsonPath), value ?? null)
  }
}

/** `$.recipe.steps[3]['a b']` as its steps. */
function stepsOf(path: string): (string | number)[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/g)
  return [...steps].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1')) : Number(index),
  )
}

type Holder = Record<string | number, Json | undefined>

function place(args: JsonObject, steps: (string | number)[], value: Json): void {
  let holder = args as Holder
  for (const [at, step] of steps.entries()) {
    // A path of the model's own making must not reach what all objects share.
    if (step === '__proto__') return
    const before = Object.hasOwn(holder, step) ? holder[step] : undefined
    const next = steps[at + 1]
    if (next === undefined) {
      holder[step] = typeof before === 'string' && typeof value === 'string' ? before + value : value
      return
    }
    const inner = isObject(before) || Array.isArray(before) ? before : typeof next === 'number' ? [] : {}
    holder[step] = inner
    holder = inner as Holder
  }
}
