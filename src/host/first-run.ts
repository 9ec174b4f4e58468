/** What is already there before a person has chosen anything: found, offered, and taken with one click. */
import type { FoundProvider } from '../shared/protocol.ts'
import type { Chooser } from './choice.ts'
import type { Found } from './discovery/discover.ts'
import type { Models } from './models.ts'
import type { Connections } from './connections.ts'

export type FirstRunParts = {
  connections: Connections
  chooser: Pick<Chooser, 'isUndecided' | 'remember'>
  models: Pick<Models, 'firstChoice' | 'failure'>
  discover(): Promise<Found[]>
  /** Writes an entry of the person's own `panelist.providers`. */
  addProvider(id: string, value: { label: string; baseUrl: string }): Promise<void>
}

export class FirstRun {
  readonly #parts: FirstRunParts
  #found: Found[] = []

  constructor(parts: FirstRunParts) {
    this.#parts = parts
  }

  /** Nothing once the person has chosen a model or a provider. */
  async find(): Promise<FoundProvider[]> {
    if (!this.#parts.chooser.isUndecided()) return []
    this.#found = await this.#parts.discover()
    return this.#found.map(({ kind, provider, label, detail }) => ({ kind, provider, label, detail }))
  }

  /** Makes it the provider of new chats. Throws a sentence where it has no model to begin with. */
  async take(provider: string): Promise<void> {
    const { connections, chooser, models, addProvider } = this.#parts
    const found = this.#found.find((one) => one.provider === provider)
    if (found?.setting && !connections.info(provider)) await addProvider(found.setting.id, found.setting.value)
    const info = connections.info(provider)
    if (!info) throw new Error(`${found?.label ?? provider} cannot be used. Look under Providers.`)
    const model = await models.firstChoice(info, true)
    if (model === undefined) {
      const failure = await models.failure(info)
      throw new Error(failure?.message ?? `${info.label} has no model yet. Add one there, then try again.`)
    }
    await chooser.remember(provider, model)
  }
}
