import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Guarded } from '../../src/llm/guard.ts'
import { guard } from '../../src/llm/guard.ts'
import { newExchange } from '../../src/llm/transport.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Block, StreamEvent } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'

const origin = { provider: 'p', dialect: 'd', model: 'asked' }
const context = { provider: 'Provider', baseUrl: 'https://p.example/v1', secrets: ['the-key'] }
const text = (words: string): Block => ({ type: 'text', text: words })
const never = () => new AbortController().signal

type Step = StreamEvent[] | Error

/** A dialect whose chunks are the events themselves; an error in the list is thrown by the source there. */
function play(steps: readonly Step[], more: Partial<Guarded<StreamEvent[]>> = {}): Guarded<StreamEvent[]> {
  async function* chunks() {
    for (const step of steps) {
      await turn()
      if (step instanceof Error) throw step
      yield step
    }
  }
  return { origin, parser: { push: (events) => events }, open: chunks, context, ...more }
}

const index = fc.nat(2)
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.string().map(text),
  fc.string().map((json): Block => ({ type: 'tool-call', id: 'c', name: 'n', ranBy: 'host', json })),
)
const anyEvent: fc.Arbitrary<StreamEvent> = fc.oneof(
  fc.constant<StreamEvent>({ type: 'start', origin: { ...origin, model: 'reported' } }),
  fc
    .tuple(fc.constantFrom('block-start' as const, 'block-replace' as const, 'block-end' as const), index, block)
    .map(([type, at, each]) => ({ type, index: at, block: each })),
  fc.tuple(index, fc.string()).map(([at, words]): StreamEvent => ({ type: 'block-delta', index: at, text: words })),
  fc.constant<StreamEvent>({ type: 'usage', usage: noUsage() }),
  fc.constant<StreamEvent>({ type: 'end', stop: { kind: 'done' } }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: fc.array(anyEvent, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant(new TypeError('terminated')) },
)

describe('the guard of a stream', () => {
  it('makes a sound stream of whatever a dialect yields or throws', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
      await gather(guard(play(steps), never()))
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('keeps the start of a dialect, and gives its own where there is none', async () => {
    const own = { ...origin, model: 'reported' }
    const { message } = await gather(guard(play([[{ type: 'start', origin: own }]]), never()))
    assert.equal(message.origin.model, 'reported')
    const { message: silent } = await gather(guard(play([]), never()))
    assert.equal(silent.origin.model, 'asked')
  })

  it('ends an open call without input where its arguments are half, and with input where they are whole', async () => {
    for (const [json, input] of [
      ['{"a":', undefined],
      ['{"a":1}', { a: 1 }],
      ['', undefined],
      ['12', undefined],
    ] as const) {
      const call: Block = { type: 'tool-call', id: 'c', name: 'n', ranBy: 'host', json: '' }
      const events: StreamEvent[] = [
        { type: 'block-start', index: 0, block: call },
        { type: 'block-delta', index: 0, text: json },
      ]
      const { message } = await gather(guard(play([events, new TypeError('terminated')]), never()))
      assert.deepEqual(message.content, [{ ...call, json, ...(input ? { input } : {}) }])
      assert.ok(message.stop.kind === 'failed' && message.stop.failure.code === 'network')
    }
  })

  it('turns an error of opening into the end of the stream, without the key', async () => {
    const open = () => Promise.reject(Object.assign(new Error('401 bad key the-key'), { status: 401 }))
    const { stop } = await gather(guard(play([], { open }), never()))
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'auth')
    assert.equal(stop.failure.detail, 'bad key [redacted]')
  })

  it('tells an empty stream from a body that nobody could read', async () => {
    const empty = await gather(guard(play([], { context: { ...context, exchange: newExchange() } }), never()))
    assert.ok(empty.stop.kind === 'failed' && empty.stop.failure.code === 'truncated')
    const exchange = { bytes: 10, head: 'nonsense' }
    const garbage = await gather(guard(play([], { context: { ...context, exchange } }), never()))
    assert.ok(garbage.stop.kind === 'failed' && garbage.stop.failure.code === 'malformed')
    assert.equal(garbage.stop.failure.detail, 'nonsense')
  })

  it('ends at once on abort, also where the source ignores it', async () => {
    const deaf = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const { stop } = await gather(guard(play([], { open: () => deaf }), controller.signal))
    assert.deepEqual(stop, { kind: 'aborted' })
  })

  it('ends with the failure that a timer aborted with', async () => {
    const failure = { code: 'timeout' as const, message: 'Nothing came.' }
    const { stop } = await gather(guard(play([]), AbortSignal.abort(new FailureError(failure))))
    assert.deepEqual(stop, { kind: 'failed', failure })
  })

  it('reads on after the end, so that the connection can be used again', async () => {
    let read = 0
    async function* open() {
      for (const events of [[{ type: 'end', stop: { kind: 'done' } }] as StreamEvent[], [], []]) {
        yield events
        read++
      }
    }
    const { events } = await gather(guard(play([], { open }), never()))
    assert.equal(events.length, 2)
    await turn()
    assert.equal(read, 3)
  })

  it('tells the source when the consumer leaves, also one whose iterator does not care', async () => {
    let given: AbortSignal | undefined
    const open = (inner: AbortSignal) => {
      given = inner
      const value: StreamEvent[] = [{ type: 'usage', usage: noUsage() }]
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false as const, value }) }) }
    }
    for await (const event of guard(play([], { open }), never())) if (event.type === 'usage') break
    assert.equal(given?.aborted, true)
  })

  it('lets go of the signal it was given', async () => {
    const { signal } = new AbortController()
    const listeners = { added: 0, removed: 0 }
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listeners.added++
      addEventListener.apply(signal, given)
    }
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listeners.removed++
      removeEventListener.apply(signal, given)
    }
    await gather(guard(play([[]]), signal))
    assert.deepEqual(listeners, { added: 1, removed: 1 })
  })
})
