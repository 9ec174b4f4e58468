/** What is chosen for a conversation: who answers, how, and with which tools. */
import type { Choice, Conversation, ConversationId } from '../shared/conversation.ts'
import { storedOrNew } from './conversation-row.ts'
import { modelIn } from './settings/failover.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'

export const choosing: Pick<Handlers, 'choose' | 'options' | 'never-send' | 'use-first' | 'switch-tools'> = {
  async choose(session, { provider, model, keyProfile }) {
    const { chooser, likes } = session.services
    const conversation = storedOrNew(session)
    const before = conversation.choice
    // The name of a key means something only to the provider it is for.
    const profile = keyProfile ?? (before?.provider === provider ? before.keyProfile : undefined)
    keep(session, conversation, { ...before, provider, model, keyProfile: profile })
    await chooser.remember(provider, model)
    await likes.used({ provider, model })
    await changed(session, conversation)
    return {}
  },

  async options(session, { conversation: id = session.conversation, ...options }) {
    const tokens = options.maxOutputTokens ?? 1
    if (!Number.isSafeInteger(tokens) || tokens < 1) throw new Error('The longest answer is a whole number of tokens.')
    if (options.failover?.some((model) => !modelIn(model))) throw new Error('Write each model as provider/model.')
    const isShown = id === session.conversation
    const conversation = isShown ? storedOrNew(session) : session.services.store().conversations.get(id)
    if (!conversation) throw new Error('This chat is no longer there.')
    await adjust(session, conversation, options)
    await changed(session, conversation)
    return {}
  },

  async 'never-send'(session, { providers }) {
    const neverSendTo = [...new Set(providers.filter((id) => id !== ''))].sort()
    session.services.store().conversations.update(storedOrNew(session).id, { neverSendTo })
    // A count may be on its way to one of them.
    session.services.counting.stop(session)
    await changed(session, storedOrNew(session))
    return {}
  },

  async 'use-first'(session) {
    const { chooser, failover } = session.services
    const conversation = session.stored()
    const chosen = conversation && (await chooser.choose(conversation, false))
    if (!chosen) return {}
    failover.useFirst(conversation.id, chosen)
    await changed(session, conversation)
    return {}
  },

  async 'switch-tools'(session, { off }) {
    await switchTools(session, session.conversation, off)
    return {}
  },
}

/** `off`: all tools that the models of this conversation are not told of. */
export async function switchTools(session: Session, id: ConversationId, off: readonly string[]): Promise<void> {
  const conversation = storedOrNew(session, id)
  await adjust(session, conversation, { toolsOff: off.length > 0 ? [...new Set(off)].sort() : null })
  await changed(session, conversation)
}

type Loose = { [Field in keyof Choice]: Choice[Field] | null | undefined }

/**
 * Beside what stands in the row; where nothing does, whoever changes this chooses the model that answers now as well. A message
 * that is sent meanwhile waits for it.
 */
function adjust(session: Session, { id, choice }: Conversation, changes: Partial<Loose>): Promise<void> {
  const { answers, chooser, store } = session.services
  return answers.sending.run(id, async () => {
    const chosen = choice ?? (await chooser.choose(store().conversations.get(id), true))
    if (!chosen) throw new Error('Choose a model first.')
    // Something else may have been changed meanwhile. From here on nothing waits.
    const now = store().conversations.get(id)?.choice
    const { provider, model } = now ?? chosen
    keep(session, { id }, { ...now, ...changes, provider, model })
  })
}

/** Fields without a value are left out. */
function keep(
  session: Session,
  { id }: Pick<Conversation, 'id'>,
  loose: Loose & Pick<Choice, 'provider' | 'model'>,
): void {
  const { provider, model, maxOutputTokens, thinking, keyProfile, toolsOff, failover } = loose
  session.services.store().conversations.setChoice(id, {
    provider,
    model,
    ...(maxOutputTokens != null && { maxOutputTokens }),
    ...(thinking != null && { thinking }),
    ...(keyProfile != null && { keyProfile }),
    ...(toolsOff != null && { toolsOff }),
    ...(failover != null && { failover }),
  })
}

async function changed(session: Session, { id }: Pick<Conversation, 'id'>): Promise<void> {
  session.services.answers.tell(id, { type: 'changed' })
  await session.told()
}
