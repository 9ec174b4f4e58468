/** What stands behind a page over the chat: what the host says it shows, and what is being done about it. */
import type { Bridge } from '../bridge.ts'

export abstract class PageStore<View> {
  view: View | undefined = $state.raw()
  /** Why the last thing asked for could not be done. */
  problem: string | undefined = $state()
  /** What a screen reader hears. */
  said = $state('')
  protected readonly bridge: Bridge
  #shown = false
  #latest = 0
  #loading: Promise<void> = Promise.resolve()

  constructor(bridge: Bridge) {
    this.bridge = bridge
  }

  protected abstract ask(): Promise<View>

  /** The page is open: from now on changes are asked for as they are told. */
  async open(): Promise<void> {
    this.#shown = true
    this.problem = undefined
    this.said = ''
    await this.#load()
  }

  close(): void {
    this.#shown = false
  }

  /** What is known is stale. What is shown stays until there is better. */
  forget(): void {
    if (this.#shown) void this.#load()
  }

  /** What the work gives; undefined where it could not be done. What is shown is asked for again. */
  protected async try<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    this.problem = undefined
    try {
      return await work()
    } catch (error) {
      this.problem = wordsOf(error)
      return undefined
    } finally {
      await this.#load()
    }
  }

  /** Of several answers under way only that of the last question counts, and everybody waits for that one. */
  async #load(): Promise<void> {
    let awaited = ++this.#latest
    await (this.#loading = this.#take(awaited))
    while (awaited !== this.#latest) {
      awaited = this.#latest
      await this.#loading
    }
  }

  async #take(ask: number): Promise<void> {
    try {
      const view = await this.ask()
      if (ask === this.#latest) this.view = view
    } catch (error) {
      this.problem ??= wordsOf(error)
    }
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
