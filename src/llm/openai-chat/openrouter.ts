/** What OpenRouter has of its own: how thinking is asked for, costs in the answer, and a name for the app that asks. */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import { without } from '../relief.ts'
import { withCacheMarks } from './cache-marks.ts'
import type { Flavour } from './flavour.ts'
import { objectsIn } from './reasoning.ts'

export const openrouter: Flavour = {
  keyPath: '/key',

  headers: { 'HTTP-Referer': 'https://github.com/panelist/panelist', 'X-Title': 'Panelist' },

  body(body, { model, thinking }) {
    const { reasoning_effort: effort, ...rest } = body
    const asked: JsonObject = {
      ...rest,
      ...(thinking !== undefined && { reasoning: { effort: effort ?? 'none' } }),
      usage: { include: true },
    }
    // The makers of these models cache only what is marked; others do it by themselves or take money for marks.
    return /^~?anthropic\//.test(model) ? { ...asked, messages: withCacheMarks(objectsIn(body.messages)) } : asked
  },

  reliefs: [
    {
      name: 'no-reasoning',
      helps: (body, refusal) => /\breasoning\b(?!_)/.test(refusal) && 'reasoning' in body,
      apply: (body) => without(body, 'reasoning'),
    },
  ],

  /** With a key of one's own at the maker, the cost is OpenRouter's fee alone, and the maker's bill is told apart. */
  usage(usage) {
    const raw = isObject(usage.wire) ? usage.wire : {}
    const details = isObject(raw.cost_details) ? raw.cost_details : {}
    const upstream = details.upstream_inference_cost
    if (raw.is_byok !== true || typeof upstream !== 'number') return usage
    return { ...usage, cost: (usage.cost ?? 0) + upstream }
  },
}
