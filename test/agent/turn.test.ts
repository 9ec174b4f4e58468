import assert from 'node:assert/strict'
import { runTurn } from '../../src/agent/turn.ts'
import type { Provider } from '../../src/llm/types.ts'
import { defaultTimeouts } from '../../src/resilience/timeouts.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import { newDraft } from '../../src/shared/reduce.ts'

const origin = { provider: 'test', dialect: 'test', model: 'm' }

/** What this process has worked so far, in milliseconds. */
const worked = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** A provider whose events are all there at once, and take `busyMs` of work to read. */
function burst(busyMs: number): Provider {
  return {
    id: 'test',
    listModels: () => Promise.resolve([]),
    async *stream(): AsyncGenerator<StreamEvent> {
      yield { type: 'start', origin }
      yield { type: 'block-start', index: 0, block: { type: 'text', text: '' } }
      for (const until = worked() + busyMs; worked() < until;) {
        yield { type: 'block-delta', index: 0, text: 'x' }
      }
      yield { type: 'block-end', index: 0, block: { type: 'text', text: 'x' } }
      yield { type: 'end', stop: { kind: 'done' } }
    },
  }
}

describe('a turn', () => {
  it('lets timers and sockets have their turn while it reads a burst of events', async () => {
    let ended = false
    const turns: number[] = []
    const timer = setInterval(() => turns.push(performance.now()), 1)
    await runTurn(
      {
        provider: burst(100),
        request: { model: 'm', messages: [] },
        draft: newDraft(origin),
        timeouts: defaultTimeouts,
        onEvent: (event) => (ended = event.type === 'end'),
      },
      new AbortController().signal,
    )
    clearInterval(timer)
    assert.ok(ended)
    assert.ok(turns.length >= 3, `the event loop turned ${turns.length} times in 100 ms`)
  })
})
