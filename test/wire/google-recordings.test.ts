import assert from 'node:assert/strict'
import type { JsonObject } from '../../src/shared/json.ts'
import { bytesOf, answerOf, merged } from '../harness/google-answers.ts'
import { recordingsOf } from '../harness/recordings.ts'
import { startRoundTrips } from '../harness/round-trip.ts'

describe('A recorded stream of Gemini', function () {
  this.timeout(90_000)
  for (const { name, lines } of recordingsOf('google')) {
    const chunks = lines.map((line) => JSON.parse(line) as JsonObject)

    it(`${name}: stored and sent again, the content is Google's own`, async () => {
      await using server = await startRoundTrips('google', answerOf([{ text: 'Yes.' }]))
      const { replayed, message } = await server.run(bytesOf(chunks), [997])
      assert.match(message.stop.kind, /^(done|tools)$/)
      assert.ok(message.usage.output > 0 && (message.usage.reasoning ?? 0) > 0, 'usage was read')
      const said = (replayed.contents as JsonObject[]).filter(({ role }) => role === 'model')
      const [call] = message.content
      const parts = merged(partsOf(chunks))
      assert.ok(parts.length > 0, 'there is something to send back')
      if (!parts.some(isPiece)) assert.deepEqual(said, [{ role: 'model', parts }])
      else {
        // Arguments that streamed go back whole. What they are is read from the recording by eye.
        assert.ok(call?.type === 'tool-call' && call.name === 'cookRecipe')
        const { recipe } = call.input as { recipe: { ingredients: { name: string }[]; steps: string[] } }
        assert.deepEqual([recipe.ingredients.length, recipe.steps.length], [10, 10])
        assert.equal(recipe.ingredients[1]?.name, 'Ground beef')
        assert.equal(recipe.steps[4], 'In a 9x13 baking dish, spread a thin layer of meat sauce.')
        const functionCall = { name: 'cookRecipe', args: call.input }
        const { thoughtSignature } = parts[0] as JsonObject
        assert.deepEqual(said, [{ role: 'model', parts: [{ functionCall, thoughtSignature }] }])
      }
    })

    it(`${name}: cut off after any chunk, no call runs by half`, async () => {
      await using server = await startRoundTrips('google', answerOf([{ text: 'Yes.' }]))
      for (const upTo of new Set([1, Math.ceil(chunks.length / 2), chunks.length - 1])) {
        const { message } = await server.run(bytesOf(chunks.slice(0, upTo)))
        assert.ok(message.stop.kind === 'failed' && message.stop.failure.code === 'truncated', `after ${upTo}`)
        const calls = message.content.filter((block) => block.type === 'tool-call')
        if (partsOf(chunks).some(isPiece)) for (const call of calls) assert.equal(call.input, undefined)
      }
    })
  }
})

function partsOf(chunks: JsonObject[]): JsonObject[] {
  return chunks.flatMap((chunk) => {
    const [candidate] = chunk.candidates as { content: { parts?: JsonObject[] } }[]
    return candidate?.content.parts ?? []
  })
}

function isPiece(part: JsonObject): boolean {
  return JSON.stringify(part).includes('willContinue')
}
