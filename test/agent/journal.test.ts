import assert from 'node:assert/strict'
import fc from 'fast-check'
import { journalWriter } from '../../src/agent/journal.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import { reduceAll } from '../../src/shared/reduce.ts'
import { SteadyTime } from '../harness/steady.ts'
import { origin, streams } from '../shared/events.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const unexpected = (error: unknown): never => assert.fail(String(error))
const word = (text: string): StreamEvent => ({ type: 'block-delta', index: 0, text })

describe('the journal writer', () => {
  it('loses nothing, whatever the order of events and pauses', async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (events) => {
        const written: StreamEvent[] = []
        const journal = journalWriter<StreamEvent>((batch) => written.push(...batch) > 0, unexpected, 1)
        for (const [index, event] of events.entries()) {
          journal.push(event)
          if (index % 3 === 0) await pause(0)
        }
        journal.flush()
        assert.deepEqual(reduceAll(origin, written), reduceAll(origin, events))
      }),
      { numRuns: 40 },
    )
  })

  it('is never more than a quarter of a second behind', async () => {
    using time = new SteadyTime()
    const delays: number[] = []
    let oldest = 0
    const journal = journalWriter<StreamEvent>(() => delays.push(time.between(oldest)) > 0, unexpected)
    for (let index = 0; index < 5; index++) {
      oldest = performance.now()
      journal.push(word('a'))
      journal.push(word('b'))
      while (delays.length <= index) await pause(5)
    }
    assert.ok(Math.max(...delays) < 250, `${Math.max(...delays)} ms`)
  })

  it('writes the first words as soon as they are shown, for whoever closes the window then', async () => {
    const written: StreamEvent[] = []
    const journal = journalWriter<StreamEvent>((events) => written.push(...events) > 0, unexpected, 60_000)
    journal.push(word('First'))
    for (const deadline = performance.now() + 30_000; written.length === 0; await pause(1))
      assert.ok(performance.now() < deadline, 'the first words wait for those that follow')
    journal.push(word(' and more'))
    await pause(50)
    assert.deepEqual(written, [word('First')])
    journal.drop()
  })

  it('writes words that come after a pause as soon as they are shown', async () => {
    const written: StreamEvent[] = []
    const journal = journalWriter<StreamEvent>((events) => written.push(...events) > 0, unexpected, 1_000)
    journal.push({ type: 'start', origin: origin })
    await pause(1_100)
    assert.equal(written.length, 1)
    journal.push(word('First'))
    await pause(300)
    assert.equal(written.length, 2, 'they wait for those that follow')
  })

  it('writes what came in between at once, not event by event', async () => {
    const batches: StreamEvent[][] = []
    const journal = journalWriter<StreamEvent>((batch) => batches.push(batch) > 0, unexpected, 20)
    for (let index = 0; index < 1000; index++) journal.push(word('x'))
    await pause(60)
    assert.deepEqual(batches, [[word('x'.repeat(1000))]])
  })

  it('tells of a failed write, goes on, and writes it with the next', async () => {
    const problems: unknown[] = []
    let broken = true
    const written: StreamEvent[] = []
    const journal = journalWriter<StreamEvent>(
      (batch) => {
        if (broken) throw new Error('disk full')
        return written.push(...batch) > 0
      },
      (error) => problems.push(error),
    )
    journal.push(word('late, '))
    journal.flush()
    broken = false
    journal.push(word('kept'))
    journal.flush()
    assert.equal(problems.length, 1)
    assert.deepEqual(written, [word('late, kept')])
  })

  it('tries a failed write again where nothing follows, and tells of it once', async () => {
    const problems: unknown[] = []
    const written: StreamEvent[] = []
    let tries = 0
    const journal = journalWriter<StreamEvent>(
      (batch) => {
        if (++tries < 3) throw new Error('disk full')
        return written.push(...batch) > 0
      },
      (error) => problems.push(error),
    )
    journal.record(word('the last for a long while'))
    for (const deadline = performance.now() + 30_000; written.length === 0; await pause(20))
      assert.ok(performance.now() < deadline, 'it is not tried again')
    assert.deepEqual(written, [word('the last for a long while')])
    assert.equal(problems.length, 1)
    await pause(700)
    assert.equal(tries, 3, 'what is written is written again')
  })

  it('asks again for what the store could not write yet, until it has', async () => {
    const asked: StreamEvent[][] = []
    const journal = journalWriter<StreamEvent>((batch) => asked.push(batch) > 2, unexpected)
    journal.record(word('held up'))
    for (const deadline = performance.now() + 30_000; asked.length < 3; await pause(20))
      assert.ok(performance.now() < deadline, 'it is not tried again')
    await pause(700)
    assert.deepEqual(asked, [[word('held up')], [], []])
  })

  it('asks for nothing any more once it is dropped', async () => {
    let tries = 0
    const journal = journalWriter<StreamEvent>(() => ++tries < 0, unexpected)
    journal.record(word('held up'))
    journal.push(word(', and more'))
    journal.drop()
    await pause(700)
    assert.equal(tries, 1)
  })
})
