/**
 * One turn: the model asks for tools, they run, their results go back, until it is done, a person stops it, or a limit is
 * met. Storing, showing and asking are the owner's; nothing here knows where a message is kept.
 */
import type { Message, Stop } from '../shared/message.ts'
import type { LoopEnd } from '../shared/tool-state.ts'
import { answerCalls } from './calls.ts'
import { limitMet } from './limits.ts'
import type { Loop } from './owner.ts'
import type { Totals } from './totals.ts'
import { noTotals, plus, WorkClock } from './totals.ts'

/** Never rejects. Whatever ended the turn, every call of it has a result, so its messages can be sent again. */
export async function runLoop(loop: Loop, signal: AbortSignal): Promise<{ end: LoopEnd; totals: Totals }> {
  const { owner } = loop
  const clock = new WorkClock()
  const turn: Message[] = []
  for (let totals = noTotals(); ;) {
    const { message, cost, keyed } = await owner.ask(turn, signal, clock.aside)
    turn.push(message)
    totals = plus(totals, message.usage, cost, keyed)
    owner.onStep(totals)
    const results = await answerCalls(message, loop, clock, signal)
    if (results) turn.push(results)
    const ended = endAfter(message.stop, results !== undefined, signal)
    const resumed = ended?.kind === 'answer' && ended.stop.kind === 'failed' && owner.resumes()
    const end = resumed ? undefined : ended
    if (end && end.kind !== 'done') return { end, totals }
    const limit = limitMet(loop.limits, totals, clock.worked)
    if (!end && limit) return { end: limit, totals }
    // What was typed meanwhile waits where the turn may not go on: the model was done when the limit was met or Stop came.
    // It waits too where the answer is not whole yet.
    const queued = limit || signal.aborted || resumed ? [] : owner.takeQueued()
    if (end && queued.length === 0) return { end, totals }
    turn.push(...queued)
  }
}

/** Why nothing follows from this answer and its results; undefined where the model is to be asked again. */
function endAfter(stop: Stop, called: boolean, signal: AbortSignal): LoopEnd | undefined {
  if (stop.kind === 'aborted') return { kind: 'stopped' }
  const end = endBy(stop, called)
  return signal.aborted && end?.kind !== 'done' ? { kind: 'stopped' } : end
}

function endBy(stop: Stop, called: boolean): LoopEnd | undefined {
  if (stop.kind === 'failed' || stop.kind === 'refused') return { kind: 'answer', stop }
  if (called || stop.kind === 'paused') return undefined
  return stop.kind === 'limit' ? { kind: 'answer', stop } : { kind: 'done' }
}
