/**
 * The answers that are being written now. One a conversation; every panel that shows the conversation hears of it, and
 * the answer goes on when no panel does.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { journalWriter } from '../agent/journal.ts'
import { requestRecord } from '../agent/record.ts'
import { runTurn } from '../agent/turn.ts'
import type { ChatRequest } from '../llm/types.ts'
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, Stop, StreamEvent } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import { newDraft, reduce, settle } from '../shared/reduce.ts'
import type { Draft } from '../shared/reduce.ts'
import type { Store } from '../store/store.ts'
import { costOf } from '../usage/cost.ts'
import type { Connected } from './connections.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import { requestFor } from './request.ts'
import type { Settings } from './settings.ts'

export type AnswerEvent =
  | { type: 'message'; message: StoredMessage }
  | { type: 'stream'; id: MessageId; event: StreamEvent }
  | { type: 'settled'; message: StoredMessage }
  /** The shown branch is another one. */
  | { type: 'branch' }
  /** Its title or its choice of model is another one. */
  | { type: 'changed' }
  | { type: 'deleted' }

export type AnswerParts = {
  store: () => Store
  log: Log
  settings: () => Settings
  choose(conversation: Conversation): Promise<Chosen | undefined>
  /** Why `choose` found none, where that is known. */
  whyNone(conversation: Conversation): Promise<Failure | undefined>
  connect(provider: string, keyProfile: string | undefined): Promise<Connected | Failure>
  /** Told what came of each request, so that a refused key shows as such. */
  outcome(provider: string, keyProfile: string | undefined, failure: Failure | undefined): void
  /** Told whether what was written could be stored. */
  stored(all: boolean): void
}

/** `begun`: its row is in the store. */
type Running = {
  begun: boolean
  stored: StoredMessage
  draft: Draft
  controller: AbortController
  finished: Promise<void>
}
type Listener = (event: AnswerEvent) => void

const HEARTBEAT = 5_000

export class Answers {
  readonly #parts: AnswerParts
  readonly #running = new Map<ConversationId, Running>()
  readonly #listeners = new Map<ConversationId, Set<Listener>>()
  /** Finished answers that could not be written: they are tried again, and shown as they are until then. */
  readonly #unsaved = new Map<MessageId, Running>()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** The answer that is being written in this conversation, as far as it is. */
  running(conversation: ConversationId): StoredMessage | undefined {
    const running = this.#running.get(conversation)
    return running && { ...running.stored, message: settle(running.draft) }
  }

  /** The message as it is known here, where the store is behind. */
  newest(message: StoredMessage): StoredMessage {
    const running = this.#running.get(message.conversation)
    if (running?.stored.id === message.id) return { ...running.stored, message: settle(running.draft) }
    return this.#unsaved.get(message.id)?.stored ?? message
  }

  get count(): number {
    return this.#running.size
  }

