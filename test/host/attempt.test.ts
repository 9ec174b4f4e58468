import assert from 'node:assert/strict'
import { askingOf } from '../../src/host/attempt.ts'
import type { Needs } from '../../src/resilience/admission.ts'
import type { File, Message, Part } from '../../src/shared/message.ts'

const chosen = { provider: 'anthropic', model: 'claude', providerLabel: 'Anthropic' }
const screenshot: File = { type: 'file', media: { mediaType: 'image/png', data: 'iVBORw0KGgo=' } }
const needsOf = (...messages: Message[]): Needs | undefined =>
  askingOf({}, {}, chosen, undefined, { request: { model: 'claude', messages } }).asking.needs

describe('what a request asks of a model', () => {
  const results = (output: Part[]): Message => ({
    role: 'tool',
    content: [{ type: 'tool-result', callId: 'c1', name: 'look', ranBy: 'host', output }],
  })

  it('is to see images, be they attached or the result of a tool', () => {
    assert.deepEqual(needsOf({ role: 'user', content: [screenshot] }), { images: true })
    assert.deepEqual(needsOf(results([{ type: 'text', text: 'Here it is.' }, screenshot])), { images: true })
  })

  it('is nothing of the kind for words alone', () => {
    assert.deepEqual(needsOf(results([{ type: 'text', text: 'Nothing to see.' }])), {})
  })
})
