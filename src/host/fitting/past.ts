/** How earlier requests of a branch were cut, as it is written on their answers. */
import type { Cut, Digest } from '../../agent/context/cut.ts'
import { countOf, whole } from '../../agent/context/cut.ts'
import { viewOf } from '../../agent/context/view.ts'
import type { Fitted, MessageId, StoredMessage, Summary } from '../../shared/conversation.ts'
import type { Message } from '../../shared/message.ts'
import type { Chosen } from '../../shared/protocol.ts'
import { isBy } from '../answered-by.ts'

/** A message of a branch as far as a request needs it. */
export type Past = Pick<StoredMessage, 'id' | 'message' | 'pinned' | 'fitted'>

/** The summary that counts for a branch: of those that stand for a part of it the one that reaches farthest, the newest of these. */
export function digestFor(items: readonly Past[], summaries: readonly Summary[]): Summary | undefined {
  if (summaries.length === 0) return undefined
  const places = placesOf(items)
  const reach = ({ through }: Summary): number => places.get(through) ?? -1
  return summaries
    .filter((summary) => reach(summary) >= 0)
    .sort((one, other) => reach(one) - reach(other) || one.createdAt - other.createdAt)
    .at(-1)
}

/**
 * The place of the last answer of this model that said something. Where another model answered since, its cut counts for
 * nothing here, but the cache of this one may still hold.
 */
export function lastAnswer(items: readonly Past[], chosen: Chosen): number {
  return items.findLastIndex(({ message }) => message.content.length > 0 && isBy(message, chosen))
}

/** Where the request began that this answer was given to. With a summary that was undone its cut is undone as well. */
export function cutOf(items: readonly Past[], answer: number, summaries: readonly Summary[]): Cut {
  const fitted = items[answer]?.fitted
  if (!fitted || isUndone(fitted, summaries)) return whole
  const places = placesOf(items)
  return {
    from: (fitted.from !== undefined && places.get(fitted.from)) || 0,
    short: fitted.short === undefined ? 0 : (places.get(fitted.short) ?? -1) + 1,
  }
}

/** What this answer was given to; undefined where that cannot be told any more: its summary was undone. */
export function sentFor(
  items: readonly Past[],
  answer: number,
  summaries: readonly Summary[],
  limit: number,
): { message: Message }[] | undefined {
  const fitted = items[answer]?.fitted
  if (fitted && isUndone(fitted, summaries)) return undefined
  const digest = summaries.find(({ id }) => id === fitted?.summary)
  const cut = { ...cutOf(items, answer, summaries), ...(digest && { digest }) }
  return viewOf(items.slice(0, answer), cut, limit).messages
}

function isUndone({ summary }: Fitted, summaries: readonly Summary[]): boolean {
  return summary !== undefined && !summaries.some(({ id }) => id === summary)
}

/** What of a cut is written on the answer; undefined where the whole branch was sent as it is. */
export function fittedOf(
  items: readonly Past[],
  cut: Cut,
  limit: number,
  note: string | undefined,
): Fitted | undefined {
  const { kept } = viewOf(items, cut, limit)
  const covered = cut.digest ? items.findIndex(({ id }) => id === cut.digest?.through) : -1
  const left = countOf(items.filter((_, at) => at > covered && at < cut.from && !kept.has(at)))
  const short = items.findLast(({ message }, at) => message.role === 'tool' && at < cut.short && kept.has(at))?.id
  const from = left > 0 || cut.digest ? items[cut.from]?.id : undefined
  if (from === undefined && short === undefined && note === undefined) return undefined
  return {
    left,
    ...(from !== undefined && { from }),
    ...(short !== undefined && { short }),
    ...(cut.digest && { summary: cut.digest.id }),
    ...(note !== undefined && { note }),
  }
}

export const asDigest = ({ id, through, text }: Summary): Digest => ({ id, through, text })

function placesOf(items: readonly Past[]): Map<MessageId, number> {
  return new Map(items.map(({ id }, at) => [id, at]))
}
