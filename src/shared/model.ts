/** What is known of a model: its limits, abilities and price, and where that knowledge comes from. */
export type ProviderId =
  'anthropic' | 'openai' | 'google' | 'openrouter' | 'ollama' | 'litellm' | 'compatible' | (string & {})

/** USD for one million tokens. Absent means unknown, 0 means free. */
export type Price = {
  input?: number
  output?: number
  cacheRead?: number
  cacheWrite?: number
  /** Prices that apply to the whole request once its prompt is longer than `above` tokens, ascending. */
  tiers?: PriceTier[]
}
export type PriceTier = { above: number; input?: number; output?: number; cacheRead?: number; cacheWrite?: number }

export type ModelInfo = {
  id: string
  provider: ProviderId
  name: string
  /** Tokens. */
  contextWindow?: number
  /** Tokens. */
  maxOutputTokens?: number
  tools?: boolean
  images?: boolean
  /** Reads PDFs as they are: their text and how their pages look. */
  pdfs?: boolean
  thinking?: boolean
  price?: Price
  /** Epoch milliseconds at which the provider takes the model away, where it tells. */
  retiresAt?: number
  /** What this name stands for: the id of a dated snapshot, or a gateway's deployment. */
  snapshot?: string
  /** The id a request names, where `id` is the person's own name for the model. */
  requestAs?: string
  /** True where a limit is a fallback that nobody told us. */
  guessed?: true
  /** What a person should know before choosing it, in one sentence. */
  note?: string
  /** Where the limits come from: the picker shows it. */
  source: 'provider' | 'catalogue' | 'settings'
}
