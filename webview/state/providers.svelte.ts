/** The Providers page: what the host says of each provider, and what is being done about it. */
import type { ProviderId } from '../../src/shared/model.ts'
import type { ProviderAction, ProviderCard } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'

export class ProviderStore {
  cards: ProviderCard[] | undefined = $state.raw()
  /** Why the last thing asked for could not be done. */
  problem: string | undefined = $state()
  /** What a screen reader hears: how the last test ended. */
  said = $state('')
  readonly #bridge: Bridge
  #shown = false
  #latest = 0

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** The page is open: from now on changes are asked for as they are told. */
  async open(): Promise<void> {
    this.#shown = true
    this.problem = undefined
    this.said = ''
    await this.#load()
  }

  close(): void {
    this.#shown = false
  }

  /** What is known is stale. What is shown stays until there is better. */
  forget(): void {
    if (this.#shown) void this.#load()
  }

  /** Starts a test, or ends the one under way. */
  async test(card: ProviderCard): Promise<void> {
    if (card.testing) return this.act('cancel-test', card.id)
    await this.#try(async () => {
      this.said = ''
      const { test } = await this.#bridge.ask('test-provider', { provider: card.id })
      this.said = test ? `${card.label}: ${test.text}` : `The test of ${card.label} was cancelled.`
    })
  }

  async act(action: ProviderAction, provider: ProviderId, profile?: string): Promise<void> {
    const body = { action, provider, ...(profile !== undefined && { profile }) }
    await this.#try(() => this.#bridge.ask('provider-action', body))
  }

  /** The id of what was added, where the person added something. */
  async add(): Promise<ProviderId | undefined> {
    let added: ProviderId | undefined
    await this.#try(async () => {
      added = (await this.#bridge.ask('add-provider', {})).provider
    })
    return added
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.problem = undefined
    try {
      await work()
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
    await this.#load()
  }

  /** Of several answers under way only that of the last question counts. */
  async #load(): Promise<void> {
    const ask = ++this.#latest
    try {
      const cards = await this.#bridge.ask('providers', {})
      if (ask === this.#latest) this.cards = cards
    } catch (error) {
      this.problem ??= error instanceof Error ? error.message : String(error)
    }
  }
}
