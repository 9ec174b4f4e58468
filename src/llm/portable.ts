/** What another provider's answer becomes so that any provider takes it: no seals, and ids and names all of them accept. */
import { isObject } from '../shared/json.ts'
import type { Block, ToolCall } from '../shared/message.ts'

/** The ids of calls as they go out. One instance sees a whole history in its order. */
export class CallIds {
  readonly #taken = new Set<string>()
  readonly #times = new Map<string, number>()

  /** Keeps an id of the provider's own. */
  keep(id: string): void {
    this.#taken.add(id)
  }

  /**
   * A new id for another provider's call: nine letters and digits, because no API demands less and one demands just
   * that, and no other call's. The same history gives the same ids, also when it grows.
   */
  give(id: string): string {
    for (;;) {
      const time = this.#times.get(id) ?? 0
      this.#times.set(id, time + 1)
      const given = time === 0 && /^[a-zA-Z0-9]{9}$/.test(id) ? id : nineOf(`${id} ${time}`)
      if (this.#taken.has(given)) continue
      this.#taken.add(given)
      return given
    }
  }
}

/** The block for another provider, or undefined for what only its own can read and for work that its own did itself. */
export function portable(block: Block, ids: CallIds): Block | undefined {
  switch (block.type) {
    case 'text':
      return block.text.trim() === '' ? undefined : wellFormed(withoutWire(block))
    case 'file':
      return withoutWire(block)
    case 'tool-call':
      return block.ranBy === 'host' && block.input !== undefined ? portableCall(block, ids) : undefined
    default:
      return undefined
  }
}

function portableCall(call: ToolCall, ids: CallIds): ToolCall {
  const { input = {}, ...rest } = withoutWire(call)
  const given = { ...rest, id: ids.give(call.id), name: nameOf(call.name), input }
  // Arguments that are no object are JSON, but no provider takes them as arguments.
  return isObject(input) ? given : { ...given, input: { input }, json: JSON.stringify({ input }) }
}

/** Models make up names that even their own API refuses to hear again. */
function nameOf(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 63)
  return /^[a-zA-Z_]/.test(clean) ? clean : `_${clean}`
}

export function withoutWire<B extends Block>(block: B): B {
  if (block.wire === undefined) return block
  const { wire: _, ...rest } = block
  return rest as B
}

/** Half a character, as a cut leaves it, is valid in JavaScript and refused as JSON by servers. */
export function wellFormed<B extends Block>(block: B): B {
  return block.type === 'text' && !block.text.isWellFormed() ? { ...block, text: block.text.toWellFormed() } : block
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Nine digits of 53 bits that depend on every character. */
function nineOf(text: string): string {
  let [high, low] = [0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code ^ (low >>> 7), 0x2c1b3c6d)
    low = Math.imul(low ^ code ^ (high >>> 9), 0x297a2d39)
  }
  let number = ((high ^ (high >>> 15)) >>> 0) * 2 ** 21 + ((low ^ (low >>> 13)) >>> 11)
  let digits = ''
  for (; digits.length < 9; number = Math.floor(number / 62)) digits += DIGITS[number % 62] ?? ''
  return digits
}
