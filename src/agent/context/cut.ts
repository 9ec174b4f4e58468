/** What of a branch goes into a request where not all of it fits, as a place in it. */
import type { MessageId, StoredMessage } from '../../shared/conversation.ts'

/** A message of the branch, oldest first in every list of them. */
export type Item = Pick<StoredMessage, 'id' | 'message'> & { pinned?: true }

/** What stands for the beginning of the branch. `through`: the last message it stands for. */
export type Digest = { id: string; through: MessageId; text: string }

/**
 * Where a request begins. Items before `from` are not sent, but for what is pinned and for the words of a turn that is cut
 * within; results of tools before `short` go as their first lines. Both are places in the list of items, and only ever grow
 * while the same model answers, which is what keeps a provider's cache of the prompt warm.
 */
export type Cut = { from: number; short: number; digest?: Digest }

export const whole: Cut = { from: 0, short: 0 }

/** A turn begins with the words of a person. What they add while tools run belongs to the turn that runs. */
export function turnStarts(items: readonly Item[]): number[] {
  const starts: number[] = []
  items.forEach(({ message }, at) => {
    if (at === 0 || (message.role === 'user' && items[at - 1]?.message.role !== 'tool')) starts.push(at)
  })
  return starts
}

/** Where a request may begin: never at results, which would have lost their calls, nor where an answer goes on from another. */
export function mayBegin(items: readonly Item[], at: number): boolean {
  const role = items[at]?.message.role
  return role === 'user' || (role === 'assistant' && items[at - 1]?.message.role !== 'assistant')
}

/** The end (exclusive) of what cannot be sent without the message at `at`: its results, and what goes on from it. */
export function unitEnd(items: readonly Item[], at: number): number {
  let end = at + 1
  while (end < items.length && !mayBegin(items, end)) end++
  return end
}

/** The beginning of what the message at `at` cannot be sent without: the call of a result, the answer it goes on from. */
export function unitStart(items: readonly Item[], at: number): number {
  let start = at
  while (start > 0 && !mayBegin(items, start)) start--
  return start
}

/** Messages as a person counts them: results belong to their answer, and an answer that said nothing is none. */
export function countOf(items: readonly Item[]): number {
  return items.filter(({ message }) => message.role !== 'tool' && message.content.length > 0).length
}
