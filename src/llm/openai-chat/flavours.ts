/** The providers with ways of their own. Chosen by the provider's id, never by a model's name. */
import type { ProviderId } from '../../shared/model.ts'
import type { Flavour } from './flavour.ts'
import { litellm } from './litellm.ts'
import { openrouter } from './openrouter.ts'

const flavours: Record<string, Flavour> = { openrouter, litellm }

export function flavourOf(id: ProviderId): Flavour {
  return Object.hasOwn(flavours, id) ? (flavours[id] ?? {}) : {}
}
