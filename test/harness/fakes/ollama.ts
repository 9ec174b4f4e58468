/** Ollama's own chat. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { line, ollama as format } from '../formats/ollama.ts'
import type { Fake } from './fake.ts'
import { list, modelInBody, pathOf, roleAndText, whenGet } from './fake.ts'

const names = ['qwen3:8b', 'llama3.2:3b']
const tag = (name: string): JsonObject => ({ name, model: name, modified_at: '2026-11-01T12:00:00Z', size: 5_000_000 })
const shown: JsonObject = {
  capabilities: ['completion', 'tools', 'thinking'],
  model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
}

export const ollama: Fake = {
  basePath: '',
  reply: (request) =>
    pathOf(request) === '/api/show'
      ? shown
      : (whenGet(request, '/api/version', { version: '0.30.1' }) ??
        whenGet(request, '/api/tags', { models: names.map(tag) })),
  contentType: format.contentType,
  answer: (model) => ({
    think: (text) => line({ thinking: text }, { model }),
    say: (text) => line({ content: text }, { model }),
    end: ({ input, output, cached }) =>
      line({}, { model, done: true, done_reason: 'stop', prompt_eval_count: input + cached, eval_count: output }),
  }),
  error: (_type, message) => ({ error: message }),
  modelOf: modelInBody,
  history: (body) =>
    list(body.messages)
      .filter(({ role }) => role !== 'system')
      .map(roleAndText),
}
