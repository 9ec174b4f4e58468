/** When a turn pauses by itself. Each limit is looked at before the next request, never in the middle of one. */
import type { LoopEnd } from '../shared/tool-state.ts'
import type { Totals } from './totals.ts'

/** Absent: no such limit. */
export type Limits = {
  /** Requests of one turn. */
  steps?: number
  /** USD of one turn, as far as it is known. */
  cost?: number
  /** The person knows that a cost is unknown in this chat, and goes on. */
  unpriced?: true
  /** Milliseconds of one turn, without the time a person was asked. */
  time?: number
}

export const defaultLimits: Limits = { steps: 50 }

/** With the budget of an agent, USD: it may only lower what a turn may cost. */
export function limitsWith(limits: Limits, budget: number | undefined): Limits {
  return budget === undefined ? limits : { ...limits, cost: Math.min(budget, limits.cost ?? budget) }
}

const stepsTaken = ({ steps }: Limits, totals: Totals): boolean => steps !== undefined && totals.steps >= steps
const costReached = ({ cost }: Limits, totals: Totals): boolean => cost !== undefined && totals.cost >= cost
const costUntold = ({ cost, unpriced }: Limits, totals: Totals): boolean =>
  cost !== undefined && !unpriced && totals.unpriced === true
const timeOver = ({ time }: Limits, worked: number): boolean => time !== undefined && worked >= time

/** The limit that is met, if one is. `worked`: milliseconds. */
export function limitMet(limits: Limits, totals: Totals, worked: number): LoopEnd | undefined {
  if (stepsTaken(limits, totals)) return { kind: 'limit', of: 'steps', limit: limits.steps ?? 0 }
  if (costReached(limits, totals)) return { kind: 'limit', of: 'cost', limit: limits.cost ?? 0 }
  if (costUntold(limits, totals)) return { kind: 'limit', of: 'cost', limit: limits.cost ?? 0, unknown: true }
  if (timeOver(limits, worked)) return { kind: 'limit', of: 'time', limit: limits.time ?? 0 }
  return undefined
}
