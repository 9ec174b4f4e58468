/** Which providers there are in this window: those built in, those the person named, and what the editor brings. */
import { providers } from '../llm/index.ts'
import type { Provider, ProviderInfo } from '../llm/types.ts'
import { presets } from './presets.ts'
import type { ProviderSettings } from './settings.ts'

/** A provider that is no server: the editor's own models. */
export type EditorProvider = { info: ProviderInfo; create(): Provider }

/** Whether what needs no key is there: a server on this machine that runs, models the editor has. */
export type Presence = { state(provider: string): 'running' | 'absent' | 'unknown' }

/** All there are, also those that are switched off or have no address yet. */
export function allProviders(
  settings: Record<string, ProviderSettings>,
  editor: readonly EditorProvider[],
): ProviderInfo[] {
  const builtIn = providers.filter(({ id }) => id !== 'compatible' || settings[id])
  const reserved = new Set([...providers.map(({ id }) => id), ...editor.map(({ info }) => info.id)])
  const named = Object.keys(settings).filter((id) => !reserved.has(id))
  const all = [...builtIn, ...named.map(namedProvider), ...editor.map(({ info }) => info)]
  return all.map((info) => withSettings(info, settings[info.id]))
}

/** True where requests to it have somewhere to go, and the person wants them to. */
export function isOffered(info: ProviderInfo, settings: ProviderSettings | undefined, isEditor: boolean): boolean {
  if (settings?.enabled === false) return false
  return isEditor || endpointOf(info, settings) !== ''
}

/** Where its requests go; empty where the person has to say so first. */
export function endpointOf(info: ProviderInfo, settings: ProviderSettings | undefined): string {
  return settings?.baseUrl ?? info.defaultBaseUrl
}

function namedProvider(id: string): ProviderInfo {
  return presets.find((preset) => preset.id === id) ?? { id, label: id, dialect: 'openai-chat', defaultBaseUrl: '' }
}

function withSettings(info: ProviderInfo, settings: ProviderSettings | undefined): ProviderInfo {
  if (!settings) return info
  return {
    ...info,
    ...(settings.label && { label: settings.label }),
    ...(settings.dialect && { dialect: settings.dialect }),
    ...(settings.environmentVariable && { envVar: settings.environmentVariable }),
  }
}
