/** Adding up, and putting what was added up in order: the same for both stores. */
import { DIMENSIONS, noSums } from '../../shared/usage.ts'
import type { ChatCost, Dimension, Sums, UsageGroup, UsageReport } from '../../shared/usage.ts'
import type { FailureCode } from '../../shared/failure.ts'

/** The dearest conversations that are listed. */
export const CHATS = 20

/** Values of every dimension; empty where there is none. */
export type Slice = Record<Dimension, string>

const KINDS = Object.keys(noSums()) as (keyof Sums)[]

export function add(to: Sums, more: Sums): void {
  for (const kind of KINDS) to[kind] += more[kind]
}

export class Groups {
  readonly totals = noSums()
  readonly #by = new Map(DIMENSIONS.map((name) => [name, new Map<string, UsageGroup>()]))
  readonly #failures = new Map<string, number>()

  /** So many requests failed in this way. */
  failed(code: string, requests: number): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + requests)
  }

  add(slice: Slice, sums: Sums): void {
    add(this.totals, sums)
    for (const [dimension, groups] of this.#by) {
      const name = slice[dimension]
      const isModel = dimension === 'model'
      const key = isModel ? `${slice.provider}\n${name}` : name
      const group = groups.get(key) ?? { name, ...(isModel && { provider: slice.provider }), ...noSums() }
      groups.set(key, group)
      add(group, sums)
    }
  }

  get by(): UsageReport['by'] {
    const of = (name: Dimension): UsageGroup[] => [...(this.#by.get(name)?.values() ?? [])].sort(dearest)
    return {
      provider: of('provider'),
      model: of('model'),
      agent: of('agent'),
      workspace: of('workspace'),
      keyProfile: of('keyProfile'),
    }
  }

  get failures(): UsageReport['failures'] {
    return [...this.#failures]
      .map(([code, requests]) => ({ code: code as FailureCode, requests }))
      .sort((a, b) => b.requests - a.requests || (a.code < b.code ? -1 : 1))
  }
}

function dearest(a: UsageGroup, b: UsageGroup): number {
  const named = `${a.name}\n${a.provider}` < `${b.name}\n${b.provider}` ? -1 : 1
  return b.cost - a.cost || b.requests - a.requests || named
}

export function dearestChats(chats: ChatCost[]): ChatCost[] {
  return chats.sort((a, b) => b.cost - a.cost || (a.conversation < b.conversation ? -1 : 1)).slice(0, CHATS)
}
