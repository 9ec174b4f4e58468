/** Questions to servers that nobody has chosen yet: a plain GET, with no key, no header of ours and no redirect. */
import type { Json } from '../../shared/json.ts'
import { boundedJson } from '../bounded-json.ts'

/** Throws where there is no answer. */
export function get(url: string | URL, send: typeof fetch, signal: AbortSignal): Promise<Response> {
  return send(url, { redirect: 'error', credentials: 'omit', signal })
}

/** What a path of one server answers with: its JSON, or undefined where that is no good answer. Never throws. */
export type Ask = (path: string) => Promise<Json | undefined>

/** All questions asked by it end with `signal`. */
export function asking(origin: string, send: typeof fetch, signal: AbortSignal): Ask {
  return async (path) => {
    try {
      const response = await get(new URL(path, origin), send, signal)
      if (response.ok) return await boundedJson(response)
      void response.body?.cancel().catch(() => undefined)
      return undefined
    } catch {
      return undefined
    }
  }
}
