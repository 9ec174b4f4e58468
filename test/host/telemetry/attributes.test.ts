import assert from 'node:assert/strict'
import { targetAttributes } from '../../../src/host/telemetry/otlp/attributes.ts'
import { requestRecord } from '../../../src/agent/record.ts'
import { newDraft, settle } from '../../../src/shared/reduce.ts'

describe('The attributes of a request', () => {
  const message = settle(newDraft({ provider: 'mistral', dialect: 'openai-chat', model: 'm' }))
  const record = requestRecord({}, { timing: { startedAt: 1, durationMs: 2 } }, message, 'm')

  const cases = {
    'https://api.example': ['api.example', 443],
    'http://gateway.example': ['gateway.example', 80],
    'https://gateway.example:8443': ['gateway.example', 8443],
    'http://[::1]:4000': ['[::1]', 4000],
  }
  for (const [address, [host, port]] of Object.entries(cases)) {
    it(`name the server with its port: ${address}`, () => {
      const attributes = targetAttributes({ record, address, finish: 'done' })
      assert.deepEqual([attributes['server.address'], attributes['server.port']], [host, port])
      assert.equal(attributes['gen_ai.provider.name'], 'mistral_ai')
    })
  }

  it('name none for the models of the editor', () => {
    const attributes = targetAttributes({ record, finish: 'done' })
    assert.ok(!('server.address' in attributes) && !('server.port' in attributes))
  })
})
