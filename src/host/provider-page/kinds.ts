/** What sort of thing a provider is, as far as the page treats them differently. */
import { providers } from '../../llm/index.ts'
import type { ProviderCard } from '../../shared/protocol.ts'
import type { Connections } from '../connections.ts'

/** The generic server has no place of its own: it is there because the settings name it, like any the person named. */
const GENERIC = 'compatible'

export function kindOf(id: string, connections: Pick<Connections, 'isEditor'>): ProviderCard['kind'] {
  if (connections.isEditor(id)) return 'editor'
  return id !== GENERIC && providers.some((provider) => provider.id === id) ? 'built-in' : 'named'
}
