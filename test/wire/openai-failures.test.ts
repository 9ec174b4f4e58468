import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import { gather } from '../harness/contract.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

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
