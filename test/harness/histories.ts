/** Arbitrary conversations: whatever the model can hold, by answers of any provider. */
import fc from 'fast-check'
import type { Json } from '../../src/shared/json.ts'
import type { AssistantMessage, Block, File, Message, Part, Stop, ToolMessage } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'

/** Who may have answered: a provider and the dialect it spoke. `seal`: what it seals, with its own mark in it. */
export type Speaker = { provider: string; dialect: string }

/** The mark in everything that a speaker sealed: it must reach nobody else. */
export const markOf = ({ provider, dialect }: Speaker): string => `SEALED-BY-${provider}-${dialect}.`

/** What each dialect keeps in `wire` of a finished thought. */
const thoughts: Record<string, (mark: string) => Json> = {
  anthropic: (mark) => ({ set: { signature: mark } }),
  'openai-responses': (mark) => ({ kind: 'reasoning', item: { set: { id: `rs_${mark}`, encrypted_content: mark } } }),
  'openai-chat': (mark) => ({ field: 'reasoning', details: { deep: { 0: { set: { signature: mark } } } } }),
  google: (mark) => ({ set: { thoughtSignature: mark } }),
  ollama: (mark) => ({ set: { mark } }),
}

const lone = fc.constantFrom('cut \ud83d', '\ude00 cut')
const words = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  lone,
  fc.constantFrom('', ' ', '\n\n'),
)
const said = fc.oneof({ weight: 4, arbitrary: words }, fc.string({ minLength: 1, maxLength: 5 }))
const text = said.map((each) => ({ type: 'text' as const, text: each }))

export const file: fc.Arbitrary<File> = fc
  .record({
    mediaType: fc.constantFrom('image/png', 'image/*', 'application/pdf', 'text/plain', 'audio/wav', 'application/zip'),
    media: fc.constantFrom(
      { data: 'aGVsbG8=' },
      { data: '' },
      { url: 'https://files.example/a' },
      { blob: 'sha256-abc' },
    ),
    name: fc.option(fc.constantFrom('a.png', 'ü.pdf'), { nil: undefined }),
  })
  .map(({ mediaType, media, name }) => ({
    type: 'file',
    media: { mediaType, ...media },
    ...(name !== undefined && { name }),
  }))
const part: fc.Arbitrary<Part> = fc.oneof({ weight: 4, arbitrary: text }, file)

// Ids and names as other providers and models make them: long, with signs, the same in each answer, none at all.
const callId = fc.oneof(
  fc.constantFrom(
    'call_0',
    'call_1',
    '',
    'a'.repeat(90),
    'functions.read:0',
    'toolu_01AbC',
    'id with spaces',
    'abcDEF123',
  ),
  fc.uuid(),
)
const toolName = fc.constantFrom(
  'read_file',
  'fs.read',
  'mcp__server__tool',
  '0digits',
  '-dash',
  '',
  'ünï',
  'n'.repeat(80),
)
const input = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue({ maxDepth: 1 })) },
  fc.constantFrom(null, 7, 'text', [1]),
)
const ranBy = fc.constantFrom('host' as const, 'host' as const, 'provider' as const)

/** A call; without `input` where the arguments did not parse. An answer's own provider never sends what it refuses. */
const call = (own: boolean): fc.Arbitrary<Block> =>
  fc
    .record({
      id: own ? fc.stringMatching(/^[a-z0-9]{12}$/) : callId,
      name: own ? fc.constantFrom('read_file', 'search') : toolName,
      ranBy: own ? fc.constant('host' as const) : ranBy,
      input: own ? fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer()) : input,
      valid: fc.boolean(),
    })
    .map(({ valid, input: given, ...made }) => {
      const value = JSON.parse(JSON.stringify(given)) as Json
      const block = { type: 'tool-call' as const, ...made }
      return valid ? { ...block, json: JSON.stringify(value), input: value } : { ...block, json: '{"half' }
    })

const blocksOf = (speaker: Speaker, own: boolean): fc.Arbitrary<Block[]> => {
  const mark = markOf(speaker)
  const thought = fc.string({ minLength: 1, maxLength: 9 }).map((each): Block => {
    const wire = thoughts[speaker.dialect]?.(mark)
    return { type: 'thinking', text: each, ...(wire !== undefined && { wire }) }
  })
  const foreign: fc.Arbitrary<Block>[] = [
    file.map((each) => ({ ...each, wire: { set: { mark } } })),
    fc.constant<Block>({ type: 'other', kind: 'new_block', wire: { set: { mark } } }),
    fc.constant<Block>({ type: 'thinking', text: '', redacted: true, wire: { set: { data: mark } } }),
    fc.tuple(callId, toolName).map(([id, name]): Block => {
      return { type: 'tool-result', callId: id, name, ranBy: 'provider', output: [], wire: { set: { mark } } }
    }),
    text.map((each) => ({ ...each, wire: { set: { mark } } })),
  ]
  const written = own
    ? fc
        .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 9 })
        .map((each): Block => ({ type: 'text', text: `${each}.` }))
    : text
  return fc.array(fc.oneof(written, thought, call(own), ...(own ? [] : foreign)), { maxLength: 5 })
}

const stop = fc.constantFrom<Stop>(
  { kind: 'done' },
  { kind: 'tools' },
  { kind: 'aborted' },
  { kind: 'limit', of: 'output' },
  { kind: 'failed', failure: { code: 'network', message: 'It broke.' } },
)

/** An answer and, mostly, the results of its calls: some missing, some of calls nobody made. */
const step = (speaker: Speaker, own: boolean): fc.Arbitrary<Message[]> =>
  fc
    .tuple(blocksOf(speaker, own), stop, fc.array(part, { maxLength: 3 }), fc.nat(7), fc.boolean())
    .map(([content, ended, output, skip, failed]) => {
      const origin = { ...speaker, model: 'm' }
      const answer: AssistantMessage = { role: 'assistant', content, origin, stop: ended, usage: noUsage() }
      const calls = content.filter((block) => block.type === 'tool-call')
      const results: ToolMessage['content'] = calls
        .filter((_, at) => (skip >> at) % 2 === 0)
        .map(({ id, name }) => {
          return {
            type: 'tool-result',
            callId: id,
            name,
            ranBy: 'host',
            output,
            ...(failed && { failed: true as const }),
          }
        })
      if (skip === 7) results.push({ type: 'tool-result', callId: 'nobody', name: 'x', ranBy: 'host', output })
      return results.length > 0 ? [answer, { role: 'tool', content: results }] : [answer]
    })

/** A conversation that `reader` is asked to go on with: anything, and at its end the words of a person. */
export function histories(reader: Speaker, speakers: readonly Speaker[]): fc.Arbitrary<Message[]> {
  const user = fc.array(part, { maxLength: 3 }).map((content): Message[] => [{ role: 'user', content }])
  const steps = speakers.map((speaker) => {
    return step(speaker, speaker.provider === reader.provider && speaker.dialect === reader.dialect)
  })
  const last: Message = { role: 'user', content: [{ type: 'text', text: 'And now?' }] }
  return fc.array(fc.oneof(user, ...steps), { maxLength: 8 }).map((all) => [...all.flat(), last])
}
