/** The person's answers to what MCP servers ask. */
import type { Handlers } from './handler.ts'

export const questionHandlers: Pick<Handlers, 'answer-question' | 'keep-answer'> = {
  async 'answer-question'(session, { id, answer }) {
    session.services.mcp.questions.answer(id, answer)
    return {}
  },

  async 'keep-answer'(session, { id, entries }) {
    session.services.mcp.questions.keep(id, entries)
    return {}
  },
}
