/** What can be chosen for one conversation beside its model, in words and numbers. */
import type { Choice } from '../../src/shared/conversation.ts'
import type { Barred, Chosen } from '../../src/shared/protocol.ts'

type Effort = NonNullable<Choice['thinking']>

export const EFFORTS: readonly { value: Effort; label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'low', label: 'Low' },
  { value: 'medium', label: 'Medium' },
  { value: 'high', label: 'High' },
]

const whole = (count: number): string => count.toLocaleString()

/** What this conversation has of its own instead of what the settings say. */
export function overridesOf(chosen: Chosen | undefined, barred: readonly Barred[] = []): string[] {
  const effort = EFFORTS.find(({ value }) => value === chosen?.thinking)
  const forbidden = barred.filter(({ by }) => by === 'chat').map(({ label }) => label)
  return [
    chosen?.maxOutputTokens !== undefined && `at most ${whole(chosen.outputLimit ?? chosen.maxOutputTokens)} tokens`,
    effort && `thinking ${effort.label.toLowerCase()}`,
    chosen?.keyChosen && `key ${chosen.keyProfile}`,
    chosen?.failover && 'who is asked where it fails',
    forbidden.length > 0 && `nothing to ${forbidden.join(', ')}`,
  ].filter((text) => typeof text === 'string')
}

/** The limit that holds where this conversation has none of its own, and where it comes from. */
export function limitOf(chosen: Chosen): { tokens: string; from: string } | undefined {
  const { maxOutputTokens, outputLimit, outputGuessed, info } = chosen
  if (maxOutputTokens !== undefined || outputLimit === undefined) return undefined
  const own = outputLimit === info?.maxOutputTokens
  const from = outputGuessed
    ? 'Tokens. A guess: nobody told this model’s limit.'
    : own
      ? `Tokens. The model’s own limit${info.source === 'settings' ? ', from your settings' : ''}.`
      : 'Tokens, from your settings.'
  return { tokens: whole(outputLimit), from }
}

/** Digits, perhaps in groups of three. */
const GROUPED = /^(\d+|\d{1,3}([\s,.’']\d{3})+)$/

export type ReadLimit = { tokens: number | null; said?: string } | { problem: string }

/** What was typed as a limit, in tokens; nothing goes back to the settings. `said`: what was made of it. */
export function readLimit(typed: string, most: number | undefined): ReadLimit {
  const text = typed.trim()
  if (text === '') return { tokens: null }
  const tokens = GROUPED.test(text) ? Number(text.replace(/\D/g, '')) : Number.NaN
  if (!Number.isSafeInteger(tokens) || tokens < 1) {
    return { problem: 'A whole number of tokens above 0, or nothing.' }
  }
  if (most !== undefined && tokens > most) return { tokens: most, said: atMost(most) }
  return { tokens }
}

/** Said where a limit from another model is more than this one writes. */
export function cutOf({ maxOutputTokens, info }: Chosen): string | undefined {
  const most = info?.maxOutputTokens
  return most !== undefined && maxOutputTokens !== undefined && maxOutputTokens > most ? atMost(most) : undefined
}

const atMost = (most: number): string => `This model writes at most ${whole(most)} tokens, so that is the limit.`
