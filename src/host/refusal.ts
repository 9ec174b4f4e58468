/** The last look at what is to be sent, before it is stored: the page may know less of the conversation, or of the model. */
import { attachedOf, filesIn, readerOf, whyNotSent } from '../shared/attached.ts'
import type { Conversation, MessageId } from '../shared/conversation.ts'
import type { Part } from '../shared/message.ts'
import type { Session } from './session.ts'

/** Throws why the model that would answer this conversation next cannot take the files of this message. */
export async function refuse(
  { services }: Session,
  content: readonly Part[],
  parent: MessageId | null | undefined,
  conversation: Conversation | undefined,
): Promise<void> {
  const files = filesIn([{ content }])
  if (files.length === 0) return
  const store = services.store()
  const chosen = await services.chooser.choose(conversation, false)
  if (!chosen) return
  const end = parent === undefined ? conversation?.leaf : parent
  const branch = end == null ? [] : store.messages.branch(conversation?.id ?? '', end).map(({ message }) => message)
  const why = whyNotSent(files.map(attachedOf), filesIn(branch).map(attachedOf), readerOf(chosen))
  if (why !== undefined) throw new Error(why)
}
