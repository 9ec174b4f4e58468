/** One message to several models at once. */
import type { Conversation } from '../shared/conversation.ts'
import type { LaneChoice } from '../shared/protocol.ts'
import { MOST_LANES } from '../shared/protocol.ts'
import type { Handlers } from './handler.ts'
import { put } from './send.ts'

export const compareHandlers: Pick<Handlers, 'compare' | 'stop-lane'> = {
  async compare(session, { content, parent, lanes }) {
    if (lanes.length < 2 || lanes.length > MOST_LANES)
      throw new Error(`Choose 2 to ${MOST_LANES} models or agents to compare.`)
    const { services, conversation: id } = session
    const readers = lanes.map(laneOf)
    // What is sent right after it comes after it.
    return services.answers.sending.run(id, async () => {
      const { conversation, message } = await put(session, id, content, parent, readers)
      services.answers.compare(
        readers.map((as) => as(conversation)),
        message.id,
      )
      services.chatsChanged()
      return { message: message.id }
    })
  },

  async 'stop-lane'(session, { lane }) {
    session.services.answers.stopLane(session.conversation, lane)
    return {}
  },
}

/** The conversation as it would be, did this lane alone answer. */
function laneOf(lane: LaneChoice): (conversation: Conversation) => Conversation {
  return (conversation) => {
    // An agent decides by itself where the conversation says nothing.
    const { choice, ...rest } = conversation
    if ('agent' in lane) return { ...rest, agent: lane.agent }
    const { provider, model } = lane
    // The name of a key means something only to the provider it is for.
    const { keyProfile, ...options } = choice ?? {}
    const kept = choice?.provider === provider && keyProfile !== undefined ? { keyProfile } : {}
    return { ...rest, choice: { ...options, ...kept, provider, model } }
  }
}
