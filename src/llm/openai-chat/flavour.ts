/** What a provider of this format has of its own beyond it. */
import type { JsonObject } from '../../shared/json.ts'
import type { Usage } from '../../shared/message.ts'
import type { Relief } from '../relief.ts'
import type { ChatRequest } from '../types.ts'

export type Flavour = {
  /** Sent with every request; the connection's own headers win. */
  headers?: Record<string, string>
  /** The body of a request as this provider wants it. `baseUrl`: where it goes. */
  body?(body: JsonObject, request: ChatRequest, baseUrl: string): JsonObject
  reliefs?: readonly Relief[]
  /** Where a key is refused that is wrong, for providers that list their models to anyone. A path below the base URL. */
  keyPath?: string
  /** What the provider reports besides the counts. `headers`: of the response. */
  usage?(usage: Usage, headers: Headers | undefined): Usage
}
