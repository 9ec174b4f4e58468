/** Browsers that come back from a sign-in, each to the one who waits for it. */

export class Callbacks {
  readonly #waiting = new Map<string, (query: URLSearchParams) => void>()

  /** The query that comes back with this `state`. Rejects when `signal` is aborted. */
  wait(state: string, signal: AbortSignal): Promise<URLSearchParams> {
    return new Promise((resolve, reject) => {
      const left = (): void => {
        this.#waiting.delete(state)
        reject(new Error('Nobody came back from the browser.'))
      }
      if (signal.aborted) return left()
      signal.addEventListener('abort', left, { once: true })
      this.#waiting.set(state, (query) => {
        signal.removeEventListener('abort', left)
        this.#waiting.delete(state)
        resolve(query)
      })
    })
  }

  /** Why this cannot be taken: anybody can make the editor open an address. */
  handle(query: string): string | undefined {
    const back = new URLSearchParams(query)
    const waiting = this.#waiting.get(back.get('state') ?? '')
    if (!waiting) return 'No sign-in to an MCP server waits for this page. Start it again on the page of MCP servers.'
    waiting(back)
    return undefined
  }
}
