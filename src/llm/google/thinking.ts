/** How a model is asked to think. The newer ones take a level, those of 2.5 a budget of tokens, any other nothing. */
import type { Model } from '@google/genai/web'
import type { JsonObject } from '../../shared/json.ts'
import type { ChatRequest } from '../types.ts'

/** What the model list told of the models, by id. Empty until it was asked. */
export type Told = ReadonlyMap<string, Model>

/** Tokens of thinking. The most that all models of 2.5 take is 24,576. */
const BUDGETS = { low: 2048, medium: 8192, high: 24_576 } as const
/** Tokens. The least that all models of 2.5 take, and what is left to the answer at least. */
const LEAST_BUDGET = 512
const LEAST_ANSWER = 1024
/** Tokens. Pro always thinks; this is the least it takes. */
const LEAST_OF_PRO = 128

/** True for Gemini 3 and later: thinks by level, checks the signatures of calls, takes files in tool results. */
export function isThird(model: string): boolean {
  return /(^|\/)gemini-([3-9]|[1-9]\d)/.test(model)
}

/** `thinkingConfig`, or nothing where the model's own default is right or all it has. */
export function thinkingParams({ model, thinking, maxOutputTokens }: ChatRequest, told: Told): JsonObject {
  if (thinking === undefined || told.get(model)?.thinking === false) return {}
  if (isThird(model)) return config(levelOf(model, thinking), thinking)
  // An alias as gemini-flash-latest may be of either kind, and the newer ones still take a budget.
  const byBudget = /gemini-2\.5-(?!.*(image|tts))|gemini-.*-latest$/.test(model) || told.get(model)?.thinking === true
  if (!byBudget) return {}
  const none = { thinkingBudget: /pro/.test(model) ? LEAST_OF_PRO : 0 }
  if (thinking === 'off') return config(none, thinking)
  // The limit of an answer holds for thoughts and words together.
  const room = (maxOutputTokens ?? Infinity) - LEAST_ANSWER
  const thinkingBudget = Math.min(BUDGETS[thinking], room)
  return thinkingBudget < LEAST_BUDGET ? config(none, 'off') : config({ thinkingBudget }, thinking)
}

function config(how: JsonObject, thinking: ChatRequest['thinking']): JsonObject {
  return { thinkingConfig: { ...how, ...(thinking === 'off' ? {} : { includeThoughts: true }) } }
}

/** These models cannot stop thinking, so off is the least they can. */
function levelOf(model: string, thinking: NonNullable<ChatRequest['thinking']>): JsonObject {
  const pro = /-pro/.test(model)
  if (thinking === 'off') return { thinkingLevel: pro ? 'LOW' : 'MINIMAL' }
  // The first of the line has no level between the two.
  const between = thinking === 'medium' && /gemini-3-pro/.test(model) ? 'HIGH' : thinking.toUpperCase()
  return { thinkingLevel: between }
}
