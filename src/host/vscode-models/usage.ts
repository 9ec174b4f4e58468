/** Tokens of a request to VS Code: what the vendor counted where it tells, else our estimate. Never a cost. */
import { usageIn } from '../../llm/openai-chat/usage.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { Usage } from '../../shared/message.ts'
import type { ChatMessage, ChatOptions, DataPart, PartClasses } from './api.ts'

/**
 * The API has no field for usage, but vendors may send it as a data part of this type, in the form of Chat Completions:
 * VS Code's own chat reads it there.
 */
export const USAGE_TYPE = 'usage'

/** The vendor's count, or undefined where the part holds none. */
export function usageOf({ data }: DataPart): Usage | undefined {
  const raw = parseJson(new TextDecoder().decode(data))
  const usage = isObject(raw) ? usageIn({ usage: raw }) : undefined
  if (!usage || usage.input + usage.cacheRead + usage.cacheWrite + usage.output === 0) return undefined
  // Whatever the vendor put there, nobody vouches that it is what the person pays.
  const { cost: _, ...counts } = usage
  return counts
}

export function estimated(input: number, output: number): Usage {
  return { input, output, cacheRead: 0, cacheWrite: 0, estimated: true }
}

/** Everything in a request that is words: what an estimate, or the model's own tokenizer, can count at once. */
export function wordsOf(messages: readonly ChatMessage[], options: ChatOptions, classes: PartClasses): string {
  const tools = options.tools?.map((tool) => JSON.stringify(tool)) ?? []
  const said = messages.flatMap(({ content }) => content.flatMap((part) => wordsOfPart(part, classes)))
  return [...tools, ...said].join('\n')
}

/** The data in a request that only the model itself can count. */
export function imagesOf(messages: readonly ChatMessage[], classes: PartClasses): DataPart[] {
  return messages.flatMap(({ content }) => content.flatMap((part) => imagesOfPart(part, classes)))
}

function wordsOfPart(part: unknown, classes: PartClasses): string[] {
  if (part instanceof classes.LanguageModelTextPart) return [part.value]
  if (part instanceof classes.LanguageModelToolCallPart) return [part.name, JSON.stringify(part.input)]
  if (!(part instanceof classes.LanguageModelToolResultPart)) return []
  return part.content.flatMap((inner) => wordsOfPart(inner, classes))
}

function imagesOfPart(part: unknown, classes: PartClasses): DataPart[] {
  if (part instanceof classes.LanguageModelDataPart) return part.mimeType.startsWith('image/') ? [part] : []
  if (!(part instanceof classes.LanguageModelToolResultPart)) return []
  return part.content.flatMap((inner) => imagesOfPart(inner, classes))
}
