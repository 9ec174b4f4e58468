/** What a wire dialect gives the door: its module exports `open`, and nothing else of it is called. */
import type { StreamEvent } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { ChatRequest, Connection, ProviderId } from './types.ts'

/** A connection whose base URL is decided: an absolute URL without a slash at its end. */
export type Endpoint = Connection & { baseUrl: string }

/**
 * One provider spoken to in one wire format. The requests it gets are repaired (see `repair.ts`): every `wire` in them
 * is its own, and every call has a result.
 */
export type Dialect = {
  /** Throws `FailureError`. */
  listModels(signal: AbortSignal): Promise<ModelInfo[]>
  /** Never throws; goes through `guard`. */
  stream(request: ChatRequest, signal: AbortSignal): AsyncIterable<StreamEvent>
  /** Input tokens. Throws `FailureError`. */
  countTokens?(request: ChatRequest, signal: AbortSignal): Promise<number>
}

export type OpenDialect = (id: ProviderId, endpoint: Endpoint) => Dialect
