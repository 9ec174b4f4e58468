/** How soon a socket is closed once nobody wants the answer any more. */
import assert from 'node:assert/strict'
import type { Script } from './scripted-server.ts'
import { quickest, SteadyTime } from './steady.ts'

export type Leaving = { controller: AbortController; abort(): void }

/** When it was left, where that was not by `abort`; and what the server saw. */
export type Left = { at?: number | undefined; closed: Script['request']['closed'] }

/** Asserts that the server sees the socket close within 50 ms of the call of `abort`, or of the time that `leave` gives. */
export async function closesSoon(leave: (leaving: Leaving) => Promise<Left>): Promise<void> {
  const took = await quickest(50, async () => {
    using time = new SteadyTime()
    const controller = new AbortController()
    let abortedAt = Infinity
    const abort = (): void => {
      abortedAt = performance.now()
      controller.abort()
    }
    const left = await leave({ controller, abort })
    const { at, aborted } = await left.closed
    assert.ok(aborted)
    return time.between(left.at ?? abortedAt, at)
  })
  assert.ok(took < 50, `it took ${took} ms`)
}
