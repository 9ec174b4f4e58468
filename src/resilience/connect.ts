/**
 * A time limit for reaching the server, apart from the time the server takes to answer: a local model may hold its
 * headers back for minutes while it loads, an unreachable host should be told within seconds.
 *
 * `fetch` does not say when its connection stands. Node's HTTP client does, on the diagnostics channels
 * `undici:request:create` and `undici:client:sendHeaders`. Where another client serves `fetch` and nothing is
 * published, there is no connect limit: a wrong abort would be worse than a late one.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { timeoutError } from './timeouts.ts'

type Published = { request?: { origin?: string | URL; path?: string } }

/** `fetch` with a limit of `ms` milliseconds on getting connected. The rejection's cause is a `FailureError`. */
export function withConnectTimeout(inner: typeof fetch, ms: number): typeof fetch {
  if (ms <= 0) return inner
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const controller = new AbortController()
    const watch = watchConnection(url, ms, () => controller.abort(timeoutError('connect', ms)))
    const outer = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
    try {
      return await inner(input, { ...init, signal })
    } finally {
      watch.stop()
    }
  }
}

function watchConnection(url: URL, ms: number, onLate: () => void): { stop(): void } {
  let mine: object | undefined
  const timer = setTimeout(() => {
    if (mine) onLate()
    stop()
  }, ms)
  const created = (message: unknown): void => {
    const { request } = message as Published
    if (!mine && request && String(request.origin) === url.origin && request.path === url.pathname + url.search)
      mine = request
  }
  const sent = (message: unknown): void => {
    if (mine && (message as Published).request === mine) stop()
  }
  const stop = (): void => {
    clearTimeout(timer)
    unsubscribe('undici:request:create', created)
    unsubscribe('undici:client:sendHeaders', sent)
  }
  subscribe('undici:request:create', created)
  subscribe('undici:client:sendHeaders', sent)
  return { stop }
}
