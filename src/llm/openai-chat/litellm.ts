/** What a LiteLLM gateway has of its own. Its model list is in `openai/litellm-models.ts`, because two dialects need it. */
import type { Flavour } from './flavour.ts'

export const litellm: Flavour = {
  /** The gateway counts the cost itself. Streams often come without the header, because it is sent before the answer. */
  usage(usage, headers) {
    const told = headers?.get('x-litellm-response-cost')
    const cost = told ? Number(told) : Number.NaN
    return usage.cost === undefined && cost > 0 ? { ...usage, cost } : usage
  },
}
