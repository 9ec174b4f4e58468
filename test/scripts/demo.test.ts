/** What the demo provider of `npm start` makes of what it is sent. */
import assert from 'node:assert/strict'
import { startDemoProvider } from '../../scripts/demo-provider.ts'
import { answerTo } from '../../scripts/demo/answers.ts'

describe('the demo provider', () => {
  const welcome = answerTo('Hello')
  assert.ok('content' in welcome)

  it('shows a failure, a tool or a long answer to whoever asks for one', () => {
    assert.deepEqual(
      ['An error, please', 'error 429', 'Error 401'].map((text) => (answerTo(text) as { status?: number }).status),
      [529, 429, 401],
    )
    assert.ok('toolCalls' in answerTo('Use a tool'))
    assert.ok((answerTo('Something long') as { content: string }).content.length > welcome.content.length)
  })

  it('writes a summary of a chat that holds those words: its own first answer does', () => {
    assert.deepEqual(answerTo(`Summarise this chat:\n\n${welcome.content}`), welcome)
  })

  it('reads the words of a message apart from those of one before it that was never answered', async () => {
    const demo = await startDemoProvider({ pace: 'instant' })
    try {
      const content = ['Hello three', 'error 429, please'].map((text) => ({ type: 'text', text }))
      const body = { model: 'claude-sonnet-4-5', max_tokens: 10, messages: [{ role: 'user', content }] }
      const headers = { 'content-type': 'application/json', 'x-api-key': 'none' }
      const address = `${demo.settings.anthropic.baseUrl}/v1/messages`
      const { status } = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
      assert.equal(status, 429)
    } finally {
      await demo.stop()
    }
  })
})
