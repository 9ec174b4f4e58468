/**
 * The door of the provider layer. It runs without VS Code, reads no environment variable and loads an SDK only when a
 * provider that needs it is first used.
 */
import type { Failure } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import type { Origin, StreamEvent } from '../shared/message.ts'
import type { Dialect, Endpoint, OpenDialect } from './dialect.ts'
import type { ReadyIterator } from './ready.ts'
import { providerInfo, providers } from './registry.ts'
import { repair } from './repair.ts'
import type { ChatRequest, Connection, Provider, ProviderId } from './types.ts'

export { providers }
export type * from './types.ts'

/** How to load each dialect. The import paths are literal, because the build turns each into a bundle of its own. */
const dialects: Record<string, { load: () => Promise<{ open: OpenDialect }>; counts: boolean }> = {
  anthropic: { load: () => import('./anthropic/index.ts'), counts: true },
  'openai-responses': { load: () => import('./openai-responses/index.ts'), counts: true },
  google: { load: () => import('./google/index.ts'), counts: true },
  'openai-chat': { load: () => import('./openai-chat/index.ts'), counts: false },
  ollama: { load: () => import('./ollama/index.ts'), counts: false },
}

/**
 * A provider at the end of a connection. An id we do not know is a compatible server, and needs a base URL.
 * Throws `FailureError` where there is no usable base URL. Connects to nothing.
 */
export function createProvider(id: ProviderId, connection: Connection): Provider {
  const info = providerInfo(id)
  const endpoint: Endpoint = { ...connection, baseUrl: baseUrlOf(id, connection.baseUrl || info?.defaultBaseUrl) }
  const name = connection.dialect ?? info?.dialect ?? 'openai-chat'
  const dialect = dialects[name]
  if (!dialect) throw new Error(`No dialect ${name}`)
  let opened: Promise<Dialect> | undefined
  const open = () => (opened ??= dialect.load().then((module) => module.open(id, endpoint)))
  const keyless = missingKey(id, endpoint)

  return {
    id,
    async listModels(signal) {
      if (keyless) throw new FailureError(keyless)
      const models = await (await open()).listModels(signal)
      // Loaded only where something is missing: the catalogue is large.
      if (models.every((model) => model.contextWindow !== undefined && model.price !== undefined)) return models
      const { fill } = await import('./catalogue.ts')
      return models.map((model) => fill(model, endpoint.baseUrl))
    },
    stream(request, signal) {
      return deferred(async () => {
        const refusal = keyless ?? (await open().then(() => undefined, notLoaded))
        if (refusal) return refused({ provider: id, dialect: name, model: request.model }, refusal)
        return (await open()).stream(repaired(request, name, id), signal)
      })
    },
    ...(dialect.counts
      ? {
          async countTokens(request: ChatRequest, signal: AbortSignal): Promise<number> {
            if (keyless) throw new FailureError(keyless)
            const count = (await open()).countTokens
            if (!count) throw new Error(`The dialect ${name} does not count`)
            return count(repaired(request, name, id), signal)
          },
        }
      : {}),
  }
}

/** A stream that is opened at its first read. Not a generator: passing events through one would double their cost. */
function deferred(open: () => Promise<AsyncIterable<StreamEvent>>): AsyncIterable<StreamEvent> {
  let opened: ReadyIterator<StreamEvent> | undefined
  let left = false
  const done = { done: true, value: undefined } as const
  const stream: ReadyIterator<StreamEvent> = {
    next() {
      if (left) return Promise.resolve(done)
      if (opened) return opened.next()
      return open().then((inner) => {
        opened = inner[Symbol.asyncIterator]()
        return left ? done : opened.next()
      })
    },
    ready: () => (left ? done : opened?.ready?.()),
    async return() {
      left = true
      await opened?.return?.()
      return done
    },
  }
  return { [Symbol.asyncIterator]: () => stream }
}

async function* refused(origin: Origin, failure: Failure): AsyncGenerator<StreamEvent, void> {
  yield { type: 'start', origin }
  yield { type: 'end', stop: { kind: 'failed', failure } }
}

function repaired(request: ChatRequest, dialect: string, id: ProviderId): ChatRequest {
  return { ...request, messages: repair(request.messages, dialect, id) }
}

function baseUrlOf(id: ProviderId, baseUrl: string | undefined): string {
  if (!baseUrl) {
    const message = `The provider "${id}" has no address. Set its base URL in the settings.`
    throw new FailureError({ code: 'invalid-request', message })
  }
  const url = URL.parse(baseUrl)
  const web = url !== null && /^https?:$/.test(url.protocol)
  // A password would be in what fetch throws. What is no web address may hold one too, so it is not repeated either.
  if (url?.username || url?.password || (!web && baseUrl.includes('@'))) {
    const message =
      `The base URL of the provider "${id}" holds a user name or password. Take it out of the address in the settings, ` +
      'and send it in "headers" or as the API key (Set API Key).'
    throw new FailureError({ code: 'invalid-request', message })
  }
  if (!web) {
    const message = `The base URL of the provider "${id}" is not a web address: ${baseUrl}. Correct it in the settings.`
    throw new FailureError({ code: 'invalid-request', message })
  }
  return baseUrl.replace(/\/+$/, '')
}

/** The providers' own endpoints take nobody without a key; any other server may, so there the server decides. */
function missingKey(id: ProviderId, { apiKey, headers, baseUrl }: Endpoint): Failure | undefined {
  const info = providerInfo(id)
  const signed = Object.keys(headers ?? {}).some((name) =>
    /^(authorization|x-api-key|api-key|x-goog-api-key)$/i.test(name),
  )
  if (apiKey || signed || !info || info.keyless || baseUrl !== info.defaultBaseUrl) return undefined
  const where = info.keyUrl ? ` You get one at ${info.keyUrl}.` : ''
  return { code: 'auth', message: `No API key is set for ${info.label}. Set one to use its models.${where}` }
}

function notLoaded(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error)
  return { code: 'unknown', message: 'A part of Panelist could not be loaded. Install the extension again.', detail }
}
