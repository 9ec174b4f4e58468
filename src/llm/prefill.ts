/**
 * Going on from a partial answer by giving it to the provider as the beginning of its own. Exact where it works, and
 * refused, or answered by something else, where it does not: so it is done only where it is documented to work, and a
 * refusal is answered by asking instead.
 */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { AssistantMessage, Message, Text } from '../shared/message.ts'
import type { ProviderId } from '../shared/model.ts'
import type { Relief } from './relief.ts'
import { without } from './relief.ts'
import type { ChatRequest } from './types.ts'

// Claude up to 4.5, in Anthropic's own names and in OpenRouter's. Later ones refuse, as do all while they think.
const EARLIER_CLAUDE =
  /(^|\/)claude-(2|instant|3([.-][57])?-|(opus|sonnet|haiku)-4([.-][015])?(-\d{8}|-latest)?(?=$|:))/

type Way = {
  goesFor(model: string): boolean
  /** What the server has to be told besides. */
  also?: JsonObject
  /** It writes on from the last character. Else it may begin anew, which is looked for as after asking (`join.ts`). */
  exact: boolean
}

const claude: Way = { goesFor: (model) => EARLIER_CLAUDE.test(model), exact: true }
const anyModel = (): boolean => true

/** By dialect, or by dialect and provider. What is not here is asked. */
const ways: Record<string, Way> = {
  anthropic: claude,
  'openai-chat/openrouter': claude,
  'openai-chat/vllm': {
    goesFor: anyModel,
    also: { continue_final_message: true, add_generation_prompt: false },
    exact: true,
  },
  'openai-chat/llamacpp': { goesFor: anyModel, exact: true },
  // The templates of some models close the beginning and start over.
  ollama: { goesFor: (model) => !/gpt-oss/.test(model), exact: false },
}

export type Prefill = { request: ChatRequest; also: JsonObject; exact: boolean }

/** The request that ends with the partial answer, or undefined where the provider has to be asked. */
export function prefillOf(request: ChatRequest, dialect: string, provider: ProviderId): Prefill | undefined {
  const way = ways[dialect] ?? ways[`${dialect}/${provider}`]
  const thinks = request.thinking !== undefined && request.thinking !== 'off'
  const forced = request.toolChoice === 'required' || typeof request.toolChoice === 'object'
  if (!request.goesOn || !way?.goesFor(request.model) || thinks || forced) return undefined
  const before = request.messages.slice(0, -1)
  const answer = begun(before.at(-1))
  if (!answer || request.messages.at(-1)?.role !== 'user') return undefined
  return { request: { ...request, messages: [...before.slice(0, -1), answer] }, also: way.also ?? {}, exact: way.exact }
}

/** Words alone, without white space at their end, which providers refuse. A model that thought before would think again. */
function begun(message: Message | undefined): AssistantMessage | undefined {
  if (message?.role !== 'assistant' || !message.content.every((block) => block.type === 'text')) return undefined
  const end = message.content.at(-1) as Text | undefined
  const text = end?.text.trimEnd()
  if (!end || !text) return undefined
  return { ...message, content: [...message.content.slice(0, -1), { ...end, text }] }
}

/** Asks instead, where the server does not take an answer at the end. `asked`: the request as it is without prefill. */
export function noPrefill(asked: ChatRequest): Relief {
  const last = asked.messages.at(-1)
  const content =
    last?.role === 'user' ? last.content.map((part) => (part.type === 'text' ? part.text : '')).join('') : ''
  return {
    name: 'no-prefill',
    helps: (body, refusal) => endsWithAnswer(body) && REFUSED.test(refusal),
    apply: (body) =>
      endsWithAnswer(body)
        ? { ...ALSO.reduce(without, body), messages: [...(body.messages as Json[]), { role: 'user', content }] }
        : body,
  }
}

const ALSO = Object.values(ways).flatMap(({ also }) => Object.keys(also ?? {}))
const REFUSED = /prefill|assistant|must end with|last message|final message|continue_final|generation_prompt/

export function endsWithAnswer(body: JsonObject): boolean {
  const last: unknown = Array.isArray(body.messages) ? body.messages.at(-1) : undefined
  return isObject(last) && last.role === 'assistant'
}
