/** A count of tokens that does not come. A compatible server need not have this part of the format it speaks. */
import assert from 'node:assert/strict'
import type { ChatRequest } from '../../src/llm/index.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Handler } from './scripted-server.ts'
import { startScriptedServer } from './scripted-server.ts'
import type { Speaker } from './speakers.ts'
import { connect, nameOf } from './speakers.ts'
import { SteadyTime } from './steady.ts'

const question: ChatRequest = {
  model: 'model-x',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
}
/** Milliseconds. Who asks goes on with an estimate, and a person may be waiting for it. */
const SOON = 1000

const answers: [string, Handler][] = [
  ['404', (script) => script.json(404, { detail: 'Not Found' })],
  ['405', (script) => script.json(405, { error: { message: 'Method not allowed' } })],
  ['501 of another kind', (script) => (script.head(501, { 'content-type': 'text/plain' }), script.end())],
  ['a page', (script) => (script.head(200, { 'content-type': 'text/html' }), script.end())],
  ['JSON without a count', (script) => script.json(200, { ok: true })],
  ['JSON that is no object', (script) => script.json(200, null)],
  ['a dropped socket', (script) => script.drop()],
]

/** For formats that have counts; the others have no such method, which `good-day.ts` proves. */
export function describeMissingCounts(speaker: Speaker): void {
  if (!speaker.format.counted) return

  describe(`${nameOf(speaker)} without a count of tokens`, () => {
    const fails = async (handler: Handler, signal: AbortSignal): Promise<number> => {
      await using server = await startScriptedServer(handler)
      const provider = connect(speaker, server.origin)
      using time = new SteadyTime()
      const began = performance.now()
      await assert.rejects(
        async () => provider.countTokens?.(question, signal),
        (error) => error instanceof FailureError && error.failure.message !== '',
      )
      assert.ok(time.between(began) < SOON)
      return server.requests.length
    }

    for (const [what, handler] of answers) {
      it(`is one request and one failure, at once: ${what}`, async () =>
        assert.equal(await fails(handler, new AbortController().signal), 1))
    }

    it('asks no longer when its signal aborts', async () => {
      const controller = new AbortController()
      await fails((script) => (setTimeout(() => controller.abort(), 20), script.silence()), controller.signal)
    })
  })
}
