/** Chat Completions, which gateways and compatible servers speak. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { openaiChat as format } from '../formats/openai.ts'
import { frame } from '../scripted-server.ts'
import type { FakeFormat, FakeUsage } from './fake.ts'
import { list, modelInBody, roleAndText } from './fake.ts'

const usageOf = ({ input, output, cached, thought, cost }: FakeUsage): JsonObject => ({
  prompt_tokens: input + cached,
  completion_tokens: output,
  total_tokens: input + cached + output,
  prompt_tokens_details: { cached_tokens: cached },
  ...(thought !== undefined && { completion_tokens_details: { reasoning_tokens: thought } }),
  ...(cost !== undefined && { cost, is_byok: false }),
})

/** `thinking`: the delta that brings this much of it, in the way of this server. */
export function chatCompletions(thinking: (text: string) => JsonObject): FakeFormat {
  return {
    contentType: format.contentType,
    answer(model) {
      const about = { id: 'chatcmpl_fake', object: 'chat.completion.chunk', created: 1, model }
      const chunk = (delta: JsonObject, finish_reason: string | null = null): string =>
        frame({ ...about, choices: [{ index: 0, delta, finish_reason }] })
      return {
        think: (text) => chunk({ role: 'assistant', content: '', ...thinking(text) }),
        say: (content) => chunk({ role: 'assistant', content }),
        count: (used) => frame({ ...about, choices: [], usage: usageOf(used) }),
        end: (used) => chunk({}, 'stop') + frame({ ...about, choices: [], usage: usageOf(used) }) + frame('[DONE]'),
      }
    },
    error: (code, message) => ({ error: { message, code } }),
    modelOf: modelInBody,
    history: (body) =>
      list(body.messages)
        .filter(({ role }) => role !== 'system' && role !== 'developer')
        .map(roleAndText),
  }
}
