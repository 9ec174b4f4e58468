/** Tells the log of each request on the wire: where it went, how long each part took, and the names of its headers. */
import type { Log } from './log.ts'
import { describe } from './log.ts'

/** The only headers whose values may be told; of all others the name. */
const TOLD = /^(content-type|x-request-id|request-id|retry-after|(anthropic-|x-)?ratelimit-[\w-]+)$/
/** In UTF-16 units. */
const LONGEST_VALUE = 100

/** Statuses that have no body, of which a response cannot be put together anew. */
const BODILESS = new Set([101, 204, 205, 304])

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
    if (TOLD.test(name)) told.push(`${name} ${value.slice(0, LONGEST_VALUE)}`)
    else names.push(name)
  }
  return [...told, ...names].join(', ') || 'no headers'
}

/** The same response, its body counted as it is read. Nothing is read ahead of the reader. */
function timed(response: Response, tell: (how: string) => void, after: () => string): Response {
  if (!response.body || BODILESS.has(response.status)) return response
  const reader = response.body.getReader()
  let bytes = 0
  let first: string | undefined
  const end = (how: string): void => tell(`${how} after ${after()}, first byte after ${first ?? '-'}, ${bytes} bytes`)
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            end('ended')
            return controller.close()
          }
          first ??= after()
          bytes += value.byteLength
          controller.enqueue(value)
        } catch (error) {
          end('broke off')
          throw error
        }
      },
      cancel: (reason) => {
        end('stopped')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
}
