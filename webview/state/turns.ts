/** Which answers are steps of one turn, and what they come to. */
import type { AssistantMessage, Usage } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import type { TurnTotals } from '../../src/shared/protocol.ts'
import type { Entry } from './entry.svelte.ts'

/**
 * The steps of its turn for each answer: those that follow each other through results of tools, after a pause, or because
 * one goes on from the other that was cut off.
 */
export function turnsOf(entries: readonly Entry[]): Map<Entry, readonly Entry[]> {
  const turns = new Map<Entry, readonly Entry[]>()
  let steps: Entry[] = []
  let open = false
  let wasAnswer = false
  for (const entry of entries) {
    if (entry.role === 'assistant') {
      if (!open && !(wasAnswer && goesOn(entry))) steps = []
      steps.push(entry)
      turns.set(entry, steps)
    }
    open = entry.role === 'tool' || (entry.role === 'assistant' && isPaused(entry))
    wasAnswer = entry.role === 'assistant'
  }
  return turns
}

const goesOn = ({ stored }: Entry): boolean => (stored.message as AssistantMessage).goesOn !== undefined
const isPaused = ({ stored }: Entry): boolean => (stored.message as AssistantMessage).stop.kind === 'paused'

export const usedOf = ({ input, output, cacheRead, cacheWrite }: Usage): number =>
  input + output + cacheRead + cacheWrite

/** What went wrong on the way to these answers: attempts in vain, and those that broke off and were gone on from. */
export function failuresOf(steps: readonly Entry[]): string[] {
  return steps.flatMap(({ stored }, at) => {
    const { stop } = stored.message as AssistantMessage
    const broke = stop.kind === 'failed' && at < steps.length - 1 ? [stop.failure] : []
    const failed = [...(stored.timing?.failed ?? []), ...broke]
    return failed.map(({ code, status }) => (status === undefined ? code : `${code} (${status})`))
  })
}

/** Of finished answers. */
export function totalsOf(steps: readonly Entry[]): TurnTotals {
  const totals: TurnTotals = { steps: steps.length, usage: noUsage(), cost: 0 }
  const sum = totals.usage
  for (const { stored } of steps) {
    const { usage } = stored.message as AssistantMessage
    for (const field of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) sum[field] += usage[field]
    if (usage.reasoning !== undefined) sum.reasoning = (sum.reasoning ?? 0) + usage.reasoning
    if (usage.estimated) sum.estimated = true
    totals.cost += stored.cost ?? 0
    // What used nothing cost nothing.
    if (stored.cost === undefined && usedOf(usage as Usage) > 0) totals.costUnknown = true
  }
  return totals
}
