import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import { describeBadDays, partText } from '../harness/bad-day.ts'
import { gather } from '../harness/contract.ts'
import { chatFrames, namedFrames, responseEvents } from '../harness/openai-arbitraries.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const hello = (text: string) => ({
  type: 'message',
  role: 'assistant',
  id: 'm',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const wholeResponse = responseEvents([hello(partText)], 2)
const common = { path: '/v1', contentType: 'text/event-stream', garbage: 'data: {"half\n\n' }
const errorBody = (error: Record<string, unknown>) => ({ error })

describeBadDays({
  ...common,
  id: 'openai',
  whole: namedFrames(wholeResponse),
  part: namedFrames(wholeResponse.slice(0, -3)),
  errorFrame: frame({ type: 'error', code: 'server_error', message: 'It broke', param: null }, 'error'),
  long: (pieces) => namedFrames(responseEvents([hello('ab'.repeat(pieces))], 2)),
  errorBody,
})

const deltas = [{ content: 'Hé🎈' }, { content: 'llo' }]
const wholeChat = chatFrames(deltas, 'stop')

for (const id of ['compatible', 'openrouter', 'litellm']) {
  describeBadDays({
    ...common,
    id,
    whole: wholeChat,
    part: `${wholeChat.split('\n\n').slice(0, 2).join('\n\n')}\n\n`,
    errorFrame: frame({ error: { code: 502, message: 'It broke' }, choices: [] }),
    long: (pieces) =>
      chatFrames(
        Array.from({ length: pieces }, () => ({ content: 'ab' })),
        'stop',
      ),
    errorBody,
  })
}

for (const id of ['openai', 'compatible', 'openrouter', 'litellm']) {
  describe(`A request to ${id}`, () => {
    it('sends the key and the headers of the connection, and nothing of the environment', async () => {
      const question = { model: 'm', messages: [] }
      const leaks = {
        OPENAI_ORG_ID: 'org-leak',
        OPENAI_PROJECT_ID: 'leak',
        OPENAI_CUSTOM_HEADERS: 'x-leak: leak',
        OPENAI_API_KEY: 'leak',
        OPENAI_BASE_URL: 'http://leak.test',
        OPENAI_ADMIN_KEY: 'leak',
      }
      const before = { ...process.env }
      Object.assign(process.env, leaks)
      try {
        for (const apiKey of ['key-1', undefined]) {
          await using server = await startScriptedServer((script) => (script.sse(), script.end()))
          const connection = {
            baseUrl: `${server.origin}/v1`,
            headers: { 'x-team': 'blue' },
            ...(apiKey && { apiKey }),
          }
          await gather(createProvider(id, connection).stream(question, new AbortController().signal))
          const { headers, url } = server.requests[0]!
          assert.equal(headers.authorization, apiKey && `Bearer ${apiKey}`)
          assert.equal(headers['x-team'], 'blue')
          assert.match(url, /^\/v1\/(responses|chat\/completions)$/)
          assert.ok(!JSON.stringify(headers).includes('leak'))
        }
      } finally {
        for (const name of Object.keys(leaks)) {
          if (before[name] === undefined) delete process.env[name]
          else process.env[name] = before[name]
        }
      }
    })
  })
}
