/** Google's side of the wire, for tests: the parts of an answer, and the chunks that carry them. */
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { pieces } from './openai-arbitraries.ts'
import { frame } from './scripted-server.ts'

export const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }

/** A chunk with these parts. `more`: fields of the candidate. */
export const chunkOf = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: 'model', parts: parts as Json }, index: 0, ...more }],
  modelVersion: 'gemini-x',
  responseId: 'answer-1',
})

export const bytesOf = (chunks: readonly JsonObject[]): string => chunks.map((chunk) => frame(chunk)).join('')

/** A whole answer, `size` parts a chunk. */
export function answerOf(parts: readonly JsonObject[], finishReason = 'STOP', size = 1): string {
  const chunks = Array.from({ length: Math.ceil(parts.length / size) }, (_, at) =>
    chunkOf(parts.slice(at * size, (at + 1) * size)),
  )
  return bytesOf([...chunks, { ...chunkOf([{ text: '' }], { finishReason }), usageMetadata }])
}

/** The same parts as Google streams them: what is text alone comes in pieces of `size` UTF-16 units. */
export function streamed(parts: readonly JsonObject[], size: number): JsonObject[] {
  return parts.flatMap((part) => (isPlain(part) ? pieces(part.text, size).map((text) => ({ ...part, text })) : [part]))
}

/** The parts as they have to come back: neighbours that are text alone are one part, empty ones are none. */
export function merged(parts: readonly JsonObject[]): JsonObject[] {
  const result: JsonObject[] = []
  for (const part of parts) {
    if (part.text === '' && Object.keys(part).every((key) => key === 'text' || key === 'thought')) continue
    const last = result.at(-1)
    if (last && isPlain(last) && isPlain(part) && last.thought === part.thought) {
      result[result.length - 1] = { ...last, text: String(last.text) + String(part.text) }
    } else result.push(part)
  }
  return result
}

function isPlain(part: JsonObject): boolean {
  return Object.keys(part).every((key) => key === 'text' || (key === 'thought' && part.thought === true))
}

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)
const fields = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}_x$/), json, { maxKeys: 2 }) as fc.Arbitrary<JsonObject>
const args = fc.dictionary(fc.string(), json, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>
const words = fc.string({ unit: 'grapheme', maxLength: 40 })
const signed = fc.oneof(
  fc.constant({}),
  fc.base64String({ minLength: 4 }).map((thoughtSignature) => ({ thoughtSignature })),
  fields.map((partMetadata) => ({ partMetadata })),
)
const given = fc.constantFrom('id', undefined)

const prose = fc
  .tuple(words, fc.constantFrom({}, { thought: true }, { thought: false }), signed)
  .map(([text, thought, more]): JsonObject[] => [{ text, ...thought, ...more }])
const bareSignature = fc.base64String({ minLength: 4 }).map((thoughtSignature): JsonObject[] => [{ thoughtSignature }])
const functionCall = fc
  .tuple(given, fc.stringMatching(/^[a-z_]{1,8}$/), fc.option(args, { nil: undefined }), fields, signed)
  .map(([id, name, input, more, beside]): JsonObject[] => [
    { functionCall: { ...(id && { id }), name, ...(input && { args: input }), ...more }, ...beside },
  ])
const code = fc
  .tuple(given, words, fc.constantFrom('OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_NEW'), fc.option(words), fields, signed)
  .map(([id, text, outcome, output, more, beside]): JsonObject[] => [
    { executableCode: { ...(id && { id }), language: 'PYTHON', code: text, ...more }, ...beside },
    { codeExecutionResult: { ...(id && { id }), outcome, ...(output !== null && { output }), ...more } },
  ])
const ownTool = fc
  .tuple(given, args, args, signed)
  .map(([id, input, response, beside]): JsonObject[] => [
    { toolCall: { ...(id && { id }), toolType: 'GOOGLE_SEARCH_WEB', args: input }, ...beside },
    { toolResponse: { ...(id && { id }), toolType: 'GOOGLE_SEARCH_WEB', response } },
  ])
const file = fc
  .tuple(fc.base64String(), fc.constantFrom('', 'image/png', 'text/csv'), fields, signed)
  .map(([data, mimeType, more, beside]): JsonObject[] => [
    mimeType
      ? { inlineData: { mimeType, data, ...more }, ...beside }
      : { fileData: { mimeType: 'video/mp4', fileUri: 'https://files.example/1', ...more }, ...beside },
  ])
const unknown = fc.tuple(json, signed).map(([value, beside]): JsonObject[] => [{ newKind: value, ...beside }])

/** The parts of any answer. Ids are unique within it, and a result follows its call. */
export const answerParts = (): fc.Arbitrary<JsonObject[]> =>
  fc
    .array(fc.oneof(prose, prose, bareSignature, functionCall, functionCall, code, ownTool, file, unknown), {
      minLength: 1,
      maxLength: 7,
    })
    .map((groups) => groups.flatMap((group, at) => group.map((part) => withId(part, `id_${at}`))))
    .map((parts) => JSON.parse(JSON.stringify(parts)) as JsonObject[])
    // Thoughts alone are no turn, so they do not go back.
    .filter((parts) => merged(parts).some((part) => part.thought !== true))

function withId(part: JsonObject, id: string): JsonObject {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, hasId(value) ? { ...value, id } : value]),
  ) as JsonObject
}

function hasId(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value.id === 'id'
}
