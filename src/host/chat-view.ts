/** What a page is told of a conversation beside its messages: who answers next, what runs, what waits, what it costs. */
import type { Conversation, ConversationId } from '../shared/conversation.ts'
import type { ConversationView } from '../shared/protocol.ts'
import { unseal } from '../shared/view.ts'
import type { Services } from './services.ts'
import type { ShownBranch } from './shown-branch.ts'

export class ChatView {
  readonly #services: Services
  readonly #branch: Pick<ShownBranch, 'further'>

  constructor(services: Services, branch: Pick<ShownBranch, 'further'>) {
    this.#services = services
    this.#branch = branch
  }

  /** `conversation`: as it is stored; a new one has no row before its first message. */
  async of(id: ConversationId, conversation: Conversation | undefined): Promise<ConversationView> {
    const { chooser, customising, failover } = this.#services
    const [chosen, { inUse }] = await Promise.all([chooser.choose(conversation, false), customising.of(conversation)])
    const barred = failover.barred(id)
    const standIn = chosen && (await failover.standIn(id, chosen))
    return this.asItStands({
      id,
      title: conversation?.title ?? '',
      ...(chosen && { chosen }),
      ...(inUse && { agent: inUse }),
      ...(barred.length > 0 && { barred }),
      ...(standIn && { standIn }),
    })
  }

  /** What was true before something was waited for may not be: an answer may have begun or ended. */
  asItStands({
    running: _running,
    turn: _turn,
    queued: _queued,
    context: _context,
    money: _money,
    further: _further,
    ...view
  }: ConversationView): ConversationView {
    const { answers, store, fitting, money: budgets, desk } = this.#services
    const running = answers.running(view.id)
    const turn = answers.turn(view.id)
    const queued = answers.queued(view.id)
    const stored = store().conversations.get(view.id)
    const context = fitting.state(stored)
    const money = budgets.state(view.id, stored, desk.workspace(), view.agent?.id)
    const further = this.#branch.further(stored)
    return {
      ...view,
      ...(running && { running: running.id }),
      ...(turn && { turn }),
      ...(queued.length > 0 && { queued: unseal(queued) }),
      ...(context && { context }),
      ...(money && { money }),
      ...(further !== undefined && { further }),
    }
  }
}
