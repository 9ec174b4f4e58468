/** Google's streamGenerateContent. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { google as format } from '../formats/google.ts'
import { bytesOf, chunkOf } from '../google-answers.ts'
import type { Fake, FakeUsage } from './fake.ts'
import { COUNTED, list, pathOf, texts, whenGet } from './fake.ts'

const gemini = (id: string, displayName: string): JsonObject => ({
  name: `models/${id}`,
  version: '001',
  displayName,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
  thinking: true,
})
const models = {
  models: [
    gemini('gemini-2.5-pro', 'Gemini 2.5 Pro'),
    gemini('gemini-2.5-flash', 'Gemini 2.5 Flash'),
    { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
  ],
}

const usageOf = ({ input, output, cached, thought: thoughtsTokenCount = 0 }: FakeUsage): JsonObject => ({
  promptTokenCount: input + cached,
  cachedContentTokenCount: cached,
  candidatesTokenCount: output - thoughtsTokenCount,
  thoughtsTokenCount,
  totalTokenCount: input + cached + output,
})

export const google: Fake = {
  basePath: '',
  keyHeader: 'x-goog-api-key',
  reply: (request) =>
    /:countTokens$/.test(pathOf(request)) ? format.counted!(COUNTED) : whenGet(request, '/v1beta/models', models),
  contentType: format.contentType,
  answer(modelVersion) {
    const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
      ...chunkOf(parts, more),
      modelVersion,
    })
    let thought = false
    return {
      think(text) {
        thought = true
        return bytesOf([chunk([{ text, thought: true }])])
      },
      say(text) {
        // The signature of the thoughts comes with the first part that follows them.
        const signed = thought ? { thoughtSignature: 'c2lnbmVk' } : {}
        thought = false
        return bytesOf([chunk([{ text, ...signed }])])
      },
      count: (used) => bytesOf([{ ...chunk([{ text: '' }]), usageMetadata: usageOf(used) }]),
      end: (used) => bytesOf([{ ...chunk([{ text: '' }], { finishReason: 'STOP' }), usageMetadata: usageOf(used) }]),
    }
  },
  error: (status, message) => ({ error: { code: 400, message, status } }),
  modelOf: (request) => decodeURIComponent(/models\/([^:]+):/.exec(request.url)?.[1] ?? ''),
  history: ({ contents }) => list(contents).map(({ role, parts }) => ({ role: String(role), text: texts(parts) })),
}
