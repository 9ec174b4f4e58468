import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { quickest, SteadyTime, worked } from './harness/steady.ts'

const busy = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}
/** As a machine that lets other programs run. */
const leftOut = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('steady time', () => {
  it('counts what was waited, and what was worked', async () => {
    using time = new SteadyTime()
    const start = performance.now()
    for (let times = 0; times < 100; times++) await pause(1)
    const waited = performance.now()
    assert.ok(time.between(start, waited) > 60, `${time.between(start, waited)} ms`)
    const before = process.cpuUsage()
    busy(120)
    const { user, system } = process.cpuUsage(before)
    const counted = time.between(waited)
    assert.ok(counted > ((user + system) / 1_000) * 0.8, `${counted} ms`)
  })

  it('is that of the quickest of five, and of no more than it takes to be quick enough', async () => {
    const of = async (...took: number[]): Promise<[number, number]> => {
      const left = [...took]
      return [await quickest(50, async () => left.shift()!), took.length - left.length]
    }
    assert.deepEqual(await of(70, 20, 10), [20, 2])
    assert.deepEqual(await of(90, 80, 60, 70, 90, 10), [60, 5])
  })

  it('counts next to nothing of the time in which the process was left out', () => {
    using time = new SteadyTime()
    const start = performance.now()
    leftOut(300)
    const counted = time.between(start)
    assert.ok(performance.now() - start > 250)
    assert.ok(counted < 150, `${counted} ms`)
    assert.ok(worked(() => leftOut(300)) < 150)
  })
})
