/** The provider contract: what every wire dialect implements and what the rest of Panelist calls. */
import type { Json } from '../shared/json.ts'
import type { Message, StreamEvent } from '../shared/message.ts'
import type { ModelInfo, ProviderId } from '../shared/model.ts'

export type { ModelInfo, Price, PriceTier, ProviderId } from '../shared/model.ts'

/**
 * How to reach a provider. `baseUrl` is what the provider's own SDK calls its base URL: with `/v1` for OpenAI and
 * compatible servers, the bare origin for Anthropic and Ollama. Environment variables are never read here.
 *
 * `dialect` is for servers that are compatible with one of these formats, and for gateways that speak several: it wins
 * over the provider's own.
 */
export type Connection = {
  apiKey?: string
  baseUrl?: string
  headers?: Record<string, string>
  fetch?: typeof fetch
  dialect?: 'openai-chat' | 'openai-responses' | 'anthropic'
}

export type ToolSpec = { name: string; description: string; inputSchema: Json }

export type ChatRequest = {
  model: string
  system?: string
  messages: Message[]
  tools?: ToolSpec[]
  toolChoice?: 'auto' | 'none' | 'required' | { name: string }
  /** Tokens. */
  maxOutputTokens?: number
  thinking?: 'off' | 'low' | 'medium' | 'high'
  temperature?: number
  /**
   * The last two messages are a partial answer that ends in words, and the request to go on from it. A provider that can
   * be given the beginning of its answer leaves the request out, and says so in its `start` (see `prefill.ts`).
   */
  goesOn?: true
}

export interface Provider {
  readonly id: ProviderId
  /** Throws `FailureError`. */
  listModels(signal: AbortSignal): Promise<ModelInfo[]>
  /** Never throws: a failure is the stream's `end`. See `StreamEvent` for the contract. */
  stream(request: ChatRequest, signal: AbortSignal): AsyncIterable<StreamEvent>
  /** Input tokens as the provider counts them. Throws `FailureError`. */
  countTokens?(request: ChatRequest, signal: AbortSignal): Promise<number>
}

/** What is known of a provider before any key is set. */
export type ProviderInfo = {
  id: ProviderId
  label: string
  dialect: string
  /** The environment variable that the provider's own tools read the key from. */
  envVar?: string
  /** Further variables that those tools read, in their order, where the first is not set. */
  envVarsAlso?: readonly string[]
  /** Where a person gets a key. */
  keyUrl?: string
  /** True where nobody needs a key: a server of one's own. */
  keyless?: true
  /** Empty where such a server has no address of its own. */
  defaultBaseUrl: string
}
