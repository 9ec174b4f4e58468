/** The calls of one answer and their results. */
import type { AssistantMessage, ToolCall, ToolMessage, ToolResult } from '../shared/message.ts'
import { runCall } from './call.ts'
import type { Loop } from './owner.ts'
import { interrupted, notRun } from './refusals.ts'
import type { WorkClock } from './totals.ts'

/** Reads that run at the same time. */
const LANES = 8

/**
 * Runs the calls: side by side where all of them only read, else one after another in the model's order. Results stand in
 * the order of the calls. Undefined where the answer calls nothing. Never rejects.
 */
export async function answerCalls(
  answer: AssistantMessage,
  loop: Loop,
  clock: WorkClock,
  signal: AbortSignal,
): Promise<ToolMessage | undefined> {
  const { owner, tools } = loop
  const calls = hostCalls(answer)
  if (calls.length === 0) return undefined
  const results: ToolResult[] = calls.map(interrupted)
  const message = (): ToolMessage => ({ role: 'tool', content: [...results] })
  owner.results(message(), false)
  for (const { id } of calls) owner.onCall({ type: 'state', callId: id, state: { kind: 'waiting' } })
  const lanes = calls.every(({ name }) => isRead(tools.get(name)?.effect)) ? LANES : 1
  await inLanes(lanes, calls, async (call, at) => {
    const refusal = notRun(answer, call)
    results[at] = await runCall(call, refusal, loop, clock, signal)
    owner.results(message(), false)
  })
  owner.results(message(), true)
  return message()
}

/** A call of a tool that is not there does nothing at all. */
const isRead = (effect: string | undefined): boolean => effect === 'read' || effect === undefined

/** Those that are ours to run. Of two under one id the second never runs: its result could not be told from the first's. */
function hostCalls({ content }: AssistantMessage): ToolCall[] {
  const calls = new Map<string, ToolCall>()
  for (const block of content) {
    if (block.type === 'tool-call' && block.ranBy === 'host' && !calls.has(block.id)) calls.set(block.id, block)
  }
  return [...calls.values()]
}

/** Starts the work in order, at most so many at a time. */
async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries()
  const lane = async (): Promise<void> => {
    for (const [at, item] of waiting) await work(item, at)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
}
