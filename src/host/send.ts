/** A message of the person's on its way into a conversation. */
import { randomUUID } from 'node:crypto'
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Part } from '../shared/message.ts'
import { textOf } from '../shared/message.ts'
import type { RequestBody } from '../shared/protocol.ts'
import { save } from './attachments.ts'
import { create } from './conversation-row.ts'
import { refuse } from './refusal.ts'
import type { Session } from './session.ts'

export const BUSY = 'An answer is being written. Stop it first.'

/**
 * Stores it as the end of the branch of conversation `id`: the panel may show another one by the time the files are looked
 * at. Throws why it cannot be sent: it is empty, an answer is being written, or one of `asked` (the conversation as it is,
 * where absent) cannot read its files.
 */
export async function put(
  session: Session,
  id: ConversationId,
  content: RequestBody<'send'>['content'],
  parent: MessageId | null | undefined,
  asked?: readonly ((conversation: Conversation) => Conversation)[],
): Promise<{ conversation: Conversation; message: StoredMessage; moved: boolean }> {
  const { services } = session
  const store = services.store()
  const stored = store.conversations.get(id)
  const readers = stored && asked ? asked.map((as) => as(stored)) : [stored]
  for (const reader of readers) await refuse(session, content as Part[], parent, reader)
  const parts = content.map((part) => save(part as Part, store.blobs))
  if (parts.length === 0) throw new Error('There is nothing to send.')
  if (services.answers.running(id)) throw new Error(BUSY)
  const known = store.conversations.get(id)
  const conversation = known ?? create(session, titleOf(parts), id)
  if (known?.title === '') store.conversations.update(conversation.id, { title: titleOf(parts), titledBy: 'words' })
  const message: StoredMessage = {
    id: randomUUID(),
    conversation: conversation.id,
    parent: parent === undefined ? (conversation.leaf ?? null) : parent,
    createdAt: Date.now(),
    state: 'done',
    message: { role: 'user', content: parts },
  }
  store.messages.append(message)
  store.conversations.setLeaf(conversation.id, message.id)
  store.conversations.touch(conversation.id)
  // An edited message stands beside the one it replaces, so the shown branch is another one.
  const moved = message.parent !== (conversation.leaf ?? null)
  return { conversation, message, moved }
}

const TITLE_LENGTH = 60

/** The first words of the first message. */
function titleOf(parts: readonly Part[]): string {
  const words = textOf(parts).replace(/\s+/g, ' ').trim()
  if (words === '') return parts.find((part) => part.type === 'file')?.name ?? 'New chat'
  if (words.length <= TITLE_LENGTH) return words
  const cut = words.slice(0, TITLE_LENGTH)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), TITLE_LENGTH / 2))}…`
}
