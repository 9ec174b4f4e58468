import type { Credits } from '../../usage/credits.ts'
import type { ProviderSettings } from '../settings.ts'

/** Of the connections that are marked as shared. */
export function creditsIn(providers: Record<string, ProviderSettings>): Record<string, Credits> {
  return Object.fromEntries(
    Object.entries(providers).flatMap(([id, { credits }]) => (credits === undefined ? [] : [[id, credits]])),
  )
}
