/** One message answered by several models at once, side by side. */
import type { MessageId } from '../conversation.ts'
import type { Part } from '../message.ts'
import type { MessageView, Unsealed } from '../view.ts'
import type { Empty } from './empty.ts'
import type { ModelRef } from './models.ts'
import type { TurnView } from './tools.ts'

/** Lanes of one comparison, at most. */
export const MOST_LANES = 4

/** Who answers in a lane: a model, or what an agent says. */
export type LaneChoice = ModelRef | { agent: string }

/** One of the answers, from its first message to its newest end. `id`: of the first. */
export type Lane = { id: MessageId; messages: MessageView[]; running?: true; turn?: Unsealed<TurnView> }

/** The branch ends with a message that several answered, and nobody has chosen with which to go on. */
export type Comparison = { question: MessageId; lanes: Lane[] }

export type CompareRequests = {
  /** As `send`, to 2 to `MOST_LANES` lanes. `walk` to one of the answers chooses it. */
  compare: [{ content: Unsealed<Part>[]; parent?: MessageId | null; lanes: LaneChoice[] }, { message: MessageId }]
  /** Ends one lane alone. */
  'stop-lane': [{ lane: MessageId }, Empty]
}
