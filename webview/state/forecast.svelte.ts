/* eslint svelte/prefer-svelte-reactivity: off -- bookkeeping that nothing draws */
/**
 * Tokens of the request that would be sent now. While someone types it is our own quick estimate; once they pause, the
 * host counts or estimates it.
 */
import { attachedOf } from '../../src/shared/attached.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { Counted, DraftFile, DraftToCount } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import type { Checks } from './checks.svelte.ts'
import type { ComposerStore } from './composer.svelte.ts'
import type { ConversationStore } from './conversation.svelte.ts'

/** How long nothing is typed before the host is asked, ms. */
const PAUSE_MS = 400
/** The host estimates larger files by their size: they are not worth the way. In bytes. */
const SMALL_FILE = 1024 * 1024

export type ForecastParts = { bridge: Bridge; conversation: ConversationStore; composer: ComposerStore; checks: Checks }

export class ForecastStore {
  readonly #parts: ForecastParts
  /** What the host said last, and what the draft came to by our own estimate then. */
  #known: { counted: Counted; draft: number } | undefined = $state.raw()
  /** True while `#known` is of the request as it is. */
  #fresh = $state(false)
  #timer = 0
  #asking = 0
  #asked = 0
  /** Files whose bytes the host has. */
  #handed = new Set<string>()

  constructor(parts: ForecastParts) {
    this.#parts = parts
  }

  /** The request as far as it is known: without a draft, what the chat itself comes to. */
  readonly next: Counted = $derived.by(() => {
    const { composer } = this.#parts
    const { tokens: draft, empty } = composer
    if (empty || !this.#known) return { tokens: this.#before + draft, message: draft, exact: false }
    if (this.#fresh) return this.#known.counted
    const more = draft - this.#known.draft
    const { tokens, message } = this.#known.counted
    return { tokens: Math.max(0, tokens + more), message: Math.max(0, message + more), exact: false }
  })

  readonly #limit = $derived.by(() => this.#parts.conversation.view?.chosen?.info?.contextWindow)

  /** The context window of the model, in tokens. */
  get limit(): number | undefined {
    return this.#limit
  }

  /** True once the host has said what the request as it is comes to. */
  get told(): boolean {
    return this.#fresh
  }

  /** True where the request does not fit into the context of the model, also without all that can be left out of it. */
  get tooLong(): boolean {
    const { tokens, message, tooLong } = this.next
    if (this.#parts.composer.empty || this.#limit === undefined) return false
    return tooLong ?? (this.#fresh ? tokens : message) > this.#limit
  }

  /** What the last answer's request and the answer itself took. */
  readonly #before = $derived.by(() => {
    const { entries } = this.#parts.conversation
    const { editing } = this.#parts.composer
    const shown = editing ? entries.slice(0, entries.indexOf(editing)) : entries
    const answer = shown.findLast((entry) => entry.role === 'assistant' && !entry.live)
    const usage = (answer?.stored.message as AssistantMessage | undefined)?.usage
    return usage ? usage.input + usage.cacheRead + usage.cacheWrite + usage.output : 0
  })

  /** Changes whenever the request would be another one, apart from its draft. */
  readonly #setting = $derived.by(() => {
    const { conversation, composer } = this.#parts
    const { id, chosen, running } = conversation.view ?? {}
    const { provider, model, keyProfile } = chosen ?? {}
    return JSON.stringify([id, provider, model, keyProfile, running, conversation.entries.length, composer.editing?.id])
  })
  #last = ''

  /** To be run as an effect: hears of every change to the request. */
  follow(): void {
    const { composer, conversation } = this.#parts
    const setting = this.#setting
    const { text, attachments } = composer
    this.#fresh = false
    clearTimeout(this.#timer)
    if (this.#asking > 0) this.#cancel()
    if (setting !== this.#last) this.#known = undefined
    this.#last = setting
    const idle =
      conversation.loaded && conversation.view?.chosen !== undefined && conversation.view.running === undefined
    if ((text.trim() === '' && attachments.length === 0) || !idle) return
    this.#timer = window.setTimeout(() => void this.#ask(), PAUSE_MS)
  }

  async #ask(): Promise<void> {
    const { bridge, composer } = this.#parts
    const turn = ++this.#asked
    const { tokens: draft } = composer
    this.#asking++
    const counted = await bridge.ask('count', this.#draft()).catch(() => null)
    this.#asking--
    if (turn !== this.#asked || !counted) return
    this.#known = { counted, draft }
    this.#fresh = true
  }

  /** An empty draft: what is being counted is no longer wanted. */
  #cancel(): void {
    this.#asked++
    void this.#parts.bridge.ask('count', { text: '', files: [] }).catch(() => null)
  }

  #draft(): DraftToCount {
    const { text, attachments, editing } = this.#parts.composer
    const files = attachments.map((file): DraftFile => {
      const { part } = file.goingTo(this.#parts.checks.reader)
      const { mediaType, size, name } = attachedOf(part)
      // What goes depends on the reader, so that another reader may get other bytes under the same name.
      const id = `${file.id} ${mediaType} ${size}`
      const { data } = part.media
      const wanted = data !== undefined && size <= SMALL_FILE && !this.#handed.has(id)
      return { id, mediaType, size, name, ...(wanted && { data }) }
    })
    this.#handed = new Set(files.map(({ id }) => id))
    return { text, files, ...(editing && { parent: editing.stored.parent }) }
  }
}
