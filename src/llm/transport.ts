/**
 * The fetch that SDKs get. It binds the key to the origin of its endpoint: no request and no redirect of it leaves that
 * origin. It also keeps what failures need of the response: status, headers, and whether any bytes came.
 */
import type { Failure } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import type { Endpoint } from './dialect.ts'
import { redact, secretsOf } from './redact.ts'
import { watched } from './watched-body.ts'

/**
 * What was seen of the last response of one call. `head`: the first characters of the body, for failures only. `failure`:
 * why there was none, where the fetch said so in our own words, which an SDK may replace by others.
 */
export type Exchange = { status?: number; headers?: Headers; bytes: number; head: string; failure?: Failure }

export const newExchange = (): Exchange => ({ bytes: 0, head: '' })

/**
 * The longest that Node's fetch waits without a single byte, in milliseconds: before the headers, and within the body.
 * These are the defaults of undici's `headersTimeout` and `bodyTimeout`, which only a dispatcher of one's own could
 * change; that would go past VS Code's proxy settings. A server's pings and comments start the wait anew.
 */
export const LONGEST_SILENCE_MS = 300_000

const MOST_REDIRECTS = 5
const HEAD_CHARACTERS = 300

/** A fetch for this endpoint alone. Throws `FailureError` for any other origin, before anything is sent. */
export function createFetch(endpoint: Endpoint, exchange?: Exchange): typeof fetch {
  const origin = new URL(endpoint.baseUrl).origin
  const send = endpoint.fetch ?? globalThis.fetch
  return async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input)
    let request: string | Request = input instanceof Request ? input : url.href
    for (let hop = 0; ; hop++) {
      if (url.origin !== origin) throw new FailureError(otherOrigin(origin, url.origin))
      const response = await send(request, { ...init, redirect: 'manual' }).catch((error: unknown) => {
        if (exchange && error instanceof FailureError) exchange.failure = error.failure
        throw error
      })
      const location = redirectOf(response)
      if (location === undefined) return exchange ? observed(response, exchange) : response
      await response.body?.cancel()
      const next = URL.parse(location, url)
      if (!next) throw new FailureError(badRedirect(endpoint, url, 'nowhere', response.status))
      const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase()
      // 301 to 303 would turn a POST into a GET without its body: an answer to a question that was not asked.
      const repeatable = method === 'GET' || response.status === 307 || response.status === 308
      if (next.origin !== origin) throw new FailureError(otherOrigin(origin, next.origin, response.status))
      if (!repeatable || hop >= MOST_REDIRECTS)
        throw new FailureError(badRedirect(endpoint, url, next.pathname, response.status))
      url = next
      request = input instanceof Request ? new Request(url, input) : url.href
    }
  }
}

function redirectOf(response: Response): string | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  return response.headers.get('location') ?? undefined
}

function otherOrigin(from: string, to: string, status?: number) {
  return {
    code: 'not-found' as const,
    message:
      `The endpoint ${from} sends requests on to ${to}. Panelist does not follow, because your key belongs to the ` +
      `first address only. If you trust the second, set it as the base URL.`,
    ...(status === undefined ? {} : { status }),
  }
}

function badRedirect({ apiKey, headers }: Endpoint, from: URL, to: string, status: number) {
  const path = (name: string): string => redact(name, secretsOf(apiKey, headers))
  return {
    code: 'not-found' as const,
    message: `The endpoint at ${from.host} redirects ${path(from.pathname)} to ${path(to)}. Check the base URL in the settings.`,
    status,
  }
}

/** The same response, its body counted as it is read. */
function observed(response: Response, exchange: Exchange): Response {
  exchange.status = response.status
  exchange.headers = response.headers
  const decoder = new TextDecoder()
  return watched(response, {
    read(bytes) {
      exchange.bytes += bytes.byteLength
      if (exchange.head.length >= HEAD_CHARACTERS) return
      exchange.head += decoder.decode(bytes.subarray(0, HEAD_CHARACTERS), { stream: true })
    },
  })
}
