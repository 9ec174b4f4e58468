/**
 * What servers ask of the person in the panel. A question is kept here until it is answered or taken back, whatever
 * becomes of the pages that show it; every page shows all of them, and the first answer counts.
 */
import { randomUUID } from 'node:crypto'
import type { FormEntries } from '../../shared/form.ts'
import { objectionTo } from '../../shared/form.ts'
import type { QuestionAnswer, QuestionBody, QuestionEvent, QuestionView } from '../../shared/protocol.ts'
import type { RunningCall } from './running-calls.ts'
import { RunningCalls } from './running-calls.ts'

type Open = {
  id: string
  server: string
  body: QuestionBody
  /** Calls of the server that ran when it asked. */
  calls: RunningCall[]
  draft?: FormEntries
  settle(answer: QuestionAnswer): void
}

type Listener = (event: QuestionEvent) => void

export class Questions {
  readonly calls = new RunningCalls(() => this.#open.size > 0 && this.#tell())
  readonly #open = new Map<string, Open>()
  readonly #listeners = new Set<Listener>()
  #seen = false

  /** Whether a person sees a panel now. */
  see(anyPanel: boolean): void {
    this.#seen = anyPanel
  }

  /** False where nobody would see a question; boxes of the editor ask then. */
  get canAsk(): boolean {
    return this.#seen && this.#listeners.size > 0
  }

  get all(): QuestionView[] {
    return [...this.#open.values()].map(({ id, server, body, calls, draft }) => {
      const [call, ...others] = calls
      const known = call && others.length === 0 && this.calls.has(call) ? call : undefined
      return {
        id,
        server,
        body,
        ...(known && { conversation: known.conversation, call: known.callId }),
        ...(draft && { draft }),
      }
    })
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * The person's answer. `cancel` where the question is taken back: `signal` is aborted, or all calls that ran when it was
   * asked were stopped.
   */
  ask(server: string, body: QuestionBody, signal: AbortSignal): Promise<QuestionAnswer> {
    const left = this.untilLeft(server, signal)
    return new Promise((resolve) => {
      if (left.aborted) return resolve({ action: 'cancel' })
      const id = randomUUID()
      const takeBack = (): void => settle({ action: 'cancel' })
      const settle = (answer: QuestionAnswer): void => {
        left.removeEventListener('abort', takeBack)
        this.#open.delete(id)
        this.#tell()
        resolve(answer)
      }
      left.addEventListener('abort', takeBack)
      this.#open.set(id, { id, server, body, calls: this.calls.of(server), settle })
      this.#tell()
    })
  }

  /** Aborted with `signal`, and when all calls of the server that run now were stopped. */
  untilLeft(server: string, signal: AbortSignal): AbortSignal {
    const calls = this.calls.of(server)
    if (calls.length === 0) return signal
    const stopped = new AbortController()
    const look = (): void => {
      if (calls.every((call) => call.signal.aborted)) stopped.abort()
    }
    for (const call of calls) call.signal.addEventListener('abort', look, { once: true })
    look()
    return AbortSignal.any([signal, stopped.signal])
  }

  /** Throws a sentence where nobody asks this any more, or the answer cannot be sent. */
  answer(id: string, answer: QuestionAnswer): void {
    const question = this.#open.get(id)
    if (!question) throw new Error('This is no longer asked.')
    const { body } = question
    if (answer.action === 'accept' && body.kind === 'form') {
      const { entries = {} } = answer
      const wrong = body.fields.filter((field) => objectionTo(field, entryOf(entries, field.name)) !== undefined)
      if (wrong.length > 0) throw new Error(`${wrong.length === 1 ? 'One answer' : 'Some answers'} cannot be sent so.`)
    }
    question.settle(answer)
  }

  keep(id: string, entries: FormEntries): void {
    const question = this.#open.get(id)
    if (question) question.draft = entries
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener({ type: 'questions', questions: this.all })
  }
}

/** Names of fields are a server's: those of `Object.prototype` are none of the entries. */
export function entryOf(entries: FormEntries, name: string): FormEntries[string] | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}
