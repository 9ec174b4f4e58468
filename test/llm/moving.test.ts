import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import { histories, markOf } from '../harness/histories.ts'
import { readers as speakers, requestFor } from '../harness/readers.ts'
import { assertWellFormed, rules } from '../harness/request-rules.ts'

describe('A conversation that goes on with', function () {
  this.timeout(180_000)
  for (const speaker of speakers) {
    it(`${speaker.provider} is one that it accepts, whoever answered before`, async () => {
      const property = fc.asyncProperty(histories(speaker, speakers), async (history) => {
        const before = JSON.stringify(history)
        const body = await requestFor(speaker, history)
        assert.equal(JSON.stringify(history), before, 'the history itself is not changed')
        rules[speaker.dialect]?.(body)
        assertWellFormed(body)
        const sent = JSON.stringify(body)
        for (const other of speakers) {
          if (other !== speaker)
            assert.ok(!sent.includes(markOf(other)), `nothing sealed by ${other.provider} goes out`)
        }
      })
      await fc.assert(property, { numRuns: 300 })
    })
  }

  it('another provider keeps the ids of its calls the same as it grows, so that caches hold', async () => {
    const speaker = speakers[0]!
    const reader = speakers.find(({ provider }) => provider === 'compatible')!
    await fc.assert(
      fc.asyncProperty(histories(reader, [speaker]), async (history) => {
        const first = (await requestFor(reader, history)).messages as JsonObject[]
        const more: Message = { role: 'user', content: [{ type: 'text', text: 'More.' }] }
        const origin = { ...speaker, model: 'm' }
        const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
        const answer: Message = {
          role: 'assistant',
          content: [{ type: 'text', text: 'Yes.' }],
          origin,
          stop: { kind: 'done' },
          usage,
        }
        const second = (await requestFor(reader, [...history, answer, more])).messages as JsonObject[]
        assert.deepEqual(second.slice(0, first.length), first)
      }),
      { numRuns: 100 },
    )
  })
})
