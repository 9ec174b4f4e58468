/** VS Code's language models as something to offer beside the providers that have an address. */
import type { Provider, ProviderInfo } from '../../llm/types.ts'
import type { Event, LanguageModels } from './api.ts'
import { createProvider } from './provider.ts'
import { Shelf } from './shelf.ts'

export const info: ProviderInfo = {
  id: 'vscode',
  label: 'VS Code',
  dialect: 'vscode',
  keyless: true,
  defaultBaseUrl: '',
}

export type VscodeModels = {
  info: ProviderInfo
  create(): Provider
  /** Models came or went: lists that were asked for before are stale. */
  onDidChange: Event
  /** Whether there is any model. Activates every extension that brings some. */
  available(): Promise<boolean>
  dispose(): void
}

export function offer(api: LanguageModels): VscodeModels {
  const shelf = new Shelf(api.lm)
  const watching = api.lm.onDidChangeChatModels(() => shelf.forget())
  return {
    info,
    create: () => createProvider(api, shelf),
    onDidChange: api.lm.onDidChangeChatModels,
    available: async () => (await shelf.all()).size > 0,
    dispose: () => void watching.dispose(),
  }
}
