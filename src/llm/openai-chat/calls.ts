/** Tool calls as they stream: pieces filed by index, by id where there is no index, or as the one before. */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { ToolCall } from '../../shared/message.ts'
import { callBlock } from './blocks.ts'

/** A call in the making. `block`: its index in the stream. */
export type GrowingCall = {
  block: number
  place: number | undefined
  raw: JsonObject
  id: string
  name: string
  json: string
}

export class Calls {
  readonly all: GrowingCall[] = []

  /** The call that a piece belongs to: one of `all`, or undefined where it begins another. */
  find(piece: JsonObject): GrowingCall | undefined {
    const id = textOf(piece.id)
    if (typeof piece.index === 'number') {
      const there = this.all.findLast((call) => call.place === piece.index)
      // Some servers give every call of an answer the same index: another id is another call.
      return there && id !== '' && there.id !== '' && there.id !== id ? undefined : there
    }
    if (id !== '') return this.all.find((call) => call.id === id)
    return nameIn(piece) === '' ? this.all.at(-1) : undefined
  }

  begin(piece: JsonObject, block: number): GrowingCall {
    const place = typeof piece.index === 'number' ? piece.index : undefined
    // Results are matched by id, so a call without one gets one of ours.
    const id = textOf(piece.id) || `call_${globalThis.crypto.randomUUID()}`
    const call: GrowingCall = { block, place, raw: {}, id, name: '', json: '' }
    this.all.push(call)
    return call
  }

  /** Adds a piece to its call and returns the piece of its arguments. */
  add(call: GrowingCall, piece: JsonObject): string {
    const { index: _index, function: made, ...rest } = piece
    const { arguments: given, ...named } = isObject(made) ? made : {}
    const before = isObject(call.raw.function) ? call.raw.function : {}
    call.raw = { ...joined(call.raw, rest), function: joined(before, named) }
    call.name ||= nameIn(piece)
    const json = typeof given === 'string' ? given : given === undefined || given === null ? '' : JSON.stringify(given)
    call.json += json
    return json
  }
}

/** The call as it stands, for showing while it grows. */
export function growing(call: GrowingCall): ToolCall {
  return { type: 'tool-call', id: call.id, name: call.name, ranBy: 'host', json: '' }
}

/** The finished call. */
export function finished({ raw, id, name, json }: GrowingCall): ToolCall {
  const made = isObject(raw.function) ? raw.function : {}
  return callBlock({ ...raw, type: raw.type || 'function', id, function: { ...made, name, arguments: json } })
}

/** Later pieces repeat fields as null or as empty text; those take nothing away. */
function joined(before: JsonObject, added: JsonObject): JsonObject {
  const says = ([key, value]: [string, Json]) => !(key in before) || (value !== null && value !== '')
  return { ...before, ...Object.fromEntries(Object.entries(added).filter(says)) }
}

function nameIn(piece: JsonObject): string {
  return isObject(piece.function) ? textOf(piece.function.name) : ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
