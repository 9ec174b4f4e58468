/**
 * The official SDK as transport: our key, our endpoint, our fetch, nothing read from the environment. Its typed calls
 * are used for the model list alone. The others would drop the fields they do not know from requests and answers,
 * refuse to count a system prompt, and ask again by themselves where an answer may be continued.
 */
import type { Model } from '@google/genai/web'
import { GoogleGenAI } from '@google/genai/web'
import type { JsonObject } from '../../shared/json.ts'
import type { Endpoint } from '../dialect.ts'
import type { Exchange } from '../transport.ts'
import { createFetch } from '../transport.ts'
import { readable } from './errors.ts'
import { chunksOf, readEvents } from './events.ts'

/** The version of the API that has all we use, and the only one that proxies know. */
const VERSION = 'v1beta'
const KEY_HEADER = 'x-goog-api-key'
/** The SDK insists on a key. Without one the server decides, so this is never sent. */
const NO_KEY = 'none'
/** The most the API gives a page. */
const PAGE = 1000

export class Client extends GoogleGenAI {
  readonly #exchange: Exchange

  constructor(endpoint: Endpoint, exchange: Exchange) {
    super({
      apiKey: endpoint.apiKey || NO_KEY,
      apiVersion: VERSION,
      vertexai: false,
      httpOptions: {
        // Some people paste the address with the version that the SDK adds by itself.
        baseUrl: endpoint.baseUrl.replace(/\/v1((alpha|beta)\d*)?$/, ''),
        headers: { ...endpoint.headers },
        fetch: withoutNoKey(createFetch(endpoint, exchange)),
      },
    })
    this.#exchange = exchange
  }

  /** The raw chunks of an answer, once the headers of a good one are in. */
  async generate(model: string, body: JsonObject, signal: AbortSignal): Promise<AsyncIterable<JsonObject[]>> {
    const response = await this.#post(`${pathOf(model)}:streamGenerateContent`, body, signal, { alt: 'sse' })
    if (/\bjson\b/i.test(response.headers.get('content-type') ?? '')) return one(chunksOf(await response.text()))
    return readEvents(response.body)
  }

  async countTokens(model: string, prompt: JsonObject, signal: AbortSignal): Promise<number> {
    const path = pathOf(model)
    // The short form of this call takes no system prompt and no tools.
    const body = { generateContentRequest: { model: path, ...prompt } }
    const response = await this.#post(`${path}:countTokens`, body, signal)
    const { totalTokens } = (await response.json()) as { totalTokens?: unknown }
    if (typeof totalTokens !== 'number') throw new SyntaxError('The answer to a token count has no count')
    return totalTokens
  }

  async listModels(signal: AbortSignal): Promise<Model[]> {
    try {
      const models: Model[] = []
      const pages = await this.models.list({ config: { pageSize: PAGE, abortSignal: signal } })
      for await (const model of pages) models.push(model)
      return models
    } catch (error) {
      throw readable(error, this.#exchange)
    }
  }

  async #post(path: string, body: JsonObject, signal: AbortSignal, query: Record<string, string> = {}) {
    const request = { path, queryParams: query, body: JSON.stringify(body), abortSignal: signal }
    try {
      const answer = await this.apiClient.request({ ...request, httpMethod: 'POST' })
      return answer.responseInternal
    } catch (error) {
      throw readable(error, this.#exchange)
    }
  }
}

/** `gemini-x` is `models/gemini-x` to the API; a tuned model's id says by itself what it is. */
function pathOf(model: string): string {
  const name = model.includes('/') ? model : `models/${model}`
  return name.split('/').map(encodeURIComponent).join('/')
}

function withoutNoKey(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    if (headers.get(KEY_HEADER) === NO_KEY) headers.delete(KEY_HEADER)
    return send(input, { ...init, headers })
  }
}

async function* one<Chunk>(chunk: Chunk): AsyncGenerator<Chunk> {
  yield chunk
}
