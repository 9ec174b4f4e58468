import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { JsonObject } from '../../src/shared/json.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import { answerOf, answerParts, merged, streamed } from '../harness/google-answers.ts'
import type { RoundTripServer } from '../harness/round-trip.ts'
import { startRoundTrips } from '../harness/round-trip.ts'

const cuts = () => fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })
const size = () => fc.integer({ min: 1, max: 9 })

describe("A Gemini answer's way through the store and back", function () {
  this.timeout(180_000)
  let server: RoundTripServer
  before(async () => void (server = await startRoundTrips('google', answerOf([{ text: 'Yes.' }]))))
  after(() => server[Symbol.asyncDispose]())

  it('gives Google exactly its own content, whatever it is and however the bytes arrive', () =>
    fc.assert(
      fc.asyncProperty(answerParts(), size(), cuts(), async (parts, pieceSize, sizes) => {
        const { replayed, stop } = await server.run(answerOf(streamed(parts, pieceSize), 'STOP', pieceSize), sizes)
        assert.match(stop.kind, /^(done|tools)$/)
        const said = (replayed.contents as JsonObject[]).filter(({ role }) => role === 'model')
        assert.deepEqual(said, [{ role: 'model', parts: merged(parts) }])
      }),
      { numRuns: 200 },
    ))

  it('alternates between user and model, and answers every call in its order and under its name', () =>
    fc.assert(
      fc.asyncProperty(answerParts(), async (parts) => {
        const { replayed } = await server.run(answerOf(parts))
        const contents = replayed.contents as { role: string; parts: JsonObject[] }[]
        assert.deepEqual(
          contents.map(({ role }) => role),
          ['user', 'model', 'user'],
        )
        const of = (kind: string, at: number) =>
          contents[at]?.parts.flatMap((part) => (part[kind] ? [part[kind] as JsonObject] : []))
        const called = of('functionCall', 1)?.map(({ id, name }) => [id, name])
        assert.deepEqual(
          of('functionResponse', 2)?.map(({ id, name }) => [id, name]),
          called,
        )
      }),
      { numRuns: 60 },
    ))

  it('ends each block with what the deltas had shown of it', () =>
    fc.assert(
      fc.asyncProperty(answerParts(), size(), async (parts, pieceSize) => {
        const { events } = await server.run(answerOf(streamed(parts, pieceSize)))
        assertGrowth(events)
      }),
      { numRuns: 60 },
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
