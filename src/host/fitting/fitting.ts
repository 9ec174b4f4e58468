/**
 * Makes each request fit into the window of its model: counted by the provider where that may decide, else as estimated.
 * Where a conversation is too long, its oldest turns are left out or summarised, or the person is asked, as the settings say.
 */
import { countOf } from '../../agent/context/cut.ts'
import type { Cut } from '../../agent/context/cut.ts'
import type { Fit } from '../../agent/context/fit.ts'
import { fit, standingTokens } from '../../agent/context/fit.ts'
import { limitAfter, limitTold, toldBy } from '../../agent/context/limit.ts'
import { viewOf } from '../../agent/context/view.ts'
import type { ChatRequest } from '../../llm/types.ts'
import { noAside } from '../../resilience/deadline.ts'
import type { ContextStrategy } from '../../shared/agent.ts'
import type { Conversation, Fitted } from '../../shared/conversation.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Message } from '../../shared/message.ts'
import type { Chosen } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import { Calibration } from '../../usage/calibration.ts'
import type { FactorMemory } from '../../usage/calibration.ts'
import { modelKey } from '../answered-by.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { ProviderCount } from '../provider-count.ts'
import { requestFor } from '../request.ts'
import type { Settings } from '../settings.ts'
import { LearnedLimits } from './learned-limits.ts'
import type { FitWish, Look } from './look.ts'
import { corrected, lookAt } from './look.ts'
import type { Correction } from './measure.ts'
import { asDigest, fittedOf } from './past.ts'
import type { FitQuestions } from './questions.ts'
import type { Summaries } from './summaries.ts'
import { notSent, refused, tooLong, withoutSummary } from './words.ts'

export type FittingParts = {
  store: () => Store
  log: Log
  settings: () => Pick<Settings, 'systemPrompt' | 'context'>
  memory: FactorMemory
  /** What an agent says instead of the settings. */
  strategyOf?(conversation: Conversation): Promise<ContextStrategy | undefined>
  counts: ProviderCount
  summaries: Summaries
  questions: FitQuestions
}

/** What was sent, for a second try. `tokens`: as we took it for, by this correction of our estimate. */
export type Sent = { model: string; cut: Cut; tokens: number; correction: Correction }

/** `again`: another model was chosen for it. */
export type FitOutcome = { request: ChatRequest; fitted?: Fitted; sent: Sent } | { failure: Failure } | { again: true }

/** What a provider refused as too long. */
export type TooLong = { failure: Failure; sent: Sent }

/** A request as it would go out now, by estimate. `leaves`: messages that would be left out anew. */
export type Preview = {
  messages: { message: Message }[]
  tokens: number
  look: Look
  leaves: number
  fits: boolean
}

/** A provider is asked to count where the estimate is so near to the limit, as a share of it. */
const NEAR = 0.15

export class Fitting {
  readonly #parts: FittingParts
  readonly #calibration: Calibration
  readonly #learned: LearnedLimits
  /** The last count of each conversation, and of what it was. */
  readonly #counted = new Map<string, { of: string; correction: Correction }>()

  constructor(parts: FittingParts) {
    this.#parts = parts
    this.#calibration = new Calibration(parts.memory)
    this.#learned = new LearnedLimits(parts.memory)
  }

  /** The request that goes out. `refusal`: a first one was refused as too long; undefined where no smaller one can be made. */
  async fit(wish: FitWish, signal: AbortSignal, refusal?: TooLong): Promise<FitOutcome | undefined> {
    // What another model refused says nothing of this one.
    const after = refusal?.sent.model === modelKey(wish.chosen) ? refusal : undefined
    let look = after ? this.#afterRefusal(wish, after) : await this.#sharpened(wish, signal)
    let found = fit(look)
    if (!found && !after) {
      // Nobody is told that nothing fits because of an estimate.
      look = await this.#sharpened(wish, signal, true)
      found = fit(look)
    }
    if (found && after) this.#learn(wish, after)
    if (!found) return after ? undefined : { failure: tooLong(wish.chosen, look.limit) }
    const note = after && refused(wish.chosen)
    if (found.cut.from <= found.stood) return this.#outcome(wish, look, found, note)
    return this.#shorten(wish, look, found, note, signal)
  }

  /** By estimate alone, and without asking anybody. */
  preview(wish: FitWish): Preview {
    const look = this.#look(wish)
    const found = fit(look)
    const cut = found?.cut ?? { from: 0, short: 0 }
    const { messages, kept } = viewOf(look.items, cut, look.limit)
    const left = look.items.filter((_, at) => at >= (found?.stood ?? 0) && at < cut.from && !kept.has(at))
    const tokens = found?.tokens ?? standingTokens(look)
    return { messages, tokens, look, leaves: countOf(left), fits: found !== undefined }
  }

