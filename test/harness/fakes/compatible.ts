/** Servers that speak somebody else's format, and tell little of their models: no price, and not always a limit. */
import { claude, messages } from './anthropic.ts'
import { chatCompletions } from './chat-completions.ts'
import type { Fake } from './fake.ts'
import { COUNTED, pathOf, whenGet } from './fake.ts'

const bare = (id: string) => ({ id, object: 'model', created: 1, owned_by: 'somebody' })

export const compatible: Fake = {
  ...chatCompletions((text) => ({ reasoning_content: text })),
  basePath: '/v1',
  reply: (request) =>
    whenGet(request, '/v1/models', { object: 'list', data: [bare('house-model'), bare('spare-model')] }),
}

export const compatibleAnthropic: Fake = {
  ...messages,
  basePath: '',
  keyHeader: 'x-api-key',
  reply: (request) =>
    pathOf(request) === '/v1/messages/count_tokens'
      ? { input_tokens: COUNTED }
      : whenGet(request, '/v1/models', { data: [claude('claude-relayed', 'Claude Relayed')], has_more: false }),
}
