import assert from 'node:assert/strict'
import { systemClock } from '../../src/resilience/clock.ts'
import { milliseconds } from '../../src/host/settings/values.ts'
import { SteadyTime } from '../harness/steady.ts'

const nobody = new AbortController().signal

describe('The clock of waits', () => {
  const realNow = Date.now
  afterEach(() => void (Date.now = realNow))

  it('sleeps as long as asked', async () => {
    const before = performance.now()
    await systemClock.sleep(1_050, nobody)
    const took = performance.now() - before
    assert.ok(took >= 1_049, `${took} ms`)
  })

  it('is awake within a second once the computer is, however long it had slept', async () => {
    using time = new SteadyTime()
    const before = performance.now()
    const sleep = systemClock.sleep(60_000, nobody)
    Date.now = () => realNow() + 120_000
    await sleep
    assert.ok(time.between(before) < 3_000)
  })

  it('sleeps no longer because somebody sets the time back', async () => {
    const before = performance.now()
    const sleep = systemClock.sleep(1_100, nobody)
    Date.now = () => realNow() - 3_600_000
    await sleep
    assert.ok(performance.now() - before < 30_000)
  })

  it('is left at once by an abort', async () => {
    const stop = new AbortController()
    const before = performance.now()
    const sleep = systemClock.sleep(60_000, stop.signal)
    stop.abort()
    await sleep
    assert.ok(performance.now() - before < 30_000)
  })

  it('sleeps through a wait that no timer can hold', async () => {
    const stop = new AbortController()
    let awake = false
    const sleep = systemClock.sleep(10_000_000_000, stop.signal).then(() => (awake = true))
    await systemClock.sleep(50, nobody)
    assert.equal(awake, false)
    stop.abort()
    await sleep
  })

  it('takes more seconds from the settings than a timer can wait for as the most it can', () => {
    assert.equal(milliseconds(9_999_999, 1), 2 ** 31 - 1)
    assert.equal(milliseconds(20, 1), 20_000)
    assert.equal(milliseconds(-1, 7), 7)
  })
})