  #look(wish: FitWish): Look {
    const { summaries, settings } = this.#parts
    return lookAt(wish, {
      summaries: summaries.all(wish.conversation.id),
      calibration: this.#calibration,
      learned: this.#learned,
      system: wish.system ?? settings().systemPrompt,
    })
  }

  /** Near the limit what is counted decides. A count is of one request and counts for it alone. */
  async #sharpened(wish: FitWish, signal: AbortSignal, anyway = false): Promise<Look> {
    const look = this.#look(wish)
    const tokens = standingTokens(look)
    if (!anyway && !(Math.abs(tokens / look.limit - 1) <= NEAR)) return look
    const { conversation, chosen } = wish
    const cut = look.before ?? { from: 0, short: 0 }
    const of = JSON.stringify([modelKey(chosen), look.items.at(-1)?.id, cut.from, cut.short, look.digest?.id])
    const known = this.#counted.get(conversation.id)
    if (known?.of === of) return corrected(look, known.correction)
    const standing = fit({ ...look, limit: Infinity, ...(look.before && { before: look.before }) })
    const { messages } = viewOf(look.items, standing?.cut ?? cut, look.limit)
    const real = await this.#parts.counts.of(chosen, () => this.#request(wish, messages, look), signal, conversation.id)
    if (real === undefined || real === 0) return look
    const correction = { factor: real / look.estimate(messages.map(({ message }) => message)), offset: 0 }
    this.#counted.set(conversation.id, { of, correction })
    return corrected(look, correction)
  }

  #afterRefusal(wish: FitWish, { failure, sent }: TooLong): Look {
    const { chosen } = wish
    const told = toldBy(failure.detail ?? '')
    const limit = limitAfter(told, sent.tokens, chosen.outputLimit)
    return { ...corrected(this.#look(wish), sent.correction), limit, before: sent.cut }
  }

  /** Only where the conversation was really too long: a refusal of a few words says nothing of the window. */
  #learn({ chosen }: FitWish, { failure, sent }: TooLong): void {
    this.#learned.learn(modelKey(chosen), limitTold(toldBy(failure.detail ?? ''), sent.tokens, chosen.outputLimit))
  }

  /** Something has to go: as the settings say, or as the person does. */
  async #shorten(
    wish: FitWish,
    look: Look,
    found: Fit,
    note: string | undefined,
    signal: AbortSignal,
  ): Promise<FitOutcome> {
    const { settings, strategyOf, questions, summaries } = this.#parts
    const { conversation, chosen, aside = noAside } = wish
    const { kept } = viewOf(look.items, found.cut, look.limit)
    const going = look.items.filter((_, at) => at >= found.stood && at < found.cut.from && !kept.has(at))
    let strategy = (await strategyOf?.(conversation)) ?? settings().context.strategy
    if (strategy === 'ask') {
      const writer = await summaries.writer(conversation)
      const question = questions.ask(
        conversation.id,
        {
          messages: countOf(going),
          tokens: standingTokens(look),
          limit: look.limit,
          model: chosen.info?.name ?? chosen.model,
          ...(writer && { summariser: writer.info?.name ?? writer.model }),
        },
        signal,
      )
      const decision = await aside(question)
      if (decision === 'again') return { again: true }
      if (decision === 'stop') return { failure: notSent(chosen) }
      strategy = decision
    }
    const through = look.items[found.cut.from - 1]
    if (strategy === 'slide' || going.length === 0 || !through) return this.#outcome(wish, look, found, note)
    try {
      const earlier = look.digest?.text
      const summary = await summaries.write(
        {
          conversation,
          messages: going.map(({ message }) => message),
          through: through.id,
          limit: look.limit,
          ...(earlier !== undefined && { earlier }),
        },
        countOf(going),
        signal,
      )
      const summarised = { ...look, digest: asDigest(summary) }
      return this.#outcome(wish, summarised, fit(summarised) ?? found, note)
    } catch (error) {
      if (!signal.aborted) this.#parts.log.warn(`a summary could not be written: ${describe(error)}`)
      const why = withoutSummary(error instanceof Error ? error.message : 'something went wrong')
      return this.#outcome(wish, look, found, note === undefined ? why : `${note} ${why}`)
    }
  }

  #outcome(wish: FitWish, look: Look, { cut, tokens }: Fit, note: string | undefined): FitOutcome {
    const { messages } = viewOf(look.items, cut, look.limit)
    const fitted = fittedOf(look.items, cut, look.limit, note)
    const request = this.#request(wish, messages, look)
    return {
      request,
      sent: { model: modelKey(wish.chosen), cut, tokens, correction: look.correction },
      ...(fitted && { fitted }),
    }
  }

  #request(
    { chosen, reader, tools, system }: FitWish,
    messages: { message: Message }[],
    { answer }: Look,
  ): ChatRequest {
    const { store, settings } = this.#parts
    return requestFor(limited(chosen, answer), messages, {
      blobs: store().blobs,
      settings: settings(),
      tools,
      ...(system !== undefined && { system }),
      ...(reader && { reader }),
    })
  }
}

/** An answer is never promised more than is kept for it. */
function limited(chosen: Chosen, answer: number | undefined): Chosen {
  if (answer === undefined || chosen.outputLimit === undefined || chosen.outputLimit <= answer) return chosen
  return { ...chosen, outputLimit: answer }
}
