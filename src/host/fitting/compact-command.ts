/** `/compact` in the composer: a summary of the older part, now. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { SuggestionSource } from '../suggest/source.ts'
import type { Summaries } from './summaries.ts'

export function compactCommand(
  summaries: Pick<Summaries, 'compact'>,
  running: (conversation: ConversationId) => boolean,
): SuggestionSource {
  return {
    name: 'compact',
    trigger: '/',
    async offers() {
      const detail = 'Summarise the older messages of this chat'
      return [{ key: 'compact', label: '/compact', detail, icon: 'fold', group: 'Commands', search: detail }]
    },
    async take(_key, { session }) {
      const conversation = session.services.store().conversations.get(session.conversation)
      if (!conversation) throw new Error('There is nothing to summarise yet.')
      if (running(conversation.id)) throw new Error('An answer is being written. Stop it first.')
      await summaries.compact(conversation, undefined, session.closed)
      return { kind: 'done', say: 'The older messages are summarised.' }
    },
  }
}
