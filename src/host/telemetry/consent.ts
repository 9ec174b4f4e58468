/** Whether what is said may go to a collector. Asked once for each collector, natively, and remembered on this machine. */
import type { Memory } from '../choice.ts'

const KEY = 'panelist.telemetry.contentConsent'

export type ConsentParts = {
  memory: Memory
  /** Asks the person. */
  ask(endpoint: string): Promise<boolean>
}

export class ContentConsent {
  readonly #parts: ConsentParts
  /** Collectors that the person is being asked about. */
  readonly #asking = new Set<string>()
  /** How often all was forgotten: an answer counts for what was asked since. */
  #forgotten = 0

  constructor(parts: ConsentParts) {
    this.#parts = parts
  }

  /** Asks where nobody has answered yet, and is false until they agreed. */
  has(endpoint: string): boolean {
    const answer = this.#answers()[endpoint]
    if (answer === undefined && !this.#asking.has(endpoint)) void this.#ask(endpoint)
    return answer ?? false
  }

  /** The setting was switched off: who switches it on again is asked again. */
  forget(): void {
    this.#forgotten++
    if (Object.keys(this.#answers()).length > 0) void this.#parts.memory.update(KEY, undefined)
  }

  async #ask(endpoint: string): Promise<void> {
    const forgotten = this.#forgotten
    this.#asking.add(endpoint)
    try {
      const agreed = await this.#parts.ask(endpoint)
      if (forgotten === this.#forgotten)
        await this.#parts.memory.update(KEY, { ...this.#answers(), [endpoint]: agreed })
    } catch {
      // Nobody agreed.
    } finally {
      this.#asking.delete(endpoint)
    }
  }

  #answers(): Record<string, boolean> {
    return this.#parts.memory.get<Record<string, boolean>>(KEY) ?? {}
  }
}
