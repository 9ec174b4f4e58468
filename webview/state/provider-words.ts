/** How a provider stands, in words and a sign; never by colour alone. */
import type { KeyProfile, ProviderCard } from '../../src/shared/protocol.ts'
import { ago, host } from '../format.ts'

export type Standing = { icon: string; tone: 'good' | 'calm' | 'warning' | 'bad'; words: string }

/** The name a key has where the person gave it none. */
const DEFAULT_PROFILE = 'default'

export function standingOf(card: ProviderCard): Standing {
  if (!card.enabled) return { icon: 'circle-slash', tone: 'calm', words: 'Switched off' }
  if (needsEndpoint(card)) return { icon: 'debug-disconnect', tone: 'calm', words: 'No endpoint yet' }
  const name = card.keys.find(({ inUse }) => inUse)?.name
  return standingOfKey(card, name === undefined || name === DEFAULT_PROFILE ? '' : ` “${name}”`)
}

function standingOfKey({ key, envVar, kind }: ProviderCard, name: string): Standing {
  switch (key) {
    case 'set':
      return { icon: 'pass', tone: 'good', words: `Key${name} set` }
    case 'environment':
      return { icon: 'pass', tone: 'good', words: `Key from ${envVar ?? 'the environment'}` }
    case 'memory':
      return { icon: 'warning', tone: 'warning', words: `Key${name} in memory only: lost when VS Code closes` }
    case 'missing':
      return { icon: 'key', tone: 'calm', words: 'No key' }
    case 'rejected':
      return { icon: 'error', tone: 'bad', words: `Key${envVar ? ` from ${envVar}` : name} refused` }
    case 'not-needed':
      return kind === 'editor'
        ? { icon: 'pass', tone: 'good', words: 'Ready' }
        : { icon: 'pass', tone: 'good', words: 'No key needed' }
    case 'barred':
      return { icon: 'circle-slash', tone: 'calm', words: 'Nothing may be sent to it' }
    case 'absent':
      return { icon: 'circle-outline', tone: 'calm', words: kind === 'editor' ? 'No models here' : 'Not running' }
  }
}

export function needsEndpoint({ kind, endpoint }: ProviderCard): boolean {
  return kind !== 'editor' && endpoint === ''
}

/** True where only another key helps. */
export function needsKey(card: ProviderCard): boolean {
  return card.enabled && !needsEndpoint(card) && (card.key === 'missing' || card.key === 'rejected')
}

export function canBeTested(card: ProviderCard): boolean {
  return card.enabled && !needsEndpoint(card) && card.key !== 'missing' && card.key !== 'barred'
}

/** Where it is and what it has, in short. */
export function factsOf(card: ProviderCard, now: number): string[] {
  const { endpoint, models, listedAt } = card
  const count = `${models} ${models === 1 ? 'model' : 'models'}`
  const facts = endpoint === '' ? [] : [host(endpoint)]
  if (listedAt !== undefined) facts.push(`${count}, ${ago(listedAt, now)}`)
  else if (models > 0) facts.push(`${count} known`)
  return facts
}

/** How one key of several stands. */
export function keyWords({ status, envVar, inUse }: KeyProfile): string {
  const words = {
    set: '',
    environment: envVar ?? 'from the environment',
    memory: 'in memory only',
    missing: 'for another endpoint',
    rejected: 'refused',
    'not-needed': '',
    absent: '',
    barred: '',
  }[status]
  return [inUse && 'in use', words].filter(Boolean).join(', ')
}
