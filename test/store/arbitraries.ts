/** Random values of the conversation model. */
import fc from 'fast-check'
import type { Json } from '../../src/shared/json.ts'
import type { Block, StreamEvent } from '../../src/shared/message.ts'
import { ORIGIN } from './support.ts'

/** Any JSON value that survives JSON, which has no -0. */
export const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json)
const anyText = fc.string({ unit: 'binary' })
const wire = fc.option(anyJson, { nil: undefined }).map((value) => (value === undefined ? {} : { wire: value }))

export const anyBlock: fc.Arbitrary<Block> = fc.oneof(
  fc.tuple(anyText, wire).map(([text, sealed]) => ({ type: 'text' as const, text, ...sealed })),
  fc.tuple(anyText, wire).map(([text, sealed]) => ({ type: 'thinking' as const, text, ...sealed })),
  fc.tuple(anyText, anyJson, wire).map(([json, input, sealed]) => {
    return { type: 'tool-call' as const, id: 'call', name: 'tool', ranBy: 'host' as const, json, input, ...sealed }
  }),
  fc.tuple(anyText, wire).map(([kind, sealed]) => ({ type: 'other' as const, kind, ...sealed })),
)

/** Any events in any order: more than a provider may send, so that no order is special. */
export const anyEvent: fc.Arbitrary<StreamEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('block-delta' as const), index: fc.nat(2), text: anyText }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('block-start' as const, 'block-replace' as const, 'block-end' as const),
      index: fc.nat(2),
      block: anyBlock,
    }),
  },
  fc.record({ type: fc.constant('start' as const), origin: fc.constant({ ...ORIGIN, model: 'other' }) }),
  fc.nat(1000).map((output) => {
    return { type: 'usage' as const, usage: { input: 1, output, cacheRead: 0, cacheWrite: 0 } }
  }),
  fc.constant({ type: 'end' as const, stop: { kind: 'done' as const, raw: 'end_turn' } }),
)
