import assert from 'node:assert/strict'
import fc from 'fast-check'
import { limitAfter, roomOf, toldBy } from '../../../src/agent/context/limit.ts'
import { worked } from '../../harness/steady.ts'

describe('The room of a request', () => {
  it('is the window less what the answer may take', () => {
    assert.deepEqual(roomOf(200_000, 64_000), { limit: 136_000, answer: 64_000 })
    assert.deepEqual(roomOf(8_000, undefined), { limit: 8_000, answer: 0 })
  })

  it('is at least half of the window, for models that are said to write as much as they read', () => {
    assert.deepEqual(roomOf(131_072, 131_072), { limit: 65_536, answer: 65_536 })
  })
})

describe('A refusal of what is too long', () => {
  const sentences: [string, { window?: number; tokens?: number } | undefined][] = [
    ['prompt is too long: 215000 tokens > 200000 maximum', { tokens: 215_000, window: 200_000 }],
    [
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length',
      { tokens: 210_000, window: 200_000 },
    ],
    [
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9500 tokens. Please reduce the length.",
      { tokens: 9_500, window: 8_192 },
    ],
    [
      "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens (120000 of text input, 20000 in the output).",
      { tokens: 140_000, window: 131_072 },
    ],
    [
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      { tokens: 1_200_000, window: 1_048_576 },
    ],
    ['the request exceeds the available context size (4,096 tokens)', { window: 4_096 }],
    ['context length of 32768 is exceeded', { window: 32_768 }],
    ['Your input exceeds the context window of this model.', undefined],
    ['', undefined],
  ]
  for (const [words, told] of sentences) {
    it(`is read: ${words.slice(0, 60) || 'nothing'}`, () => assert.deepEqual(toldBy(words), told))
  }

  it('is read in no time, whatever it says', () => {
    const time = worked(() => {
      for (const words of ['limit '.repeat(20_000), 'maximum 1 '.repeat(20_000), '1,000 '.repeat(20_000)]) toldBy(words)
    })
    assert.ok(time < 1_000, `${time} ms`)
  })

  it('leads to a request that is smaller than the one before', () => {
    const told = fc.record({ window: fc.integer({ min: 1, max: 2_000_000 }), tokens: fc.integer({ min: 1 }) })
    const property = fc.property(
      fc.option(told, { nil: undefined }),
      fc.integer({ min: 100, max: 2_000_000 }),
      fc.option(fc.nat(200_000), { nil: undefined }),
      (what, sent, answer) => {
        const limit = limitAfter(what, sent, answer)
        assert.ok(limit < sent && limit >= 0, `${limit} of ${sent}`)
      },
    )
    fc.assert(property)
  })

  it('is believed in the units of our own estimate', () => {
    // We took it for 100,000 tokens, the provider for 200,000 of a window of 150,000.
    assert.equal(limitAfter({ window: 150_000, tokens: 200_000 }, 100_000, 10_000), 70_000)
  })
})
