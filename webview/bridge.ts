/** The webview's end of the protocol: requests with ids out, responses and batches in. */
import type { Batch, Requests, ToWebview } from '../src/shared/protocol.ts'

/** What VS Code gives a webview. */
export type Api = { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): unknown }

/** Who is told what happens. `catchUp`: an answer comes, and what was told before it shows before whoever asked goes on. */
type Hearer = { receive(batch: Batch): void; catchUp?(): void }

type Waiting = { resolve: (body: unknown) => void; reject: (error: Error) => void }

/** `Asked`: what the host of this page answers, each `[body, response]`. */
export class Bridge<Asked extends { [Name in keyof Asked]: [unknown, unknown] } = Requests> {
  readonly #api: Api
  readonly #waiting = new Map<number, Waiting>()
  /** What is still answered to the page that was here before is for none of the requests of this one. */
  #next = Date.now()

  constructor(api: Api, hearer: Hearer) {
    this.#api = api
    window.addEventListener('message', (event: MessageEvent<ToWebview>) => {
      const message = event.data
      if (message.type === 'batch') hearer.receive(message)
      else {
        hearer.catchUp?.()
        this.#answer(message)
      }
    })
  }

  /** Rejects with the host's own words where the host could not do it. */
  ask<Name extends keyof Asked>(name: Name, body: Asked[Name][0]): Promise<Asked[Name][1]> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Asked[Name][1]), reject })
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
