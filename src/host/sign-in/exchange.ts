/** The last step of a sign-in: the code of the browser becomes a key. Asked once, since a code is good for one try. */
import { isObject } from '../../shared/json.ts'
import { boundedJson } from '../bounded-json.ts'
import type { SignInOutcome } from './attempt.ts'
import { failed } from './attempt.ts'

export type Exchange = {
  url: string
  fetch: typeof fetch
  /** Milliseconds until the answer must be there. */
  limit: number
  code: string
  verifier: string
}

const OR_PASTE = 'or create a key at openrouter.ai/settings/keys and paste it with Panelist: Set API Key.'
const UNREACHABLE = `OpenRouter could not be reached to get the key. Check your connection and proxy and sign in again, ${OR_PASTE}`
const NO_KEY = `OpenRouter answered without a key that can be used. Sign in again, ${OR_PASTE}`

/** Never throws, and never says what the network client says: that might quote the request. */
export async function exchangeCode(exchange: Exchange, signal: AbortSignal): Promise<SignInOutcome> {
  const late = AbortSignal.timeout(exchange.limit)
  try {
    const response = await send(exchange, AbortSignal.any([signal, late]))
    if (!response.ok) {
      void response.body?.cancel().catch(() => undefined)
      return failed(sayStatus(response.status))
    }
    const answer = await boundedJson(response)
    const key = isObject(answer) ? answer.key : undefined
    return isKey(key) ? { kind: 'signed-in', key } : failed(NO_KEY)
  } catch {
    if (signal.aborted) return { kind: 'cancelled' }
    return failed(late.aborted ? sayTooLate(exchange.limit) : UNREACHABLE)
  }
}

function send({ url, fetch, code, verifier }: Exchange, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, code_verifier: verifier, code_challenge_method: 'S256' }),
    // Code and verifier together are worth a key: they go to this address and nowhere else.
    redirect: 'manual',
    signal,
  })
}

/** What can stand in a header, and nothing else: it will. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{8,1000}$/.test(value)
}

/** 400, 403 and 405 are what OpenRouter documents for this request. */
function sayStatus(status: number): string {
  switch (status) {
    case 403:
      return 'OpenRouter did not accept the code of this sign-in: it was used before, or is too old. Sign in again, and stay logged in to OpenRouter in the browser.'
    case 400:
    case 405:
      return `OpenRouter did not understand the request for a key (HTTP ${status}). Look for an update of Panelist, ${OR_PASTE}`
    case 429:
      return `OpenRouter has had too many sign-ins (HTTP 429). Wait a minute and sign in again, ${OR_PASTE}`
    default:
      return `OpenRouter could not give out a key (HTTP ${status}). Wait a moment and sign in again, ${OR_PASTE}`
  }
}

function sayTooLate(limit: number): string {
  const seconds = Math.max(1, Math.round(limit / 1000))
  return `OpenRouter did not give out the key within ${seconds} s. Check your connection and sign in again, ${OR_PASTE}`
}
