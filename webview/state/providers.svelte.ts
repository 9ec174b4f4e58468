/** The Providers page. */
import type { Bridge } from '../bridge.ts'
import type { ProviderId } from '../../src/shared/model.ts'
import type { ProviderAction, ProviderCard } from '../../src/shared/protocol.ts'
import { PageStore } from './page-store.svelte.ts'

export class ProviderStore extends PageStore<ProviderCard[]> {
  protected ask(): Promise<ProviderCard[]> {
    return this.bridge.ask('providers', {})
  }

  /** Starts a test, or ends the one under way. */
  async test(card: ProviderCard): Promise<void> {
    if (card.testing) return this.act('cancel-test', card.id)
    await this.try(async () => {
      this.said = ''
      const { test } = await this.bridge.ask('test-provider', { provider: card.id })
      this.said = test ? `${card.label}: ${test.text}` : `The test of ${card.label} was cancelled.`
    })
  }

  async act(action: ProviderAction, provider: ProviderId, profile?: string): Promise<void> {
    const body = { action, provider, ...(profile !== undefined && { profile }) }
    await this.try(() => this.bridge.ask('provider-action', body))
  }

  /** The id of what was added, where the person added something. */
  async add(): Promise<ProviderId | undefined> {
    return (await this.try(() => this.bridge.ask('add-provider', {})))?.provider
  }
}

/** Made with the first part of the page that is drawn. */
export const providersOf = (panel: { readonly bridge: Bridge; providers: ProviderStore | undefined }): ProviderStore =>
  (panel.providers ??= new ProviderStore(panel.bridge))
