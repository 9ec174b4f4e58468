/** The webview's end of the protocol: requests with ids out, responses and batches in. */
import type { Batch, RequestBody, RequestName, ResponseBody, ToWebview } from '../src/shared/protocol.ts'

/** What VS Code gives a webview. */
export type Api = { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): unknown }

type Waiting = { resolve: (body: unknown) => void; reject: (error: Error) => void }

export class Bridge {
  readonly #api: Api
  readonly #waiting = new Map<number, Waiting>()
  #next = 1

  constructor(api: Api, onBatch: (batch: Batch) => void) {
    this.#api = api
    window.addEventListener('message', (event: MessageEvent<ToWebview>) => {
      const message = event.data
      if (message.type === 'batch') onBatch(message)
      else this.#answer(message)
    })
  }

  /** Rejects with the host's own words where the host could not do it. */
  ask<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ResponseBody<Name>> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as ResponseBody<Name>), reject })
      this.#api.postMessage({ type: 'request', id, name, body })
    })
  }

  #answer(message: Exclude<ToWebview, { type: 'batch' }>): void {
    const waiting = this.#waiting.get(message.id)
    if (!waiting) return
    this.#waiting.delete(message.id)
    if (message.type === 'error') waiting.reject(new Error(message.message))
    else waiting.resolve(message.body)
  }
}
