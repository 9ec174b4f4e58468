import assert from 'node:assert/strict'
import fc from 'fast-check'
import { batchesOf, digestQuestion, piecesOf } from '../../../src/agent/context/digest.ts'
import type { Message } from '../../../src/shared/message.ts'
import { noUsage, textOf } from '../../../src/shared/message.ts'
import { estimateTokens } from '../../../src/shared/tokens.ts'

describe('The text that a summary is written of', () => {
  it('tells who said what, what tools were called with and what they gave', () => {
    const messages: Message[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'file', media: { mediaType: 'image/png', blob: 'x' }, name: 'shot.png' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: 'I look.' },
          { type: 'tool-call', id: '1', name: 'read', ranBy: 'host', json: '{"path":"a"}', input: { path: 'a' } },
        ],
        origin: { provider: 'p', dialect: 'd', model: 'm' },
        stop: { kind: 'tools' },
        usage: noUsage(),
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            callId: '1',
            name: 'read',
            ranBy: 'host',
            output: [{ type: 'text', text: 'z'.repeat(5_000) }],
          },
        ],
      },
    ]
    const [question, answer, result] = piecesOf(messages)
    assert.equal(question, 'Person:\nLook\n[a file: shot.png]')
    assert.equal(answer, 'Assistant:\nI look.\n[called read with {"path":"a"}]')
    assert.match(result ?? '', /^Result of read:\nz{2000}\n\[3000 characters more\]$/)
  })

  it('goes out in parts that a small model can read, and nothing of it is lost', () => {
    const property = fc.property(
      fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 400 })),
      fc.integer({ min: 5, max: 200 }),
      (pieces, most) => {
        const batches = batchesOf(pieces, most)
        for (const batch of batches) assert.ok(estimateTokens(batch) <= most, `${estimateTokens(batch)} of ${most}`)
        assert.equal(batches.join('').replaceAll('\n\n', ''), pieces.join('').replaceAll('\n\n', ''))
      },
    )
    fc.assert(property)
  })

  it('holds the summary so far where it goes on from one', () => {
    assert.match(textOf(digestQuestion('more', 'what was').content), /what was[^]*more[^]*one summary of all/)
    assert.doesNotMatch(textOf(digestQuestion('all', undefined).content), /so far/)
  })
})
