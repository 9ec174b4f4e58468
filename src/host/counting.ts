/**
 * Tokens of the request that would be sent now: as its provider counts them, else our estimate, corrected by what the
 * model's earlier answers were counted at. The draft goes to the provider that would get it anyway, and to no other.
 */
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Message, Part } from '../shared/message.ts'
import { noUsage } from '../shared/message.ts'
import type { Chosen, Counted, DraftToCount } from '../shared/protocol.ts'
import type { ToolSpec } from '../llm/types.ts'
import type { Store } from '../store/store.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import { Calibration } from '../usage/calibration.ts'
import type { FactorMemory } from '../usage/calibration.ts'
import { costOf } from '../usage/cost.ts'
import { estimateContent } from '../usage/estimate.ts'
import { isBy, modelKey } from './answered-by.ts'
import type { CustomisingOfTurn } from './customisation/turn.ts'
import { SystemOfTurn } from './customisation/turn.ts'
import { DraftFiles } from './draft-files.ts'
import type { Fitting, Preview } from './fitting/fitting.ts'
import { partsOf } from './fitting/measure.ts'
import type { Past } from './fitting/past.ts'
import type { ProviderCount } from './provider-count.ts'
import { requestFor, specsFor, systemWith } from './request.ts'
import type { Settings } from './settings.ts'

export type CountingParts = {
  store: () => Store
  settings: () => Pick<Settings, 'systemPrompt'>
  memory: FactorMemory
  fitting: Pick<Fitting, 'preview'>
  counts: ProviderCount
  choose(conversation: Conversation | undefined): Promise<Chosen | undefined>
  /** True while an answer is written in this conversation. */
  busy(conversation: ConversationId): boolean
  /** What the request would tell the model of tools. */
  tools(conversation: Conversation | undefined): Promise<Toolbox>
  /** Agents and instructions. */
  customising?: CustomisingOfTurn | undefined
}

/** Shorter drafts are not worth a request, in characters. */
const SHORT = 4
/** Longer requests are not sent again and again while someone types, in bytes. */
const MOST_BYTES = 2 * 1024 * 1024

/** A request that may be counted. */
type Question = {
  chosen: Chosen
  preview: Preview
  conversation: ConversationId
  draft: Part[]
  tools: readonly ToolSpec[]
  system: string | undefined
}

export class Counting {
  readonly #parts: CountingParts
  readonly #calibration: Calibration
  readonly #running = new WeakMap<object, AbortController>()
  readonly #files = new WeakMap<object, DraftFiles>()

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
    const exact = await this.#exact(question, draft.text, signal)
    if (signal.aborted) return null
    const { chosen, preview } = question
    const guessed = preview.look.estimate(preview.messages.map(({ message }) => message))
    if (exact !== undefined && isWords(preview.messages)) this.#calibration.learn(modelKey(chosen), exact, guessed)
    return this.#told(question, exact)
  }

  /** By parts and as estimated, also without a draft. Asks nobody. */
  async look(owner: object, conversation: ConversationId, draft: DraftToCount): Promise<Counted | null> {
    const question = await this.#ask(conversation, draft, this.#filesOf(owner).take(draft.files))
    return question ? this.#told(question, undefined) : null
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
    const branchTo = (leaf: MessageId | null | undefined): Past[] =>
      leaf == null ? [] : store.messages.branch(id, leaf)
    const before = branchTo(end)
    const items = content.length > 0 ? [...before, asStored(id, content)] : before
    const tools = await this.#parts.tools(conversation)
    const told = items.map(({ message }) => message)
    const specs = specsFor(chosen, tools)
    const prompt = new SystemOfTurn(this.#parts.customising, conversation ?? { id })
    const written = (await prompt.prompt(told, specs))?.text
    const { system } = systemWith(written, specs, tools, this.#parts.settings())
    const preview = (past: readonly Past[]): Preview =>
      this.#parts.fitting.preview({
        conversation: conversation ?? { id, title: '', createdAt: 0, updatedAt: 0 },
        items: past,
        chosen,
        tools: specs,
        toolTokens: specs.length > 0 ? tools.tokens : 0,
        ...(system !== undefined && { system }),
      })
    this.#learn(chosen, end === conversation?.leaf ? before : branchTo(conversation?.leaf), preview)
    return { chosen, preview: preview(items), conversation: id, draft: content, tools: specs, system }
  }

  #told({ chosen, preview, draft }: Question, exact: number | undefined): Counted {
    const tokens = exact ?? Math.round(preview.tokens)
    const cost = costOf({ ...noUsage(), input: tokens }, chosen.info?.price)
    const { look, messages, leaves, fits } = preview
    const all = messages.map(({ message }) => message)
    return {
      tokens,
      message: this.#calibration.correct(modelKey(chosen), estimateContent(draft)),
      exact: exact !== undefined,
      parts: partsOf(all, look.around, tokens, look.answer ?? 0),
      ...(cost !== undefined && { cost }),
      ...(leaves > 0 && { leaves }),
      ...(!fits && { tooLong: true as const }),
    }
  }

  /** From the last answer of this model: what its provider counted, and what we would have guessed. */
  #learn(chosen: Chosen, branch: readonly Past[], preview: (past: readonly Past[]) => Preview): void {
    const last = branch.findLastIndex(({ message }) => isBy(message, chosen))
    const answer = branch[last]?.message
    // What was cut on its way says nothing of the whole.
    if (answer?.role !== 'assistant' || answer.usage.estimated || branch[last]?.fitted) return
    const before = branch.slice(0, last)
    if (!isWords(before)) return
    const { input, cacheRead, cacheWrite } = answer.usage
    const { look } = preview(before)
    const guessed = look.estimate(before.map(({ message }) => message))
    this.#calibration.learn(modelKey(chosen), input + cacheRead + cacheWrite, guessed)
  }

  /** Undefined where the provider does not count, cannot now, or should not be asked. */
  async #exact(question: Question, text: string, signal: AbortSignal): Promise<number | undefined> {
    const { chosen, preview, conversation, draft, tools, system } = question
    const { messages } = preview
    if (text.trim().length < SHORT && draft.every(({ type }) => type === 'text')) return undefined
    if (bytesOf(messages) > MOST_BYTES || draft.some(isWithoutBytes)) return undefined
    const { store, settings, counts } = this.#parts
    const parts = { blobs: store().blobs, settings: settings(), tools }
    const request = () => requestFor(chosen, messages, { ...parts, ...(system !== undefined && { system }) })
    return counts.of(chosen, request, signal, conversation)
  }
}

/** The draft as the message it would become. */
function asStored(conversation: ConversationId, content: Part[]): StoredMessage {
  const message: Message = { role: 'user', content }
  return { id: '', conversation, parent: null, createdAt: 0, state: 'done', message }
}

/** True without files: what those come to is the provider's own affair, and would spoil the measure of the words. */
function isWords(branch: readonly { message: Message }[]): boolean {
  return !branch.some(({ message }) => message.content.some(({ type }) => type === 'file'))
}

function bytesOf(branch: readonly { message: Message }[]): number {
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
