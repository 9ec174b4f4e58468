import type { Cap, Entry, Spent } from '../shared/ledger.ts'
import { shortOf } from '../shared/ledger.ts'
import type { Budget } from './contract/budget.ts'

type Kept = Entry & { state: 'reserve' | 'settle' | 'refund' }

/** For the one window there is. */
export function createMemoryBudget(): Budget {
  const entries = new Map<string, Kept>()
  const spent = (cap: Cap): Spent => {
    const counted = [...entries.values()].filter((entry) => entry.at >= cap.since && isOf(entry, cap))
    const sum = (state: Kept['state']): number =>
      counted
        .filter((entry) => entry.state === state)
        .reduce((total, entry) => total + (cap.of === 'pool' ? entry.credits : entry.amount), 0)
    return { used: sum('settle'), reserved: sum('reserve') }
  }
  return {
    reserve(entry, caps) {
      if (entries.has(entry.id)) throw new Error(`Entry ${entry.id} exists.`)
      const before = caps.map(spent)
      const short = shortOf(entry, caps, before)
      if (short.length > 0) return { held: false, spent: before, short }
      entries.set(entry.id, { ...entry, state: 'reserve' })
      return { held: true, spent: before }
    },
    settle(id, amount) {
      const entry = entries.get(id)
      if (entry && entry.state !== 'settle') entries.set(id, { ...entry, ...amount, state: 'settle' })
    },
    refund(id) {
      const entry = entries.get(id)
      if (entry?.state === 'reserve') entries.set(id, { ...entry, amount: 0, credits: 0, state: 'refund' })
    },
    carry(before) {
      for (const { id, at, state, ...entry } of [...entries.values()]) {
        if (at <= 0 || at >= before || state === 'reserve') continue
        entries.delete(id)
        const { pool, conversation, agent, workspace } = entry
        const place = `carried ${JSON.stringify([pool, conversation, agent, workspace])}`
        const { amount = 0, credits = 0 } = entries.get(place) ?? {}
        const sums = { amount: amount + entry.amount, credits: credits + entry.credits }
        if (state === 'settle') entries.set(place, { ...entry, ...sums, id: place, at: 0, state })
      }
      return false
    },
    spent: (caps) => caps.map(spent),
    agents(since) {
      const sums = new Map<string, number>()
      for (const { agent, at, state, amount } of entries.values())
        if (agent !== undefined && at >= since && state === 'settle' && amount > 0)
          sums.set(agent, (sums.get(agent) ?? 0) + amount)
      return [...sums].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([agent]) => agent)
    },
  }
}

function isOf(entry: Entry, { of, key }: Cap): boolean {
  return of === 'all' || entry[of] === key
}
