/** Everything that keeps conversations within the windows of their models, put together once a window. */
import type { ContextStrategy } from '../../shared/agent.ts'
import type { Conversation, ConversationId } from '../../shared/conversation.ts'
import type { ContextState } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import type { FactorMemory } from '../../usage/calibration.ts'
import type { Log } from '../log.ts'
import { ProviderCount } from '../provider-count.ts'
import type { ProviderCountParts } from '../provider-count.ts'
import type { Settings } from '../settings.ts'
import { Fitting } from './fitting.ts'
import { FitQuestions } from './questions.ts'
import { Summaries } from './summaries.ts'
import type { SummariserParts } from './summariser.ts'

export type WindowFittingParts = ProviderCountParts &
  SummariserParts & {
    store: () => Store
    log: Log
    settings: () => Pick<Settings, 'systemPrompt' | 'context' | 'timeouts' | 'countTokens'>
    memory: FactorMemory
    /** What an agent says instead of the settings. */
    strategyOf?(conversation: Conversation): Promise<ContextStrategy | undefined>
    /** The state of this conversation is another one. */
    changed(conversation: ConversationId): void
  }

export class WindowFitting {
  readonly fitting: Fitting
  readonly summaries: Summaries
  readonly questions: FitQuestions
  readonly counts: ProviderCount

  constructor(parts: WindowFittingParts) {
    this.counts = new ProviderCount(parts)
    this.summaries = new Summaries(parts)
    this.questions = new FitQuestions(parts.changed)
    this.fitting = new Fitting({ ...parts, counts: this.counts, summaries: this.summaries, questions: this.questions })
  }

  /** Undefined where there is nothing to tell. */
  state(conversation: Conversation | undefined): ContextState | undefined {
    if (!conversation) return undefined
    const asking = this.questions.of(conversation.id)
    const writing = this.summaries.writing(conversation.id)
    const summary = this.summaries.current(conversation)
    if (!asking && writing === undefined && !summary) return undefined
    return {
      ...(asking && { asking }),
      ...(writing !== undefined && { summarising: { messages: writing } }),
      ...(summary && { summary: summary.id }),
    }
  }
}
