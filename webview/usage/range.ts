/** The days a person looks at. */
import { daysAfter } from '../../src/shared/day.ts'
import type { Day } from '../../src/shared/day.ts'

export const PRESETS = [
  { id: 'today', label: 'Today', days: 1 },
  { id: 'week', label: '7 days', days: 7 },
  { id: 'month', label: '30 days', days: 30 },
  { id: 'quarter', label: '90 days', days: 90 },
  { id: 'year', label: 'Year', days: 365 },
  { id: 'all', label: 'All' },
] as const satisfies { id: string; label: string; days?: number }[]

export type PresetId = (typeof PRESETS)[number]['id']
export type Range = { preset: PresetId } | { from?: Day; to?: Day }

export function daysOf(range: Range, today: Day): { from?: Day; to?: Day } {
  if (!('preset' in range)) return range
  const preset = PRESETS.find(({ id }) => id === range.preset)
  return preset && 'days' in preset ? { from: daysAfter(today, 1 - preset.days), to: today } : {}
}
