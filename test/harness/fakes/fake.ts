/** What a fake provider is made of: a wire format that can be played piece by piece, and what it tells of its models. */
import type { Json, JsonObject } from '../../../src/shared/json.ts'
import { isObject } from '../../../src/shared/json.ts'
import type { RecordedRequest } from '../scripted-server.ts'

/** Tokens; `cached` is apart from `input`, `thought` is part of `output`. `cost`: USD, where the format has room for it. */
export type FakeUsage = { input: number; output: number; cached: number; thought?: number; cost?: number }

/** One answer being written: each call gives the bytes that come next. */
export type FakeAnswer = {
  /** Thinking, before any text. */
  think(text: string): string
  say(text: string): string
  /** Tells in the middle of the answer what it used so far; absent where the format has no room for that. */
  count?(usage: FakeUsage): string
  end(usage: FakeUsage): string
}

export type FakeFormat = {
  contentType: string
  answer(model: string): FakeAnswer
  /** The body of a refusal. */
  error(type: string, message: string): JsonObject
  modelOf(request: RecordedRequest): string
  /** The conversation as the provider was given it, without the system prompt: role and text of each message. */
  history(body: JsonObject): { role: string; text: string }[]
}

export type Fake = FakeFormat & {
  /** What the base URL has behind the origin. */
  basePath: string
  /** The header a key comes in; `authorization` where absent. */
  keyHeader?: string
  /** What is answered by itself: lists of models and counts of tokens. Undefined for a request for an answer. */
  reply(request: RecordedRequest): Json | undefined
  /** Further headers of an answer of this model. */
  headers?(model: string): Record<string, string>
}

/** What every count of tokens says. */
export const COUNTED = 4711

export const modelInBody = (request: RecordedRequest): string => String((request.json() as JsonObject).model)

/** The answer to a GET whose path, without its query, is this. */
export const whenGet = (request: RecordedRequest, path: string, answer: Json): Json | undefined =>
  request.method === 'GET' && pathOf(request) === path ? answer : undefined

/** The path of a request without its query. */
export const pathOf = ({ url }: RecordedRequest): string => url.split('?')[0] ?? ''

export function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((each) => isObject(each)) : []
}

/** The text of a message's content, whether that is a string or a list of parts. */
export function texts(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return list(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('')
}

export const roleAndText = ({ role, content }: JsonObject): { role: string; text: string } => ({
  role: String(role),
  text: texts(content),
})
