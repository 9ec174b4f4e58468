/**
 * What answers cost, worked out by hand from usages as providers sent them (the recorded ones, and the shapes that their
 * references describe for caches), through the wire format of each and at the prices of the catalogue's fields.
 */
import assert from 'node:assert/strict'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Price } from '../../src/shared/model.ts'
import type { ProviderId } from '../../src/llm/index.ts'
import { costOf } from '../../src/usage/cost.ts'
import { bytesOf, chunkOf } from '../harness/google-answers.ts'
import { line } from '../harness/formats/ollama.ts'
import { askOnce } from '../harness/one-answer.ts'
import { namedFrames } from '../harness/openai-arbitraries.ts'
import type { Script } from '../harness/scripted-server.ts'
import { frame } from '../harness/scripted-server.ts'

const sonnet: Price = {
  ...{ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  tiers: [{ above: 200_000, input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 }],
}
const gpt: Price = {
  ...{ input: 2.5, output: 15, cacheRead: 0.25 },
  tiers: [{ above: 271_999, input: 5, output: 22.5, cacheRead: 0.5 }],
}
const writing: Price = { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }
const gemini: Price = {
  ...{ input: 2, output: 12, cacheRead: 0.2 },
  tiers: [{ above: 200_000, input: 4, output: 18, cacheRead: 0.4 }],
}

/** An answer that says Yes and tells this of what it used. */
const says: Record<string, (usage: JsonObject) => [bytes: string, type: string]> = {
  anthropic: (usage) => {
    const events: JsonObject[] = [
      {
        type: 'message_start',
        message: { role: 'assistant', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Yes.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
      { type: 'message_stop' },
    ]
    return [namedFrames(events), 'text/event-stream']
  },
  openai: (usage) => {
    const content = [{ type: 'output_text', text: 'Yes.', annotations: [] }]
    const output = [{ type: 'message', role: 'assistant', status: 'completed', content }]
    return [
      namedFrames([{ type: 'response.completed', response: { status: 'completed', output, usage } }]),
      'text/event-stream',
    ]
  },
  chat: (usage) => {
    const said = { choices: [{ index: 0, delta: { content: 'Yes.' }, finish_reason: 'stop' }] }
    return [frame(said) + frame({ choices: [], usage }) + frame('[DONE]'), 'text/event-stream']
  },
  google: (usageMetadata) => [
    bytesOf([{ ...chunkOf([{ text: 'Yes.' }], { finishReason: 'STOP' }), usageMetadata }]),
    'text/event-stream',
  ],
  ollama: (counts) => [
    line({ content: 'Yes.' }, { model: 'm' }) + line({}, { model: 'm', done: true, done_reason: 'stop', ...counts }),
    'application/x-ndjson',
  ],
}

const plays =
  ([bytes, type]: [string, string]) =>
  async (script: Script): Promise<void> => {
    script.head(200, { 'content-type': type })
    await script.send(bytes)
    script.end()
  }

type Case = [what: string, usage: JsonObject, price: Price | undefined, usd: number]
const cases: [provider: ProviderId, format: keyof typeof says, all: Case[]][] = [
  [
    'anthropic',
    'anthropic',
    [
      // 15,665 * 3 + 795 * 15 = 46,995 + 11,925
      ['recorded', { input_tokens: 15_665, cache_read_input_tokens: 0, output_tokens: 795 }, sonnet, 0.05892],
      [
        // 10 * 3 + 190,000 * 0.3 + 4,000 * 3.75 + 500 * 15 = 30 + 57,000 + 15,000 + 7,500
        'from the cache, below the tier',
        {
          ...{ input_tokens: 10, cache_read_input_tokens: 190_000 },
          ...{ cache_creation_input_tokens: 4_000, output_tokens: 500 },
        },
        sonnet,
        0.07953,
      ],
      [
        // 10 * 6 + 200,000 * 0.6 + 4,000 * 7.5 + 500 * 22.5 = 60 + 120,000 + 30,000 + 11,250
        'from the cache, above the tier, which the cache counts for',
        {
          ...{ input_tokens: 10, cache_read_input_tokens: 200_000 },
          ...{ cache_creation_input_tokens: 4_000, output_tokens: 500 },
        },
        sonnet,
        0.16131,
      ],
    ],
  ],
  [
    'openai',
    'openai',
    [
      [
        // 1,433 * 2.5 + 2,304 * 0.25 + 621 * 15 = 3,582.5 + 576 + 9,315: reasoning is part of the output
        'recorded',
        {
          ...{ input_tokens: 3_737, input_tokens_details: { cached_tokens: 2_304 } },
          ...{ output_tokens: 621, output_tokens_details: { reasoning_tokens: 512 }, total_tokens: 4_358 },
        },
        gpt,
        0.0134735,
      ],
      [
        // 200,000 * 5 + 100,000 * 0.5 + 1,000 * 22.5
        'above the tier',
        { input_tokens: 300_000, input_tokens_details: { cached_tokens: 100_000 }, output_tokens: 1_000 },
        gpt,
        1.0725,
      ],
      [
        // 2,000 * 2 + 1,000 * 0.2 + 2,000 * 2.5 + 100 * 10
        'written to the cache',
        {
          ...{ input_tokens: 5_000, input_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 2_000 } },
          output_tokens: 100,
        },
        writing,
        0.0102,
      ],
    ],
  ],
  [
    'google',
    'google',
    [
      [
        // 9 * 2 + (23 + 185) * 12: thoughts are counted apart and charged as output
        'recorded',
        { promptTokenCount: 9, candidatesTokenCount: 23, thoughtsTokenCount: 185, totalTokenCount: 217 },
        gemini,
        0.002514,
      ],
      [
        // 50,000 * 4 + 200,000 * 0.4 + 150 * 18
        'above the tier, most of it from the cache',
        {
          ...{ promptTokenCount: 250_000, cachedContentTokenCount: 200_000 },
          ...{ candidatesTokenCount: 100, thoughtsTokenCount: 50 },
        },
        gemini,
        0.2827,
      ],
    ],
  ],
  [
    'compatible',
    'chat',
    [
      [
        // DeepSeek: 18 * 0.28 + 219 * 0.42
        'recorded, with reasoning as part of the output',
        {
          ...{ prompt_tokens: 18, completion_tokens: 219, total_tokens: 237, prompt_cache_hit_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 205 },
        },
        { input: 0.28, output: 0.42, cacheRead: 0.028 },
        0.00009702,
      ],
      [
        // Mistral: 43 * 0.4 + 128 * 0.04 + 14 * 2
        'recorded, partly from the cache',
        {
          ...{ prompt_tokens: 171, completion_tokens: 14, total_tokens: 185 },
          prompt_tokens_details: { cached_tokens: 128 },
        },
        { input: 0.4, output: 2, cacheRead: 0.04 },
        0.00005032,
      ],
      [
        // xAI: 1 * 0.2 + 306 * 0.05 + (26 + 227) * 0.5: reasoning stands beside the output
        'recorded, with reasoning beside the output',
        {
          ...{ prompt_tokens: 307, completion_tokens: 26, total_tokens: 560 },
          ...{ prompt_tokens_details: { cached_tokens: 306 }, completion_tokens_details: { reasoning_tokens: 227 } },
        },
        { input: 0.2, output: 0.5, cacheRead: 0.05 },
        0.000142,
      ],
      [
        // The same, with the bill that came along: 1,497,500 ten-billionths
        'recorded, with what the provider itself says that it cost',
        {
          ...{ prompt_tokens: 307, completion_tokens: 26, total_tokens: 560, cost_in_usd_ticks: 1_497_500 },
          ...{ prompt_tokens_details: { cached_tokens: 306 }, completion_tokens_details: { reasoning_tokens: 227 } },
        },
        { input: 0.2, output: 0.5, cacheRead: 0.05 },
        0.00014975,
      ],
    ],
  ],
  [
    'openrouter',
    'chat',
    [
      // What it says wins over any price.
      ['as told', { prompt_tokens: 1_000, completion_tokens: 1_000, cost: 0.0042, is_byok: false }, sonnet, 0.0042],
      ['as told, where nobody knows a price', { prompt_tokens: 9, completion_tokens: 9, cost: 0 }, undefined, 0],
    ],
  ],
  ['litellm', 'chat', [['as told', { prompt_tokens: 9, completion_tokens: 9, cost: 0.5 }, undefined, 0.5]]],
  [
    'ollama',
    'ollama',
    [['on the machine itself', { prompt_eval_count: 26, eval_count: 290 }, { input: 0, output: 0 }, 0]],
  ],
]

for (const [provider, format, all] of cases)
  describe(`what an answer of ${provider} costs`, () => {
    for (const [what, usage, price, usd] of all)
      it(`is what comes out by hand: ${what}`, async () => {
        const { message } = await askOnce(provider, [plays(says[format]!(usage))])
        assert.equal(message.stop.kind, 'done', JSON.stringify(message.stop))
        const cost = costOf(message.usage, price)
        assert.ok(cost !== undefined && Math.abs(cost - usd) < 1e-12, `$${cost}, by hand $${usd}`)
      })

    it('is unknown where nobody knows a price, and never nothing', async () => {
      const [, usage] = all[0]!
      const { cost: _, ...told } = usage
      const { message } = await askOnce(provider, [plays(says[format]!(told))])
      assert.equal(costOf(message.usage, undefined), undefined)
      assert.equal(costOf(message.usage, { input: 3 }), undefined)
    })
  })
