/** One answer: asks the provider, passes every event on, measures, and never throws. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChatRequest, Provider } from '../llm/types.ts'
import type { Timeouts } from '../resilience/timeouts.ts'
import { withTimeouts } from '../resilience/timeouts.ts'
import type { Timing } from '../shared/conversation.ts'
import type { FailureCode } from '../shared/failure.ts'
import type { AssistantMessage, Stop, StreamEvent, Usage } from '../shared/message.ts'
import type { Draft } from '../shared/reduce.ts'
import { reduce, settle } from '../shared/reduce.ts'
import { usageOfBroken } from '../usage/estimate.ts'

export type Turn = {
  provider: Provider
  request: ChatRequest
  /** Grows with every event; holds the message at the end. */
  draft: Draft
  timeouts: Timeouts
  /** The provider has taken the request: from then on it charges for what was sent. */
  accepted?(): boolean
  /** Called with each event, in order, once it is in the draft. Must not throw. */
  onEvent(event: StreamEvent): void
}

export type Answer = { message: AssistantMessage; timing: Timing }

/**
 * Events that are there already are read without the event loop turning once. After this long, in milliseconds, it turns:
 * so that what was read reaches the page and the journal, and Stop is heard.
 */
const LONGEST_RUN = 8

export async function runTurn(turn: Turn, signal: AbortSignal): Promise<Answer> {
  const startedAt = Date.now()
  const clock = performance.now()
  const elapsed = (): number => Math.round(performance.now() - clock)
  let firstTokenMs: number | undefined
  let turnedAt = clock
  const stream = withTimeouts((inner) => turn.provider.stream(turn.request, inner), turn.timeouts, signal)
  const pass = (event: StreamEvent): void => {
    reduce(turn.draft, event)
    turn.onEvent(event)
  }
  for await (const event of stream) {
    if (firstTokenMs === undefined && event.type === 'block-delta') firstTokenMs = elapsed()
    const usage =
      event.type === 'end' && (isBroken(event.stop) || !isTold(turn)) ? uncounted(turn, event.stop) : undefined
    if (usage) pass({ type: 'usage', usage })
    pass(event)
    if (performance.now() - turnedAt > LONGEST_RUN) {
      await nextTurn()
      turnedAt = performance.now()
    }
  }
  const timing: Timing = { startedAt, durationMs: elapsed() }
  if (firstTokenMs !== undefined) timing.firstTokenMs = firstTokenMs
  return { message: settle(turn.draft), timing }
}

const isBroken = ({ kind }: Stop): boolean => kind === 'aborted' || kind === 'failed'

/** Some servers end a whole answer without a word of what it used: nobody is to take that for nothing. */
const isTold = ({ draft: { usage } }: Turn): boolean =>
  usage.cost !== undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite > 0

function uncounted({ request, draft, accepted }: Turn, stop: Stop): Usage | undefined {
  return usageOfBroken(request, draft.content, draft.usage, isLeft(stop) && accepted?.() === true)
}

/** Who was asked did not say that it failed: it may have gone on. */
const isLeft = (stop: Stop): boolean =>
  stop.kind === 'aborted' || (stop.kind === 'failed' && LEFT.includes(stop.failure.code))

const LEFT: readonly FailureCode[] = ['timeout', 'network', 'truncated']
