/** What a model can, lacks and needs, in the words the picker and the composer share. */
import type { ModelInfo } from '../../src/shared/model.ts'
import type { BarredBy, Chosen, ModelGroup, ModelRef } from '../../src/shared/protocol.ts'

export type Ability = 'images' | 'pdfs' | 'tools' | 'thinking'
export type AbilityWords = {
  ability: Ability
  icon: string
  short: string
  has: string
  lacks: string
  unknown: string
}

/** In the order in which rows show them. */
export const ABILITIES: readonly AbilityWords[] = [
  {
    ability: 'images',
    icon: 'eye',
    short: 'Images',
    has: 'Sees images',
    lacks: 'Cannot see images',
    unknown: 'images',
  },
  { ability: 'pdfs', icon: 'file-pdf', short: 'PDFs', has: 'Reads PDFs', lacks: 'Cannot read PDFs', unknown: 'PDFs' },
  { ability: 'tools', icon: 'tools', short: 'Tools', has: 'Uses tools', lacks: 'No tools', unknown: 'tools' },
  {
    ability: 'thinking',
    icon: 'lightbulb',
    short: 'Thinking',
    has: 'Thinks',
    lacks: 'Does not think',
    unknown: 'thinking',
  },
]

export type AbilityMark = { ability: Ability; icon: string; label: string; lacking: boolean }

/** What a row shows of each ability: no icon where nobody tells, but for what is asked for by `wants`. */
export function marksOf(model: ModelInfo, wants: readonly string[]): AbilityMark[] {
  return ABILITIES.map(({ ability, icon, has, lacks, unknown }) => {
    const able = model[ability]
    if (able !== undefined) return { ability, icon, label: able ? has : lacks, lacking: !able }
    return {
      ability,
      icon: wants.includes(ability) ? 'question' : '',
      label: `Not known: ${unknown}`,
      lacking: false,
    }
  })
}

/** Of these abilities. */
export function lacksOf(model: ModelInfo, of: readonly Ability[]): string[] {
  return ABILITIES.filter(({ ability }) => of.includes(ability) && model[ability] === false).map(({ lacks }) => lacks)
}

/** What nobody tells of a model, as one lists it. */
export function unknownOf(model: ModelInfo, of: readonly Ability[]): string[] {
  return ABILITIES.filter(({ ability }) => of.includes(ability) && model[ability] === undefined).map(
    ({ unknown }) => unknown,
  )
}

/** True where a limit of it is a fallback of ours. */
export function isGuessed(model: ModelInfo): boolean {
  return model.guessed === true || model.maxOutputTokens === undefined
}

export type Retirement = { text: string; when: 'past' | 'soon' | 'later' }

const DAY_MS = 24 * 3600 * 1000
/** A retirement this near is a warning, in days. */
const SOON_DAYS = 90

export function retirementOf({ retiresAt }: ModelInfo, now = Date.now()): Retirement | undefined {
  if (retiresAt === undefined) return undefined
  const day = new Date(retiresAt).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
  if (retiresAt <= now) return { text: `Retired ${day}`, when: 'past' }
  return { text: `Retires ${day}`, when: retiresAt - now <= SOON_DAYS * DAY_MS ? 'soon' : 'later' }
}

/** Why nothing of this provider can answer now. */
export function whyUnusable({ key, label }: Pick<ModelGroup, 'key' | 'label'>): string | undefined {
  if (key === 'missing') return `No key for ${label}`
  if (key === 'absent') return `${label} is not there now`
  if (key === 'barred') return `Nothing may be sent to ${label}`
  return undefined
}

const BARRED: Record<BarredBy, string> = {
  chat: 'not allowed in this chat',
  workspace: 'not allowed in this workspace',
  user: 'not allowed by your settings',
}

/** Behind the name of a provider that nothing may be sent to. */
export const whyBarred = (by: BarredBy): string => BARRED[by]

/** What should be known of the chosen model before a message is sent to it. */
export function warningsOf({ key, keyProfile, providerLabel, info }: Chosen): string[] {
  const retirement = info && retirementOf(info)
  const unusable =
    key === 'missing' && keyProfile !== undefined ? undefined : whyUnusable({ key, label: providerLabel })
  return [
    key === 'missing' && keyProfile !== undefined && `No usable key named “${keyProfile}” for ${providerLabel}`,
    unusable,
    key === 'rejected' && `${providerLabel} rejected the key`,
    retirement && retirement.when !== 'later' && retirement.text,
  ].filter((warning) => typeof warning === 'string')
}

export const isSame = (one: ModelRef, other: ModelRef): boolean =>
  one.provider === other.provider && one.model === other.model
