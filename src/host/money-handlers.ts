/** What a page asks of budgets, and the person's answer where one is met. */
import type { MoneyRequests } from '../shared/protocol.ts'
import type { Handlers } from './handler.ts'

export const moneyHandlers: Pick<Handlers, keyof MoneyRequests> = {
  async budgets(session) {
    const { services, conversation } = session
    const stored = session.stored()
    const workspace = stored?.workspace ?? services.desk.workspace()
    const { inUse } = await services.customising.of(stored)
    return services.money.views({
      conversation,
      ...(inUse && { agent: inUse.id }),
      ...(workspace !== undefined && { workspace }),
    })
  },

  async 'decide-budget'(session, { question, decision }) {
    if (!session.services.money.questions.decide(session.conversation, question, decision))
      throw new Error('This is no longer asked: the answer has ended.')
    return {}
  },
}
