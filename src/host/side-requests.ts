/** The requests beside answers that are under way in a window: their sockets are closed when it is, and their costs recorded first. */
export class SideRequests {
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /** What is begun after the end ends at once. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const running = work(AbortSignal.any([signal, this.#closing.signal]))
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** While the store is still open. Resolves once all of them are recorded. */
  async end(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }
}
