/** How much a model may write and how it is asked to think. What the model list told wins over what we assume. */
import type { ModelInfo as Listed } from '@anthropic-ai/sdk/resources/models'
import type { JsonObject } from '../../shared/json.ts'
import type { ChatRequest } from '../types.ts'

/** What the model list told of the models, by id. Empty until it was asked. */
export type Limits = ReadonlyMap<string, Listed>

/** Tokens. The API demands a limit; this one every model since Claude 3.7 accepts. */
const USUAL_OUTPUT = 32_000
/** Tokens. The least of the models before that. */
const EARLY_OUTPUT = 4096
/** Tokens of thinking, for the models that take a budget. The API's least is 1,024. */
const BUDGETS = { low: 4096, medium: 10_000, high: 24_000 } as const
const LEAST_BUDGET = 1024

/** Models whose limits and kind of thinking are documented and final, for when the list was not asked. */
const EARLY = /^claude-(2|instant|3-(5-)?(opus|sonnet|haiku))/
const THINKS_BY_BUDGET = /^claude-(3-7-|(opus|sonnet|haiku)-4(-[015])?(-\d{8}|-latest)?$)/

export function outputLimit(request: ChatRequest, limits: Limits): number {
  if (request.maxOutputTokens !== undefined) return request.maxOutputTokens
  const listed = limits.get(request.model)?.max_tokens ?? undefined
  if (listed !== undefined) return Math.min(listed, USUAL_OUTPUT)
  return EARLY.test(request.model) ? EARLY_OUTPUT : USUAL_OUTPUT
}

/** `thinking` and `output_config`, or nothing where the model's own default is right or all it takes. */
export function thinkingParams(request: ChatRequest, limits: Limits, maxTokens: number): JsonObject {
  const level = request.thinking
  if (level === undefined) return {}
  const ways = waysOf(request.model, limits)
  if (level === 'off') return ways.off ? { thinking: { type: 'disabled' } } : {}
  // The API refuses thinking together with a tool the model is forced to call.
  const forced = request.toolChoice === 'required' || typeof request.toolChoice === 'object'
  if (forced) return {}
  if (ways.adaptive) {
    return {
      thinking: { type: 'adaptive', display: 'summarized' },
      ...(ways.effort ? { output_config: { effort: level } } : {}),
    }
  }
  const budget = Math.min(BUDGETS[level], maxTokens - LEAST_BUDGET)
  return ways.budget && budget >= LEAST_BUDGET ? { thinking: { type: 'enabled', budget_tokens: budget } } : {}
}

type Ways = { adaptive: boolean; budget: boolean; off: boolean; effort: boolean }

function waysOf(model: string, limits: Limits): Ways {
  const told = limits.get(model)?.capabilities
  const types = told?.thinking?.types
  if (told && types) {
    return {
      adaptive: types.adaptive.supported,
      budget: types.enabled.supported,
      off: types.disabled?.supported ?? true,
      effort: told.effort?.supported ?? false,
    }
  }
  const budget = THINKS_BY_BUDGET.test(model)
  const adaptive = !budget && !EARLY.test(model)
  return { adaptive, budget, off: true, effort: adaptive }
}
