/** What one read of the socket brings is handed out together, whatever format it is in: words cost less than waiting for them. */
import assert from 'node:assert/strict'
import type { ReadyIterator } from '../../src/llm/ready.ts'
import { readyOf } from '../../src/llm/ready.ts'
import type { ChatRequest } from '../../src/llm/index.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { connect, nameOf, speakers } from '../harness/speakers.ts'

const asked: ChatRequest = {
  model: 'model-x',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
}
const text = 'One two three four five six seven eight nine ten. '.repeat(20)

// Ollama's lines are read by its SDK, one at a time.
for (const speaker of speakers.filter(({ id }) => id !== 'ollama')) {
  describe(`What came with one read from ${nameOf(speaker)}`, () => {
    it('is there without a wait for each piece of it', async () => {
      const { format } = speaker
      await using server = await startScriptedServer(async (script) => {
        script.head(200, { 'content-type': format.contentType })
        await script.send(format.answer({ text }))
        script.end()
      })
      const stream = connect(speaker, server.origin).stream(asked, new AbortController().signal)
      const iterator: ReadyIterator<StreamEvent> = stream[Symbol.asyncIterator]()
      let [waits, pieces] = [0, '']
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        waits++
        for (const event of [next.value, ...readyOf(iterator)]) if (event.type === 'block-delta') pieces += event.text
      }
      assert.equal(pieces, text)
      assert.ok(waits < 100, `${waits} waits for 500 pieces`)
    })
  })
}
