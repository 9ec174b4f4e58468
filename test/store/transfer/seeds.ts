/** Random stores, and what is written of them. */
import fc from 'fast-check'
import type { Conversation, StoredMessage, Summary } from '../../../src/shared/conversation.ts'
import type { AssistantMessage, Block, Message, Part, Stop } from '../../../src/shared/message.ts'
import type { RequestRecord } from '../../../src/shared/usage-record.ts'
import type { Whole } from '../../../src/store/bulk.ts'
import type { Store } from '../../../src/store/store.ts'
import { exportPieces } from '../../../src/store/transfer/export.ts'
import { importChats } from '../../../src/store/transfer/import.ts'
import { anyBlock, anyJson } from '../arbitraries.ts'
import { ORIGIN, answer, stored } from '../support.ts'

const anyText = fc.string({ unit: 'binary' })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
/** Fields that are undefined are absent. */
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
const record = <T extends object>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(fields).map((value) => without(value as object)) as unknown as fc.Arbitrary<T>

const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 })
const anyStop: fc.Arbitrary<Stop> = fc.constantFrom(
  { kind: 'done' },
  { kind: 'tools', raw: 'tool_use' },
  { kind: 'limit', of: 'output' },
  { kind: 'refused', why: 'no' },
  { kind: 'failed', failure: { code: 'overloaded', message: 'Busy.', status: 529 } },
)
const anyUsage = record({
  input: fc.nat(),
  output: fc.nat(),
  cacheRead: fc.nat(),
  cacheWrite: fc.nat(),
  reasoning: maybe(fc.nat()),
  cost: maybe(fc.double({ min: 0, max: 9, noNaN: true }).map((cost) => cost + 0)),
  wire: maybe(anyJson),
})

/** Attachments are put into the store when the message is. */
type Draft = { message: Message; parent: number; state: 'done' | 'interrupted'; attached: Uint8Array | undefined }
const anyDraft: fc.Arbitrary<Draft> = fc.record({
  message: fc.oneof(
    fc
      .array(anyBlock, { maxLength: 3 })
      .chain((content) =>
        fc
          .tuple(anyStop, anyUsage)
          .map(([stop, usage]) => ({ ...answer(content), origin: ORIGIN, stop, usage }) as AssistantMessage),
      ),
    fc
      .array(anyText, { maxLength: 2 })
      .map((texts): Message => ({ role: 'user', content: texts.map((text): Part => ({ type: 'text', text })) })),
    fc.tuple(anyText, anyText).map(([callId, text]): Message => {
      const output: Part[] = [{ type: 'text', text }]
      return {
        role: 'tool',
        content: [{ type: 'tool-result', callId, name: 'tool', ranBy: 'host', output, failed: true }],
      }
    }),
  ),
  parent: fc.nat(),
  state: fc.constantFrom('done', 'interrupted'),
  attached: maybe(bytes),
})

export type Seed = { title: string; drafts: Draft[]; leaf: number; more: Partial<Conversation> }
export const anySeed: fc.Arbitrary<Seed> = fc.record({
  title: anyText,
  drafts: fc.array(anyDraft, { minLength: 1, maxLength: 8 }),
  leaf: fc.nat(),
  more: record<Partial<Conversation>>({
    workspace: maybe(anyText),
    agent: maybe(anyText),
    neverSendTo: maybe(fc.constantFrom(['openai'], ['anthropic', 'google'])),
    pinned: maybe(fc.constant(true)),
    archived: maybe(fc.constant(true)),
    titledBy: maybe(fc.constantFrom('words', 'model', 'person')),
    choice: maybe(fc.constantFrom({ provider: 'openai', model: 'gpt', toolsOff: ['x'], keyProfile: 'work' })),
  }),
})

let count = 0
/** A tree of these messages: each answers an earlier one, or begins. */
export function grow(store: Store, { title, drafts, leaf, more }: Seed): string {
  const conversation = `conversation-${++count}`
  const messages: StoredMessage[] = []
  for (const [at, { message, parent, state, attached }] of drafts.entries()) {
    const file: Block[] = attached
      ? [{ type: 'file', media: { mediaType: 'image/png', blob: store.blobs.put(attached, 'image/png') } }]
      : []
    const content = message.role === 'tool' ? message.content : [...message.content, ...file]
    const before = parent % (at + 1)
    messages.push(
      stored(conversation, {
        id: `${conversation}-${at}`,
        parent: before === at ? null : `${conversation}-${before}`,
        state,
        message: { ...message, content } as Message,
        timing: { startedAt: at, firstTokenMs: 1.5, durationMs: 20 },
        ...(at % 2 === 1 && { cost: at / 7, keyProfile: 'work', pinned: true }),
        ...(at % 3 === 2 && {
          fitted: { left: 2, from: `${conversation}-0`, summary: `${conversation}-summary` },
          guidance: {
            agent: { id: 'a:b', name: 'B' },
            instructions: [{ path: 'x', uri: 'file:///x', tokens: 3, cut: true }],
          },
        }),
      }),
    )
  }
  const end = messages[leaf % messages.length]!.id
  const whole: Whole = {
    conversation: { id: conversation, title, createdAt: 5, updatedAt: 9 + count, leaf: end, ...more },
    messages,
    ...(messages.length > 2 && { summaries: [summaryOf(conversation, messages[1]!.id)] }),
  }
  store.bulk.insert([whole])
  store.bulk.reveal([conversation], [requestOf(`request-${count}`, conversation)])
  return conversation
}

const summaryOf = (conversation: string, through: string): Summary => ({
  id: `${conversation}-summary`,
  conversation,
  through,
  text: 'What was said so far.',
  origin: { provider: 'anthropic', model: 'claude' },
  createdAt: 8,
  tokens: 5,
  cost: 0.001,
})

const requestOf = (id: string, conversation: string): RequestRecord => ({
  id,
  provider: 'anthropic',
  model: 'claude',
  keyProfile: 'default',
  conversation,
  startedAt: 7,
  firstTokenMs: 1.25,
  durationMs: 20,
  input: 1,
  output: 2,
  cacheRead: 3,
  cacheWrite: 4,
  reasoning: 0,
  cost: 0.25,
  attempt: 1,
  outcome: 'failed',
  failureCode: 'overloaded',
})

export function exported(store: Store, conversation?: string): string {
  const options = { now: 0, ...(conversation !== undefined && { conversation }) }
  return [...exportPieces(store, options)].map(({ text }) => text).join('')
}
export const take = (store: Store, text: string, size = 1_000) => importChats(store, pieces(Buffer.from(text), size))
export function* pieces(content: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}