  /** Hears of everything that happens in a conversation from now on. Returns how to stop hearing. */
  listen(conversation: ConversationId, listener: Listener): () => void {
    const listeners = this.#listeners.get(conversation) ?? new Set()
    this.#listeners.set(conversation, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(conversation)
    }
  }

  tell(conversation: ConversationId, event: AnswerEvent): void {
    for (const listener of this.#listeners.get(conversation) ?? []) listener(event)
  }

  /**
   * Starts an answer below `parent`. Its row and the new end of the branch stand when this returns; undefined where an
   * answer is being written already.
   */
  start(conversation: Conversation, parent: MessageId | null): MessageId | undefined {
    if (this.#running.has(conversation.id)) return undefined
    const controller = new AbortController()
    const draft = newDraft({ provider: '', dialect: '', model: '' })
    const stored: StoredMessage = {
      id: randomUUID(),
      conversation: conversation.id,
      parent,
      createdAt: Date.now(),
      state: 'streaming',
      message: settle(draft),
    }
    const running: Running = { begun: false, stored, draft, controller, finished: Promise.resolve() }
    this.#running.set(conversation.id, running)
    this.#begin(conversation.id, running)
    running.finished = this.#run(conversation, running).catch((error: unknown) => {
      this.#parts.log.error(`answer ended unexpectedly: ${describe(error)}`)
      this.#fail(conversation, running, { kind: 'failed', failure: internalFailure(error) })
    })
    return stored.id
  }

  /** Ends the answer of this conversation. The socket is closed before this returns to the event loop. */
  stop(conversation: ConversationId): void {
    this.#running.get(conversation)?.controller.abort()
  }

  /** For the end of the host: stops everything and waits until it is stored. */
  async stopAll(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort()
    await Promise.all([...this.#running.values()].map(({ finished }) => finished))
    this.#saveAgain()
    clearInterval(this.#heartbeat)
  }

  async #run(conversation: Conversation, running: Running): Promise<void> {
    const { controller, draft, stored } = running
    const chosen = await unlessAborted(this.#parts.choose(conversation), controller.signal)
    if (controller.signal.aborted) return this.#fail(conversation, running, { kind: 'aborted' })
    if (!chosen) {
      const failure = (await this.#parts.whyNone(conversation)) ?? nothingChosen
      return this.#fail(conversation, running, { kind: 'failed', failure })
    }
    draft.origin = { provider: chosen.provider, dialect: '', model: chosen.model }
    stored.message = settle(draft)
    this.tell(conversation.id, { type: 'message', message: stored })
    const connected = await this.#parts.connect(chosen.provider, chosen.keyProfile)
    if ('code' in connected) return this.#fail(conversation, running, { kind: 'failed', failure: connected })
    draft.origin = { ...draft.origin, dialect: connected.info.dialect }
    if (connected.keyProfile !== undefined) stored.keyProfile = connected.keyProfile
    const journal = journalWriter(
      (events) => this.#parts.store().journal.append(stored.id, events),
      (error) => this.#parts.log.error(`journal: ${describe(error)}`),
    )
    const { message, timing } = await runTurn(
      {
        provider: connected.provider,
        request: this.#request(chosen, stored),
        draft,
        timeouts: this.#parts.settings().timeouts,
        onEvent: (event) => {
          journal.push(event)
          this.tell(conversation.id, { type: 'stream', id: stored.id, event })
        },
      },
      controller.signal,
    )
    // What has streamed goes to the page before the store is written.
    await nextTurn()
    journal.flush()
    stored.timing = timing
    const cost = costOf(message.usage, chosen.info?.price)
    if (cost !== undefined && hasUsage(message)) stored.cost = cost
    this.#finish(conversation, running, message)
    this.#try('a request record', () =>
      this.#parts.store().requests.insert(requestRecord(conversation, stored, message, chosen.model)),
    )
  }

  /** A database that cannot be written now is no reason to keep an answer from the person. */
  #begin(conversation: ConversationId, running: Running): void {
    const { stored } = running
    let moved = false
    running.begun = this.#try('an answer', () => {
      const store = this.#parts.store()
      moved = (store.conversations.get(conversation)?.leaf ?? null) !== stored.parent
      store.journal.begin(stored)
      store.conversations.setLeaf(conversation, stored.id)
    })
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT)
    this.tell(conversation, moved ? { type: 'branch' } : { type: 'message', message: stored })
  }

  #request(chosen: Chosen, stored: StoredMessage): ChatRequest {
    const store = this.#parts.store()
    const branch = stored.parent === null ? [] : store.messages.branch(stored.conversation, stored.parent)
    return requestFor(chosen, branch, { blobs: store.blobs, settings: this.#parts.settings() })
  }

  /** Ends an answer that no stream ended, so that the pages hear of its end as of any other. */
  #fail(conversation: Conversation, running: Running, stop: Stop): void {
    const event: StreamEvent = { type: 'end', stop }
    reduce(running.draft, event)
    this.tell(conversation.id, { type: 'stream', id: running.stored.id, event })
    this.#finish(conversation, running, settle(running.draft))
  }

  #finish(conversation: Conversation, running: Running, message: AssistantMessage): void {
    const { stored } = running
    stored.message = message
    stored.state = isWhole(message) ? 'done' : 'interrupted'
    this.#running.delete(conversation.id)
    this.#save(running)
    this.#report(message, stored)
    this.tell(conversation.id, { type: 'settled', message: stored })
    this.#rest()
  }

  #save(running: Running): void {
    const { stored } = running
    const saved = this.#try('an answer', () => {
      const store = this.#parts.store()
      if (!running.begun) {
        store.journal.begin(stored)
        store.conversations.setLeaf(stored.conversation, stored.id)
        running.begun = true
      }
      store.journal.finish(stored)
    })
    if (saved) this.#unsaved.delete(stored.id)
    else this.#unsaved.set(stored.id, running)
    this.#parts.stored(this.#unsaved.size === 0)
  }

  #saveAgain(): void {
    for (const running of [...this.#unsaved.values()]) this.#save(running)
  }

  /** True where it worked; what went wrong goes to the log. */
  #try(what: string, write: () => void): boolean {
    try {
      write()
      return true
    } catch (error) {
      this.#parts.log.error(`${what} could not be stored: ${describe(error)}`)
      return false
    }
  }

  #rest(): void {
    if (this.#running.size > 0 || this.#unsaved.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  #report({ origin, stop, usage }: AssistantMessage, { timing, cost, keyProfile }: StoredMessage): void {
    const failure = stop.kind === 'failed' ? stop.failure : undefined
    this.#parts.outcome(origin.provider, keyProfile, failure)
    const how = failure ? `${failure.code}${failure.status ? ` ${failure.status}` : ''}` : stop.kind
    const facts = [
      `${origin.provider}/${origin.model}: ${how}`,
      `in ${usage.input + usage.cacheRead + usage.cacheWrite}, out ${usage.output} tokens`,
      timing && `first token ${timing.firstTokenMs ?? '-'} ms, total ${timing.durationMs ?? '-'} ms`,
      cost !== undefined && `$${cost.toFixed(6)}`,
      failure?.requestId && `request ${failure.requestId}`,
    ]
    this.#parts.log.info(facts.filter(Boolean).join(', '))
  }

  #beat(): void {
    this.#try('a heartbeat', () => this.#parts.store().heartbeat())
    this.#saveAgain()
    this.#rest()
  }
}

/** The result, or undefined as soon as the signal is aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    work.then(resolve, reject)
  })
}

const nothingChosen: Failure = {
  code: 'auth',
  message: 'No provider can answer yet. Set an API key, or choose a model of a provider that has one.',
}

/** Whole answers are those the model ended itself, also by its own limit or refusal. */
function isWhole({ stop }: AssistantMessage): boolean {
  return stop.kind !== 'failed' && stop.kind !== 'aborted'
}

function hasUsage({ usage }: AssistantMessage): boolean {
  return usage.cost !== undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite > 0
}

function internalFailure(error: unknown): Failure {
  return {
    code: 'unknown',
    message: 'Panelist met an error of its own. Try again; the log has more.',
    detail: describe(error),
  }
}
