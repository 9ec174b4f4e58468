import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Timeouts } from '../../src/resilience/timeouts.ts'
import { withTimeouts } from '../../src/resilience/timeouts.ts'
import type { ReadyIterator } from '../../src/llm/ready.ts'
import { mergeDeltas } from '../../src/shared/merge.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import { reduceAll } from '../../src/shared/reduce.ts'
import { origin, streams } from '../shared/events.ts'

const never: Timeouts = { connect: 0, firstToken: 0, idle: 0, total: 0 }
const start: StreamEvent = { type: 'start', origin }
const open: StreamEvent = { type: 'block-start', index: 0, block: { type: 'text', text: '' } }
const word: StreamEvent = { type: 'block-delta', index: 0, text: 'word ' }

const wait = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Sends each event after its pause. `deaf`: does not react to an abort. */
function source(steps: [number, StreamEvent][], deaf = false) {
  return async function* (signal: AbortSignal): AsyncGenerator<StreamEvent> {
    for (const [pause, event] of steps) {
      await wait(pause, deaf ? undefined : signal)
      if (signal.aborted && !deaf) return yield* endOf(signal)
      yield event
    }
    await wait(60_000, deaf ? undefined : signal)
    yield* endOf(signal)
  }
}

function* endOf(signal: AbortSignal): Generator<StreamEvent> {
  const { failure } = signal.reason as { failure: never }
  yield { type: 'block-end', index: 0, block: { type: 'text', text: 'word ' } }
  yield { type: 'end', stop: { kind: 'failed', failure } }
}

async function collect(stream: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

/** The same events, as many at a time as the sizes say, and one at a time after that. */
function inReads(events: readonly StreamEvent[], sizes: readonly number[]): StreamEvent[][] {
  const reads: StreamEvent[][] = []
  for (let at = 0; at < events.length;) {
    const size = sizes[reads.length] ?? 1
    reads.push(events.slice(at, at + size))
    at += size
  }
  return reads
}

/** Of each list the first has to be waited for, and the others are there with it. */
function together(reads: readonly StreamEvent[][]): AsyncIterable<StreamEvent> {
  let [read, at] = [-1, 0]
  const over = { done: true, value: undefined } as const
  const ready = (): IteratorResult<StreamEvent> | undefined => {
    const value = reads[read]?.[at++]
    return value && { done: false, value }
  }
  const iterator: ReadyIterator<StreamEvent> = {
    ready,
    async next() {
      await wait(0)
      read++
      at = 0
      return ready() ?? over
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

function failureOf(events: StreamEvent[]): string {
  const last = events.at(-1)
  assert.equal(last?.type, 'end')
  assert.equal(last.stop.kind, 'failed')
  assert.equal(last.stop.failure.code, 'timeout')
  return last.stop.failure.message
}

const limits: [string, Partial<Timeouts>, [number, StreamEvent][]][] = [
  [
    'firstToken',
    { firstToken: 60 },
    [
      [0, start],
      [0, open],
    ],
  ],
  [
    'idle',
    { idle: 60 },
    [
      [0, start],
      [0, open],
      [0, word],
    ],
  ],
  [
    'total',
    { total: 120 },
    [[0, start], [0, open], ...Array.from({ length: 20 }, (): [number, StreamEvent] => [30, word])],
  ],
]

describe('the watchdog', () => {
  for (const [name, timeouts, steps] of limits) {
    it(`ends a stream that meets the limit “${name}” and names the setting`, async () => {
      const events = await collect(withTimeouts(source(steps), { ...never, ...timeouts }, new AbortController().signal))
      assert.match(failureOf(events), new RegExp(`panelist\\.timeouts\\.${name}`))
    })
  }

  it('ends a stream that ignores the abort, with what had come', async () => {
    const steps: [number, StreamEvent][] = [
      [0, start],
      [0, open],
      [0, word],
      [0, word],
    ]
    const stream = withTimeouts(source(steps, true), { ...never, idle: 50 }, new AbortController().signal)
    const events = await collect(stream)
    failureOf(events)
    assert.deepEqual(events.at(-2), { type: 'block-end', index: 0, block: { type: 'text', text: 'word word ' } })
  })

  it('does not count the wait for the first token as idle, nor an empty block as a token', async () => {
    const steps: [number, StreamEvent][] = [
      [0, start],
      [0, open],
      [90, word],
    ]
    const stream = withTimeouts(source(steps), { ...never, firstToken: 400, idle: 50 }, new AbortController().signal)
    const events = await collect(stream)
    assert.ok(events.includes(word))
    assert.match(failureOf(events), /timeouts\.idle/)
  })

  it('tells the time of the whole answer where only some of it was left', async () => {
    const timeouts = { ...never, total: 30, whole: 60_000 }
    const silent = withTimeouts(source([[10_000, start]]), timeouts, new AbortController().signal)
    assert.match(failureOf(await collect(silent)), /longer than the 60 s that are allowed/)
  })

  it('takes a limit that no timer can wait for as none', async () => {
    const forever = 10_000_000_000
    const given = async function* (): AsyncGenerator<StreamEvent> {
      yield start
      await wait(30)
      yield { type: 'end', stop: { kind: 'done' } }
    }
    const timeouts = { connect: forever, firstToken: forever, idle: forever, total: forever }
    const events = await collect(withTimeouts(given, timeouts, new AbortController().signal))
    assert.equal(events.length, 2)
  })

  it('passes a healthy stream on unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (events) => {
        const given = async function* (): AsyncGenerator<StreamEvent> {
          yield* events
        }
        const timeouts = { connect: 1000, firstToken: 1000, idle: 1000, total: 1000 }
        assert.deepEqual(await collect(withTimeouts(given, timeouts, new AbortController().signal)), events)
      }),
      { numRuns: 50 },
    )
  })

  it('passes words of one block that came together on together, waits for none, and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(streams, fc.array(fc.integer({ min: 1, max: 5 })), async (events, sizes) => {
        const reads = inReads(events, sizes)
        const passed = await collect(withTimeouts(() => together(reads), never, new AbortController().signal))
        assert.deepEqual(passed, reads.flatMap(mergeDeltas))
        assert.deepEqual(reduceAll(origin, passed), reduceAll(origin, events))
      }),
      { numRuns: 100 },
    )
  })

  it('closes the source when the reader leaves', async () => {
    let closed = false
    const given = async function* (): AsyncGenerator<StreamEvent> {
      try {
        yield start
        yield open
      } finally {
        closed = true
      }
    }
    for await (const event of withTimeouts(given, never, new AbortController().signal)) if (event === start) break
    assert.ok(closed)
  })
})
