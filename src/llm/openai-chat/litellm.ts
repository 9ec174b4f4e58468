/** What a LiteLLM gateway has of its own. Its model list is in `openai/litellm-models.ts`, because two dialects need it. */
import { deploymentsOf } from '../openai/litellm-models.ts'
import { withCacheMarks } from './cache-marks.ts'
import type { Flavour } from './flavour.ts'
import { objectsIn } from './reasoning.ts'

export const litellm: Flavour = {
  /**
   * Claude behind a gateway caches only what is marked. Any other gets no marks: of Gemini they would rent a cache, and
   * servers that nobody knows may refuse them.
   */
  body(body, { model }, baseUrl) {
    const isClaude = deploymentsOf(baseUrl, model).every((name) => /claude|anthropic/i.test(name))
    return isClaude ? { ...body, messages: withCacheMarks(objectsIn(body.messages)) } : body
  },

  /**
   * The gateway counts the cost itself. Release 1.102 tells that of a stream as `cost` in the usage at its end, and that
   * of a whole answer in this header; one that it has no price for comes without either.
   */
  usage(usage, headers) {
    const told = headers?.get('x-litellm-response-cost')
    const cost = told ? Number(told) : Number.NaN
    return usage.cost === undefined && cost > 0 ? { ...usage, cost } : usage
  },
}
