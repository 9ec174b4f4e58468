/** What is known of the attached texts: their tokens, which are out of date, and the file in front that may go along. */
import { estimateTokens } from '../../src/shared/tokens.ts'
import type { CurrentFile, PanelEvent, ReadFile } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import { Attachment } from './attachment.ts'
import type { ComposerStore } from './composer.svelte.ts'
import type { ConversationStore } from './conversation.svelte.ts'
import { takeRead } from './intake.ts'
import type { Table } from './intake.ts'

/** Of files whose text is not at hand. */
const BYTES_PER_TOKEN = 4

/** What of the panel is needed. */
export type ContextPanel = Table & {
  readonly bridge: Bridge
  readonly composer: ComposerStore
  readonly conversation: ConversationStore
  /** True once the host has counted the request as it is. */
  readonly forecast: { readonly told: boolean }
}

export class ContextStore {
  /** `ref`s of attachments that are another by now. */
  stale: readonly string[] = $state.raw([])
  /** The file in front, where it is offered. */
  current: CurrentFile | undefined = $state.raw()
  /** Attachments that are being had: what they are called. */
  pending: readonly string[] = $state.raw([])
  #factor = $state(1)
  /** Whose factor was asked for last, and how often one was: what an earlier question brings is of another model. */
  #asked = ''
  #turn = 0
  #checks = 0
  /** The person's own word on the file in front, for this panel. */
  #switched: boolean | undefined = $state()
  readonly #panel: ContextPanel
  readonly #estimates = new WeakMap<Attachment, number>()

  constructor(panel: ContextPanel) {
    this.#panel = panel
    void this.#ask()
  }

  hear(event: Extract<PanelEvent, { type: 'context-changed' | 'current-file' }>): void {
    if (event.type === 'current-file') this.current = event.current ?? undefined
    else void this.check()
  }

  /** Whether the file in front goes with the next message. */
  get along(): boolean {
    return this.current !== undefined && (this.#switched ?? this.current.on)
  }

  switch(): void {
    this.#switched = !this.along
  }

  /** What goes along by itself with a message that is sent now. */
  async implicit(): Promise<Attachment[]> {
    if (!this.along) return []
    const file = await this.#panel.bridge.ask('take-current', {}).catch(() => null)
    return file?.context ? [Attachment.text(file.name, file.data, file.context)] : []
  }

  /** To be run as an effect: another model counts otherwise, and with each count the host learns how. */
  follow(): void {
    const { provider, model } = this.#panel.conversation.view?.chosen ?? {}
    const asked = JSON.stringify([provider, model])
    if (provider === undefined || model === undefined || (!this.#panel.forecast.told && asked === this.#asked)) return
    this.#asked = asked
    const turn = ++this.#turn
    const take = ({ factor }: { factor: number }): void => {
      if (turn === this.#turn) this.#factor = factor > 0 ? factor : 1
    }
    void this.#panel.bridge.ask('token-factor', {}).then(take, () => undefined)
  }

  /** Tokens of a text as the chosen model counts, estimated; undefined for what is no text. */
  tokensOf(file: Attachment): number | undefined {
    const { media, size } = file.source
    if (!file.context && !file.mediaType.startsWith('text/')) return undefined
    const known = this.#estimates.get(file)
    const plain = known ?? (file.words === undefined ? (size ?? 0) / BYTES_PER_TOKEN : estimateTokens(file.words))
    if (known === undefined && media.data !== undefined) this.#estimates.set(file, plain)
    return Math.round(plain * this.#factor)
  }

  isStale(file: Attachment): boolean {
    return file.context?.ref !== undefined && this.stale.includes(file.context.ref)
  }

  /** Asks which attachments are out of date. Of several answers under way only that of the last question counts. */
  async check(): Promise<void> {
    const ask = ++this.#checks
    const items = this.#panel.composer.attachments.flatMap(({ context }) =>
      context?.ref !== undefined && context.digest !== undefined ? [{ ref: context.ref, digest: context.digest }] : [],
    )
    const stale =
      items.length > 0 ? await this.#panel.bridge.ask('stale-context', { items }).catch(() => this.stale) : []
    if (ask === this.#checks) this.stale = stale
  }

  /** Has it read once more. The fresh one, or the same where it cannot be had. */
  refresh(file: Attachment): Promise<Attachment> {
    return this.#panel.composer.hold(this.#refresh(file))
  }

  async #refresh(file: Attachment): Promise<Attachment> {
    const ref = file.context?.ref
    if (ref === undefined) return file
    const { bridge, composer } = this.#panel
    const asked = bridge.ask('refresh-context', { ref, draft: composer.text })
    const [read] = await asked.catch((error: unknown): ReadFile[] => [{ name: file.name, why: sentenceOf(error) }])
    if (read?.why !== undefined) this.#panel.problem = read.why
    if (!read?.context) return file
    const fresh = Attachment.text(read.name, read.data, read.context)
    this.#panel.composer.swap(file, fresh)
    this.stale = this.stale.filter((one) => one !== ref)
    return fresh
  }

  /** Its words into the draft, where they stood if the draft has not changed since; it is no attachment any more. */
  inline(file: Attachment): void {
    const { composer } = this.#panel
    const words = file.words ?? ''
    composer.detach(file)
    composer.write(composer.text === '' ? words : `${composer.text}\n${words}`)
    composer.focus()
  }

  /** Shows that `label` is on its way until `work` is done, and attaches what it gives. */
  async fetch<T>(label: string, work: Promise<T>): Promise<T> {
    this.pending = [...this.pending, label]
    try {
      return await work
    } finally {
      const at = this.pending.indexOf(label)
      this.pending = this.pending.filter((_, place) => place !== at)
    }
  }

  readonly takeRead = (files: Parameters<typeof takeRead>[1]): Promise<void> => takeRead(this.#panel, files)

  async #ask(): Promise<void> {
    this.current = (await this.#panel.bridge.ask('current-file', {}).catch(() => null)) ?? undefined
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
