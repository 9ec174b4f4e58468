/** Suggestions of the composer, and the context that is attached by them. */
import type { SuggestRequests } from '../shared/protocol.ts'
import type { Handlers } from './handler.ts'

export const suggestHandlers: Pick<Handlers, keyof SuggestRequests> = {
  async suggest(session, { trigger, query }) {
    return session.services.suggestions.suggest(session, trigger, query)
  },

  async 'take-suggestion'(session, { id, draft, values }) {
    return session.services.suggestions.take(session, id, draft, values)
  },

  async 'complete-argument'(session, asked) {
    return session.services.suggestions.complete(session, asked)
  },

  async 'refresh-context'(session, { ref, draft }) {
    return session.services.suggestions.files(session, ref, draft)
  },

  async 'stale-context'(session, { items }) {
    return session.services.suggestions.stale(items)
  },

  async 'token-factor'(session) {
    const chosen = await session.services.chooser.choose(session.stored(), false)
    return { factor: chosen ? session.services.context.factorOf(chosen) : 1 }
  },

  async 'current-file'(session) {
    return session.services.context.current.follow(session)
  },

  async 'take-current'(session) {
    return session.services.context.current.read()
  },
}
