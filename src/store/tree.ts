/** Walks a branch from its leaf to the root, the same for every implementation of the store. */
import type { MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessagePage, PageOptions } from './store.ts'

/** A place in the tree. `message` is absent where it is damaged or was removed: the branch goes on above it. */
export type Node = { id: MessageId; parent: MessageId | null; message?: StoredMessage }

/** The node with this id in the conversation that is walked, if there is one. */
export type FindNode = (id: MessageId) => Node | undefined

/** Reads `limit` messages however long the branch is: only the rows of the page and one above it are touched. */
export function pageOf(find: FindNode, { leaf, before, limit }: PageOptions): MessagePage {
  const start = before === undefined ? leaf : (find(before)?.parent ?? null)
  const messages: StoredMessage[] = []
  for (const node of upwards(find, start)) {
    if (messages.length >= limit) return { messages: messages.reverse(), more: true }
    if (node.message) messages.push(node.message)
  }
  return { messages: messages.reverse(), more: false }
}

export function branchOf(find: FindNode, leaf: MessageId): StoredMessage[] {
  const messages: StoredMessage[] = []
  for (const node of upwards(find, leaf)) if (node.message) messages.push(node.message)
  return messages.reverse()
}

/** Ends at the root, at a parent that is missing, and where damaged parents form a circle. */
function* upwards(find: FindNode, start: MessageId | null): Generator<Node> {
  const seen = new Set<MessageId>()
  let id = start
  while (id !== null && !seen.has(id)) {
    seen.add(id)
    const node = find(id)
    if (!node) return
    yield node
    id = node.parent
  }
}
