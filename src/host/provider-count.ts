/** Counts of whole requests by those who will answer them. A provider that cannot count is left alone for a while. */
import type { ChatRequest } from '../llm/types.ts'
import type { ConversationId } from '../shared/conversation.ts'
import type { Chosen } from '../shared/protocol.ts'
import { isUsable } from '../shared/protocol.ts'
import type { Connected } from './connections.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { Settings } from './settings.ts'

export type ProviderCountParts = {
  settings: () => Pick<Settings, 'countTokens'>
  log: Log
  /** A provider, where nothing forbids to send something of this conversation to it. */
  connect(
    provider: string,
    keyProfile: string | undefined,
    conversation: ConversationId | undefined,
  ): Promise<Connected | { code: string }>
  /** Where this provider is, so that what failed at one address is tried at another. */
  endpoint(provider: string): string
}

/** How long a provider may take, ms. */
const PATIENCE = 10_000
/** A provider that could not count is not asked again before this, ms. */
const PAUSE_AFTER_FAILURE = 5 * 60_000

export class ProviderCount {
  readonly #parts: ProviderCountParts
  /** When counting may be tried again, by model and address; epoch milliseconds. */
  readonly #pausedUntil = new Map<string, number>()

  constructor(parts: ProviderCountParts) {
    this.#parts = parts
  }

  /**
   * Tokens of the request. Undefined where the provider does not count, cannot now, or should not be asked. `request` is
   * made only where there is somebody to ask.
   */
  async of(
    chosen: Chosen,
    request: () => ChatRequest,
    signal: AbortSignal,
    conversation?: ConversationId,
  ): Promise<number | undefined> {
    const { settings, connect, log } = this.#parts
    if (settings().countTokens !== 'provider' || !isUsable(chosen.key) || chosen.key === 'rejected') return undefined
    const place = this.#placeOf(chosen)
    if ((this.#pausedUntil.get(place) ?? 0) > Date.now()) return undefined
    const connected = await connect(chosen.provider, chosen.keyProfile, conversation)
    if ('code' in connected || signal.aborted || !connected.provider.countTokens) return undefined
    try {
      return usable(
        await connected.provider.countTokens(request(), AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])),
      )
    } catch (error) {
      if (signal.aborted) return undefined
      this.#pausedUntil.set(place, Date.now() + PAUSE_AFTER_FAILURE)
      log.info(`tokens are estimated: ${describe(error)}`)
      return undefined
    }
  }

  #placeOf({ provider, model }: Chosen): string {
    return JSON.stringify([provider, model, this.#parts.endpoint(provider)])
  }
}

function usable(count: number | undefined): number | undefined {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? count : undefined
}
