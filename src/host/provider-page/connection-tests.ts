/** Tests of connections: one at a time for each provider, with an end. What they found is kept for the page. */
import type { ModelInfo } from '../../shared/model.ts'
import type { ProviderInfo } from '../../llm/types.ts'
import type { Failure } from '../../shared/failure.ts'
import { FailureError } from '../../shared/failure.ts'
import type { ProviderTest } from '../../shared/protocol.ts'
import type { Connected, Connections } from '../connections.ts'
import type { Keys } from '../keys.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { Models } from '../models.ts'
import type { Asked } from './findings.ts'
import { sayFailure, sayTooSlow, sayWorks } from './findings.ts'

export type TestParts = {
  connections: Connections
  keys: Pick<Keys, 'accept' | 'reject'>
  models: Pick<Models, 'learn'>
  log: Log
  /** A test began or ended. */
  changed(): void
  /** The provider gave its list. */
  worked(provider: string): void
  /** Milliseconds. */
  limit?: number
}

type Running = { stop: AbortController; result: Promise<ProviderTest | undefined> }
/** `of`: the endpoint and the key that were tested; with others the result says nothing. */
type Kept = { test: ProviderTest; of: string }
type Answer = { models: ModelInfo[] } | { failure: Failure } | 'too slow' | 'cancelled'

const LIMIT = 15_000

export class ConnectionTests {
  readonly #parts: TestParts
  readonly #running = new Map<string, Running>()
  readonly #kept = new Map<string, Kept>()

  constructor(parts: TestParts) {
    this.#parts = parts
  }

  /** Tests it, or waits for the test that is under way. Undefined where that was cancelled. Never rejects. */
  run(info: ProviderInfo): Promise<ProviderTest | undefined> {
    const running = this.#running.get(info.id)
    if (running) return running.result
    const stop = new AbortController()
    const result = this.#test(info, stop.signal)
      .catch((error: unknown): ProviderTest => {
        this.#parts.log.error(`test of ${info.id}: ${describe(error)}`)
        return { ok: false, text: 'The test could not be made. The logs hold the details.', at: Date.now() }
      })
      .finally(() => {
        this.#running.delete(info.id)
        this.#parts.changed()
      })
    this.#running.set(info.id, { stop, result })
    this.#parts.changed()
    return result
  }

  cancel(provider: string): void {
    this.#running.get(provider)?.stop.abort()
  }

  /** Its key is another one now, also where that has the same name. */
  forget(provider: string): void {
    this.cancel(provider)
    this.#kept.delete(provider)
  }

  isRunning(provider: string): boolean {
    return this.#running.has(provider)
  }

  /** What the last test of this endpoint with this key found. */
  last(info: ProviderInfo, profile: string | undefined): ProviderTest | undefined {
    const kept = this.#kept.get(info.id)
    return kept?.of === this.#subject(info, profile) ? kept.test : undefined
  }

  async #test(info: ProviderInfo, stopped: AbortSignal): Promise<ProviderTest | undefined> {
    const { connections } = this.#parts
    const { profile, envVar } = await connections.standing(info)
    const of = this.#subject(info, profile)
    const asked: Asked = {
      info,
      endpoint: connections.isEditor(info.id) ? '' : connections.endpoint(info),
      ...(profile !== undefined && { profile }),
      ...(envVar !== undefined && { envVar }),
    }
    const started = performance.now()
    const connected = await connections.open(info.id)
    const answer = 'code' in connected ? { failure: connected } : await this.#ask(connected, stopped)
    // Whatever was asked is no longer what the page shows.
    if (answer === 'cancelled' || this.#subject(info, profile) !== of) return undefined
    const took = performance.now() - started
    const test = { ...this.#find(asked, answer, took), at: Date.now() }
    this.#kept.set(info.id, { test, of })
    if (!('code' in connected)) await this.#tell(info, profile, answer)
    return test
  }

  async #ask({ provider }: Connected, stopped: AbortSignal): Promise<Answer> {
    const limit = AbortSignal.timeout(this.#parts.limit ?? LIMIT)
    const signal = AbortSignal.any([stopped, limit])
    try {
      return { models: await orAborted(provider.listModels(signal), signal) }
    } catch (error) {
      if (stopped.aborted) return 'cancelled'
      if (limit.aborted) return 'too slow'
      if (error instanceof FailureError) return { failure: error.failure }
      throw error
    }
  }

  #find(asked: Asked, answer: Exclude<Answer, 'cancelled'>, took: number): Omit<ProviderTest, 'at'> {
    if (answer === 'too slow') return { ok: false, text: sayTooSlow(asked, (this.#parts.limit ?? LIMIT) / 1000) }
    if ('failure' in answer) return { ok: false, text: sayFailure(asked, answer.failure) }
    return { ok: answer.models.length > 0, text: sayWorks(asked, answer.models.length, took) }
  }

  /** What was found holds for everyone: the list, and what the provider said of the key. */
  async #tell(info: ProviderInfo, profile: string | undefined, answer: Exclude<Answer, 'cancelled'>): Promise<void> {
    const { keys, models, worked } = this.#parts
    if (answer === 'too slow') return
    if ('models' in answer) {
      if (profile !== undefined) keys.accept(info.id, profile)
      worked(info.id)
      return models.learn(info, answer.models)
    }
    const { failure } = answer
    if (profile !== undefined && failure.code === 'auth' && failure.status !== undefined) keys.reject(info.id, profile)
    await models.learn(info, failure)
  }

  #subject(info: ProviderInfo, profile: string | undefined): string {
    return `${profile ?? ''} ${this.#parts.connections.endpoint(info)}`
  }
}

/** Not every client ends a request that has no answer yet when it is told to. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    work.then(resolve, reject)
  })
}
