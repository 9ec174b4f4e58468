/**
 * Writes a summary of the older part of a conversation, by the model the person chose for that. Each request it takes is
 * counted and recorded like any other; the messages themselves stay where they are.
 */
import { randomUUID } from 'node:crypto'
import { batchesOf, DIGEST_SYSTEM, digestQuestion, piecesOf } from '../../agent/context/digest.ts'
import { roomOf } from '../../agent/context/limit.ts'
import type { ChatRequest } from '../../llm/types.ts'
import type { Target } from '../../resilience/admission.ts'
import type { Kept } from '../../resilience/sticky.ts'
import type { ConversationId, Conversation, MessageId, Summary } from '../../shared/conversation.ts'
import type { Failure } from '../../shared/failure.ts'
import type { AssistantMessage, Message } from '../../shared/message.ts'
import { textOf } from '../../shared/message.ts'
import type { Chosen, ModelRef } from '../../shared/protocol.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import type { Connected } from '../connections.ts'
import { askApart } from '../side-request.ts'
import type { SideParts, SideTarget, StandIn } from '../side-request.ts'
import type { SideWaits } from '../side-waits.ts'
import type { Settings } from '../settings.ts'

export type SummariserParts = SideParts & {
  settings: () => Pick<Settings, 'context'>
  /** The model of the conversation, or the one that is named. */
  choose(conversation: Conversation, model?: ModelRef): Promise<Chosen | undefined>
  /** What is known of one that is asked instead; undefined where it cannot be. */
  chooseInstead?(conversation: Conversation, target: Target): Promise<Chosen | undefined>
  /** Who stands in for now for the one that was chosen. */
  kept?(conversation: Conversation, chosen: Chosen): Promise<Kept | undefined>
  /** A provider, where nothing forbids to send something of this conversation to it. */
  connect(
    provider: string,
    keyProfile: string | undefined,
    conversation: ConversationId | undefined,
  ): Promise<Connected | Failure>
  /** Where a person sees what a summary waits for. */
  waits?: Pick<SideWaits, 'of'>
}

export type Wish = {
  conversation: Conversation
  /** What it is to stand for, and the last message of that. */
  messages: readonly Message[]
  through: MessageId
  /** The summary of what comes before these messages. */
  earlier?: string
  /** The tokens it may take in later requests. */
  most: number
}

/** Where nobody told the window of the model that writes. Tokens. */
const USUAL_WINDOW = 32_000
/** Of the room of a request, what our estimate is trusted with. */
const TRUSTED = 0.7
/** What a model may think before it writes, in tokens. */
const THINKING = 2_000
/** What it is called where a person waits for it. */
const SUMMARY = 'A summary of earlier messages'
const WORDS_PER_TOKEN = 0.6

export class Summariser {
  readonly #parts: SummariserParts

  constructor(parts: SummariserParts) {
    this.#parts = parts
  }

  /** Who would write one. */
  async writer(conversation: Conversation): Promise<Chosen | undefined> {
    const { summaryModel } = this.#parts.settings().context
    return this.#parts.choose(conversation, summaryModel)
  }

  /**
   * The summary as it is stored. A person waits for it, so whoever would stand in for an answer stands in for it. Throws a
   * sentence for the person where it could not be written. `stop` ends it, where the person wants that.
   */
  async write(wish: Wish, signal: AbortSignal, stop: () => void): Promise<Summary> {
    const first = await this.#first(wish.conversation)
    let chosen = first.chosen
    let { target } = first
    const { waits, store, log } = this.#parts
    const { id } = wish.conversation
    const reader = waits ? { waits: waits.of({ what: SUMMARY, kind: 'summary', conversation: id, stop }) } : {}
    let text = wish.earlier
    let cost: number | undefined = 0
    for (const batch of this.#batches(wish, chosen)) {
      const remake = async (to: Target): Promise<StandIn | Failure> => {
        const other = await this.#parts.chooseInstead?.(wish.conversation, to)
        const connected = other ? await this.#parts.connect(other.provider, other.keyProfile, id) : GONE
        if (!other || 'code' in connected) return connected as Failure
        chosen = other
        return { request: requestOf(batch, text, wish, other), target: targetOf(other, connected, wish.conversation) }
      }
      const request = requestOf(batch, text, wish, chosen)
      const answer = await askApart(request, target, { instead: 'model', remake }, this.#parts, signal, reader)
      target = answer.target
      text = wordsOf(answer.message)
      cost = answer.cost === undefined || cost === undefined ? undefined : cost + answer.cost
    }
    if (text === undefined || text.trim() === '') throw new Error('there is nothing to summarise')
    const { provider, model } = target
    const summary: Summary = {
      id: randomUUID(),
      conversation: id,
      through: wish.through,
      text,
      origin: { provider, model },
      createdAt: Date.now(),
      tokens: estimateTokens(text),
      ...(cost !== undefined && { cost }),
    }
    store().summaries.put(summary)
    log.info(`${provider}/${model}: a summary of ${wish.messages.length} messages`)
    return summary
  }

  /** Who writes it, or who stands in for that one for now. Throws where nobody can. */
  async #first(conversation: Conversation): Promise<{ chosen: Chosen; target: SideTarget }> {
    const { chooseInstead, kept, connect } = this.#parts
    const wanted = await this.writer(conversation)
    if (!wanted) throw new Error('there is no model to write it')
    const standsIn = await kept?.(conversation, wanted)
    const chosen = (standsIn && (await chooseInstead?.(conversation, standsIn.target))) ?? wanted
    const connected = await connect(chosen.provider, chosen.keyProfile, conversation.id)
    if ('code' in connected) throw new Error(connected.message)
    return { chosen, target: targetOf(chosen, connected, conversation) }
  }

  #batches({ messages, most }: Wish, { info }: Chosen): string[] {
    const { limit } = roomOf(info?.contextWindow ?? USUAL_WINDOW, most + THINKING)
    const around = estimateTokens(DIGEST_SYSTEM) + most + 100
    return batchesOf(piecesOf(messages), Math.max(200, Math.floor(limit * TRUSTED) - around))
  }
}

const GONE: Failure = { code: 'not-found', message: 'The model that was to stand in is not there.' }

function targetOf({ provider, model, info, agent }: Chosen, connected: Connected, place: Conversation): SideTarget {
  const paying = agent && { agent: { id: agent.id, name: agent.name } }
  return { provider, model, connected, place, ...(info && { info }), ...paying }
}

function requestOf(batch: string, earlier: string | undefined, { most }: Wish, chosen: Chosen): ChatRequest {
  const length = `Write at most ${Math.max(40, Math.round(most * WORDS_PER_TOKEN))} words.`
  return {
    model: chosen.info?.requestAs ?? chosen.model,
    system: `${DIGEST_SYSTEM}\n${length}`,
    messages: [digestQuestion(batch, earlier)],
    maxOutputTokens: Math.max(1, Math.min(most * 2 + THINKING, chosen.outputLimit ?? Infinity)),
  }
}

/** What was written. An answer that broke off is no summary: what it leaves out would be lost without a trace. */
function wordsOf({ content, stop }: AssistantMessage): string {
  if (stop.kind === 'failed') throw new Error(stop.failure.message)
  if (stop.kind === 'aborted') throw new Error('it was stopped')
  if (stop.kind === 'refused') throw new Error('the model refused to write it')
  const text = textOf(content).trim()
  if (text === '') throw new Error('the model wrote nothing')
  if (stop.kind === 'limit') throw new Error('it became too long and was cut off')
  return text
}
