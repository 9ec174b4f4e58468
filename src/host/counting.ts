/**
 * Tokens of the request that would be sent now: as its provider counts them, else our estimate, corrected by what the
 * model's earlier answers were counted at. The draft goes to the provider that would get it anyway, and to no other.
 */
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Message, Part } from '../shared/message.ts'
import { noUsage } from '../shared/message.ts'
import type { Chosen, Counted, DraftToCount } from '../shared/protocol.ts'
import { isUsable } from '../shared/protocol.ts'
import { toMessages } from '../agent/request.ts'
import type { ToolSpec } from '../llm/types.ts'
import type { Store } from '../store/store.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import { Calibration } from '../usage/calibration.ts'
import type { FactorMemory } from '../usage/calibration.ts'
import { costOf } from '../usage/cost.ts'
import { estimateContent, estimateRequest } from '../usage/estimate.ts'
import type { Connected } from './connections.ts'
import { DraftFiles } from './draft-files.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import { requestFor, specsFor } from './request.ts'
import type { Settings } from './settings.ts'

export type CountingParts = {
  store: () => Store
  settings: () => Pick<Settings, 'systemPrompt' | 'countTokens'>
  memory: FactorMemory
  log: Log
  choose(conversation: Conversation | undefined): Promise<Chosen | undefined>
  connect(provider: string, keyProfile: string | undefined): Promise<Connected | { code: string }>
  /** Where this provider is, so that what failed at one address is tried at another. */
  endpoint(provider: string): string
  /** True while an answer is written in this conversation. */
  busy(conversation: ConversationId): boolean
  /** What the request would tell the model of tools. */
  tools(conversation: Conversation | undefined): Promise<Toolbox>
}

/** Shorter drafts are not worth a request, in characters. */
const SHORT = 4
/** Longer requests are not sent again and again while someone types, in bytes. */
const MOST_BYTES = 2 * 1024 * 1024
/** How long a provider may take, ms. */
const PATIENCE = 10_000
/** A provider that could not count is not asked again before this, ms. */
const PAUSE_AFTER_FAILURE = 5 * 60_000

/** A request that may be counted. `estimate` is not corrected yet. */
type Question = {
  chosen: Chosen
  branch: StoredMessage[]
  draft: Part[]
  tools: readonly ToolSpec[]
  estimate: number
}

export class Counting {
  readonly #parts: CountingParts
  readonly #calibration: Calibration
  readonly #running = new WeakMap<object, AbortController>()
  readonly #files = new WeakMap<object, DraftFiles>()
  /** When counting may be tried again, by model and address; epoch milliseconds. */
  readonly #pausedUntil = new Map<string, number>()

  constructor(parts: CountingParts) {
    this.#parts = parts
    this.#calibration = new Calibration(parts.memory)
  }

  /** What `owner`, a panel, asked before is over: its socket is closed. Null where this was overtaken in the same way. */
  async count(owner: object, conversation: ConversationId, draft: DraftToCount): Promise<Counted | null> {
    this.stop(owner)
    if (draft.text.trim() === '' && draft.files.length === 0) return null
    const controller = new AbortController()
    this.#running.set(owner, controller)
    const { signal } = controller
    // At once and in any case: the page names each file's bytes only once.
    const files = this.#filesOf(owner).take(draft.files)
    if (this.#parts.busy(conversation)) return null
    const question = await this.#ask(conversation, draft, files)
    if (!question || signal.aborted) return null
    const { chosen, estimate } = question
    const key = modelKey(chosen)
    const exact = await this.#exact(question, draft.text, signal)
    if (signal.aborted) return null
    if (exact !== undefined && isWords(question.branch)) this.#calibration.learn(key, exact, estimate)
    const tokens = exact ?? this.#calibration.correct(key, estimate)
    const cost = costOf({ ...noUsage(), input: tokens }, chosen.info?.price)
    return {
      tokens,
      message: this.#calibration.correct(key, estimateContent(question.draft)),
      exact: exact !== undefined,
      ...(cost !== undefined && { cost }),
    }
  }

  /** Ends the count of this panel: it sends, shows another conversation, or is gone. */
  stop(owner: object): void {
    this.#running.get(owner)?.abort()
    this.#running.delete(owner)
  }

  #filesOf(owner: object): DraftFiles {
    const files = this.#files.get(owner) ?? new DraftFiles()
    this.#files.set(owner, files)
    return files
  }

