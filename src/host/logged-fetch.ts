/** Tells the log of each request on the wire: where it went, how long each part took, and the names of its headers. */
import { watched } from '../llm/watched-body.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'

/** The only headers whose values may be told; of all others the name. */
const TOLD = /^(content-type|x-request-id|request-id|retry-after|(anthropic-|x-)?ratelimit-[\w-]+)$/
/** In UTF-16 units. */
const LONGEST_VALUE = 100

let requests = 0

/** `fetch` that writes to `log`. Neither bodies nor queries are told, nor values of headers that could carry a key. */
export function withRequestLog(inner: typeof fetch, log: Pick<Log, 'debug' | 'warn'>): typeof fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined
    const { host, pathname } = new URL(request ? request.url : (input as string | URL))
    const name = `#${++requests} ${(init?.method ?? request?.method ?? 'GET').toUpperCase()} ${host}${pathname}`
    const startedAt = performance.now()
    const after = (): string => `${Math.round(performance.now() - startedAt)} ms`
    log.debug(`${name}: sent with ${headerWords(new Headers(init?.headers ?? request?.headers))}`)
    try {
      const response = await inner(input, init)
      const line = `${name}: ${response.status}, headers after ${after()}: ${headerWords(response.headers)}`
      if (response.status >= 400) log.warn(line)
      else log.debug(line)
      return timed(response, (how) => log.debug(`${name}: ${how}`), after)
    } catch (error) {
      const stopped = (init?.signal ?? request?.signal)?.aborted
      if (stopped) log.debug(`${name}: stopped after ${after()}`)
      else log.warn(`${name}: failed after ${after()}: ${describe(error)}`)
      throw error
    }
  }
}

/** What may be told first, so that it is there also where the line is cut. */
function headerWords(headers: Headers): string {
  const told: string[] = []
  const names: string[] = []
  for (const [name, value] of headers) {
    // Whole or not at all: a piece of a key that stands in it would not be known as one.
    if (TOLD.test(name) && value.length <= LONGEST_VALUE) told.push(`${name} ${value}`)
    else names.push(name)
  }
  return [...told, ...names].join(', ') || 'no headers'
}

function timed(response: Response, tell: (how: string) => void, after: () => string): Response {
  let bytes = 0
  let first: string | undefined
  return watched(response, {
    read(read) {
      first ??= after()
      bytes += read.byteLength
    },
    end: (how) => tell(`${how} after ${after()}, first byte after ${first ?? '-'}, ${bytes} bytes`),
  })
}
