import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { JsonObject } from '../../src/shared/json.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import {
  chatAnswer,
  chatDeltas,
  chatFrames,
  namedFrames,
  responseEvents,
  responseOutput,
} from '../harness/openai-arbitraries.ts'
import { startRoundTrips } from '../harness/round-trip.ts'
import type { RoundTripServer } from '../harness/round-trip.ts'

const cuts = () => fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })
const size = () => fc.integer({ min: 1, max: 9 })
const ofQuestion = (entry: unknown) => (entry as JsonObject).role === 'user'

describe('An answer of the Responses API', function () {
  this.timeout(180_000)
  let server: RoundTripServer
  before(async () => void (server = await startRoundTrips('openai', namedFrames(responseEvents([], 1)))))
  after(() => server[Symbol.asyncDispose]())

  it('goes back to the provider exactly as it came, however its bytes were cut', () =>
    fc.assert(
      fc.asyncProperty(responseOutput(), size(), cuts(), async (output, pieceSize, sizes) => {
        const { replayed } = await server.run(namedFrames(responseEvents(output, pieceSize)), sizes)
        const input = replayed.input as JsonObject[]
        const said = input.filter((entry) => !ofQuestion(entry) && entry.type !== 'function_call_output')
        assert.deepEqual(said, output)
      }),
      { numRuns: 120 },
    ))

  it('ends each block with what the deltas had shown of it', () =>
    fc.assert(
      fc.asyncProperty(responseOutput(), size(), async (output, pieceSize) => {
        const shown = output.filter(({ type, summary }) => {
          if (type === 'reasoning') return Array.isArray(summary) && summary.length > 0
          return type === 'message' || type === 'function_call'
        })
        const { events } = await server.run(namedFrames(responseEvents(shown, pieceSize)))
        assertGrowth(events)
      }),
      { numRuns: 40 },
    ))

  it('leaves out reasoning that led to nothing, which the API would refuse', async () => {
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'sealed' }
    const { replayed } = await server.run(namedFrames(responseEvents([reasoning], 1)))
    assert.deepEqual((replayed.input as JsonObject[]).map(ofQuestion), [true, true])
  })
})

describe('An answer of Chat Completions', function () {
  this.timeout(180_000)
  let server: RoundTripServer
  before(async () => void (server = await startRoundTrips('compatible', chatFrames([{ content: 'Yes.' }], 'stop'))))
  after(() => server[Symbol.asyncDispose]())

  it('goes back to the server exactly as it came, however its bytes were cut', () =>
    fc.assert(
      fc.asyncProperty(chatAnswer(), size(), cuts(), async (answer, pieceSize, sizes) => {
        const { replayed } = await server.run(chatFrames(chatDeltas(answer, pieceSize), 'stop'), sizes)
        const said = (replayed.messages as JsonObject[]).filter((entry) => entry.role === 'assistant')
        assert.deepEqual(said, [answer])
      }),
      { numRuns: 120 },
    ))

  it('ends each block with what the deltas had shown of it', () =>
    fc.assert(
      fc.asyncProperty(chatAnswer(), size(), async (answer, pieceSize) => {
        const { events } = await server.run(chatFrames(chatDeltas(answer, pieceSize), 'stop'))
        assertGrowth(events)
      }),
      { numRuns: 40 },
    ))
})

function assertGrowth(events: readonly StreamEvent[]): void {
  const grown = new Map<number, string>()
  for (const event of events) {
    if (event.type === 'block-delta') grown.set(event.index, (grown.get(event.index) ?? '') + event.text)
    if (event.type !== 'block-end') continue
    const { block } = event
    const whole = block.type === 'tool-call' ? block.json : 'text' in block ? block.text : ''
    assert.equal(grown.get(event.index) ?? '', whole)
  }
}
