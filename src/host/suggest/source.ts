/** What a part of the host gives the composer to offer: commands and prompts after `/`, context after `@`. */
import type { Suggestion, Taken, Trigger } from '../../shared/protocol.ts'
import type { ConversationId } from '../../shared/conversation.ts'
import type { Store } from '../../store/store.ts'

/**
 * One thing that can be picked. `key` means something to its source alone. The letters that were typed are looked for in
 * `label`, and where they are not there in `search`. `score`, from 0 to 1: how well it fits, where the source knows.
 */
export type Offer = Omit<Suggestion, 'id' | 'marks'> & { key: string; search?: string; score?: number }

/** A panel, as far as sources need it: a `Session`. */
export type Asker = {
  readonly conversation: ConversationId
  readonly services: { store(): Store }
  /** Aborted when the panel is closed. */
  readonly closed?: AbortSignal
}

/** Who asks: the panel, whose conversation and services are at hand. `signal`: nobody waits any longer. */
export type Asked = { session: Asker; signal: AbortSignal }

/** `draft`: the words of the message, without what was typed for the suggestion. `values`: of the form's fields. */
export type Taking = Asked & { draft: string; values?: Record<string, string> }

export interface SuggestionSource {
  /** Letters, digits and `-`; unique among the sources of its trigger. */
  readonly name: string
  readonly trigger: Trigger
  /**
   * All it has, or as much as is worth looking through for `query`, which the caller ranks. Within some 100 ms: `more`
   * where it is still looking. What throws offers nothing.
   */
  offers(query: string, asked: Asked): Promise<{ offers: readonly Offer[]; more?: true } | readonly Offer[]>
  /** Throws a sentence for the person. */
  take(key: string, taking: Taking): Promise<Taken>
  /** Proposals for a field of the form. */
  complete?(key: string, argument: string, typed: string, taking: Taking): Promise<string[]>
  /**
   * What the thing is now, to tell whether an attachment of it is out of date; `known` is what it was. Undefined where it is
   * gone.
   */
  digest?(key: string, known: string): Promise<string | undefined>
}
