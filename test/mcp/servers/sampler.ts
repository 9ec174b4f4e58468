/** Has a model asked what its caller wants, and tells what came of it. */
import { ask, serve, text, tool } from './speak.ts'

serve({
  'tools/list': () => ({ tools: [tool('sample')] }),
  'tools/call': async ({ arguments: given }) => {
    const { prompt, system, maxTokens, stops } = given as Record<string, unknown>
    const answer = await ask('sampling/createMessage', {
      messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
      maxTokens,
      ...(system !== undefined && { systemPrompt: system }),
      ...(stops !== undefined && { stopSequences: stops }),
    })
    return text(JSON.stringify(answer.result ?? answer.error))
  },
})
