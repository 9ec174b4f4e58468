import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { Batcher } from '../../src/host/batcher.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import type { Batch } from '../../src/shared/protocol.ts'

const period = 200
const origin = { provider: 'test', dialect: 'test', model: 'm' }
const begun: StreamEvent[] = [
  { type: 'start', origin },
  { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
]
const word = (text: string): StreamEvent => ({ type: 'block-delta', index: 0, text })

describe('what a panel is told', () => {
  let batches: Batch[]
  let batcher: Batcher
  const { now } = performance
  let time: number
  /** So many milliseconds later, however long the machine takes. */
  const pass = (ms: number): void => {
    time += ms
    mock.timers.tick(ms)
  }
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
    time = 1_000
    performance.now = () => time
    batches = []
    batcher = new Batcher((batch) => batches.push(batch), period)
    batcher.restart('epoch')
  })
  afterEach(() => {
    batcher.stop()
    performance.now = now
    mock.timers.reset()
  })

  it('holds the first words as soon as they come, together with the start of their answer', () => {
    for (const event of begun) batcher.pushStream('a', event)
    pass(10)
    batcher.pushStream('a', word('first'))
    pass(10)
    assert.equal(batches.length, 1)
    assert.match(JSON.stringify(batches[0]), /start.*first/)
  })

  it('holds the start of an answer whose words are not there yet', () => {
    for (const event of begun) batcher.pushStream('a', event)
    pass(2 * period)
    assert.equal(batches.length, 1)
  })

  it('holds how an answer ended without a wait, and with all that was gathered before', () => {
    batcher.pushStream('a', word('first'))
    pass(10)
    batcher.pushStream('a', word(' last'))
    batcher.push({ type: 'settled', id: 'a', state: 'done' })
    pass(10)
    assert.deepEqual(batches[1]?.events, [
      { type: 'stream', id: 'a', events: [word(' last')] },
      { type: 'settled', id: 'a', state: 'done' },
    ])
  })

  it('gathers the words after them into one', () => {
    batcher.pushStream('a', word('first'))
    pass(10)
    for (const text of [' and', ' then', ' more']) {
      batcher.pushStream('a', word(text))
      pass(10)
    }
    assert.equal(batches.length, 1)
    pass(period)
    assert.deepEqual(batches[1], {
      epoch: 'epoch',
      seq: 2,
      events: [{ type: 'stream', id: 'a', events: [word(' and then more')] }],
    })
  })

  it('tells after a snapshot what no snapshot holds, and nothing that it does', () => {
    batcher.pushStream('a', word('first'))
    pass(10)
    batcher.pushStream('a', word('second'))
    batcher.push({ type: 'focus' })
    batcher.restart('next')
    pass(10)
    assert.deepEqual(batches.slice(1), [{ epoch: 'next', seq: 1, events: [{ type: 'focus' }] }])
  })
})
