/** The outside end of the provider: plans the next answer and hears when it is over. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** `rate` is in deltas a second, 0 as fast as the socket takes them; the first one waits `delayMs`. */
export type Plan = { tag: number; kind: 'long' | 'short'; rate: number; delayMs: number }

/** When things happened to the answer `tag`, epoch milliseconds: its request was read, a delta written, its socket closed. */
export type Record = { tag: number; request: number; first: number; last: number; closed: number; whole: boolean }

export type ToProvider = Plan
export type FromProvider =
  { type: 'listening'; port: number } | { type: 'planned' } | { type: 'closed'; record: Record }

export class Provider {
  readonly url: string
  readonly #worker: Worker
  #tag = 0

  private constructor(worker: Worker, port: number) {
    this.#worker = worker
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(): Promise<Provider> {
    const worker = new Worker(new URL('provider-worker.ts', import.meta.url))
    const [message] = (await once(worker, 'message')) as [FromProvider]
    if (message.type !== 'listening') throw new Error('The provider of the bench did not start.')
    return new Provider(worker, message.port)
  }

  /** Every answer from now on goes by this plan. `ended` resolves once the socket of the first such answer is closed. */
  async plan(plan: Omit<Plan, 'tag'>): Promise<{ tag: number; ended: Promise<Record> }> {
    const tag = ++this.#tag
    const ended = this.#hear((message) =>
      message.type === 'closed' && message.record.tag === tag ? message.record : undefined,
    )
    const planned = this.#hear((message) => (message.type === 'planned' ? true : undefined))
    this.#worker.postMessage({ ...plan, tag } satisfies ToProvider)
    await planned
    return { tag, ended }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #hear<T>(pick: (message: FromProvider) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const listen = (message: FromProvider): void => {
        const picked = pick(message)
        if (picked === undefined) return
        this.#worker.off('message', listen)
        resolve(picked)
      }
      this.#worker.on('message', listen)
    })
  }
}