  async #ask(id: ConversationId, draft: DraftToCount, files: readonly Part[]): Promise<Question | undefined> {
    const store = this.#parts.store()
    const conversation = store.conversations.get(id)
    const chosen = await this.#parts.choose(conversation)
    if (!chosen) return undefined
    const content = [...files]
    if (draft.text.trim() !== '') content.push({ type: 'text', text: draft.text })
    const end = draft.parent === undefined ? conversation?.leaf : draft.parent
    const branchTo = (leaf: MessageId | null | undefined): StoredMessage[] =>
      leaf == null ? [] : store.messages.branch(id, leaf)
    const before = branchTo(end)
    const toolbox = await this.#parts.tools(conversation)
    const tools = specsFor(chosen, toolbox)
    const around = tools.length > 0 ? toolbox.tokens : 0
    this.#learn(chosen, end === conversation?.leaf ? before : branchTo(conversation?.leaf), around)
    const branch = [...before, asStored(id, content)]
    return { chosen, branch, draft: content, tools, estimate: this.#estimate(branch) + around }
  }

  /** From the last answer of this model: what its provider counted, and what we would have guessed. */
  #learn(chosen: Chosen, branch: readonly StoredMessage[], tools: number): void {
    const last = branch.findLastIndex(({ message }) => isBy(message, chosen))
    const answer = branch[last]?.message
    if (answer?.role !== 'assistant' || answer.usage.estimated) return
    const before = branch.slice(0, last)
    if (!isWords(before)) return
    const { input, cacheRead, cacheWrite } = answer.usage
    this.#calibration.learn(modelKey(chosen), input + cacheRead + cacheWrite, this.#estimate(before) + tools)
  }

  #estimate(branch: readonly StoredMessage[]): number {
    return estimateRequest({ system: this.#parts.settings().systemPrompt, messages: toMessages(branch) })
  }

  /** Undefined where the provider does not count, cannot now, or should not be asked. */
  async #exact(
    { chosen, branch, draft, tools }: Question,
    text: string,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { settings, store, endpoint, connect, log } = this.#parts
    if (settings().countTokens !== 'provider' || !isUsable(chosen.key) || chosen.key === 'rejected') return undefined
    if (text.trim().length < SHORT && draft.every(({ type }) => type === 'text')) return undefined
    if (bytesOf(branch) > MOST_BYTES || draft.some(isWithoutBytes)) return undefined
    const place = JSON.stringify([modelKey(chosen), endpoint(chosen.provider)])
    if ((this.#pausedUntil.get(place) ?? 0) > Date.now()) return undefined
    const connected = await connect(chosen.provider, chosen.keyProfile)
    if ('code' in connected || signal.aborted) return undefined
    const request = requestFor(chosen, branch, { blobs: store().blobs, settings: settings(), tools })
    try {
      return usable(
        await connected.provider.countTokens?.(request, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])),
      )
    } catch (error) {
      if (signal.aborted) return undefined
      this.#pausedUntil.set(place, Date.now() + PAUSE_AFTER_FAILURE)
      log.info(`tokens are estimated: ${describe(error)}`)
      return undefined
    }
  }
}

/** The draft as the message it would become. */
function asStored(conversation: ConversationId, content: Part[]): StoredMessage {
  const message: Message = { role: 'user', content }
  return { id: '', conversation, parent: null, createdAt: 0, state: 'done', message }
}

/** True without files: what those come to is the provider's own affair, and would spoil the measure of the words. */
function isWords(branch: readonly StoredMessage[]): boolean {
  return !branch.some(({ message }) => message.content.some(({ type }) => type === 'file'))
}

function modelKey({ provider, model }: Chosen): string {
  return `${provider}/${model}`
}

/** The provider may name a dated snapshot of what was asked for. */
function isBy(message: Message, { provider, model, info }: Chosen): boolean {
  if (message.role !== 'assistant' || message.origin.provider !== provider) return false
  const { origin } = message
  return origin.model === info?.snapshot || origin.model.startsWith(info?.requestAs ?? model)
}

function bytesOf(branch: readonly StoredMessage[]): number {
  return branch.reduce(
    (sum, { message }) => message.content.reduce((bytes: number, block) => bytes + sizeOf(block), sum),
    0,
  )
}

function sizeOf(block: Message['content'][number]): number {
  if (block.type === 'text' || block.type === 'thinking') return block.text.length
  if (block.type === 'file') return block.size ?? block.media.data?.length ?? 0
  return block.type === 'tool-result' ? JSON.stringify(block.output).length : 0
}

const isWithoutBytes = (part: Part): boolean => part.type === 'file' && part.media.data === ''

function usable(count: number | undefined): number | undefined {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? count : undefined
}
