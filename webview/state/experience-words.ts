/** What everyday requests tell of models and providers, in words. */
import type { OwnExperience, ProviderHealth } from '../../src/shared/protocol.ts'
import { seconds } from '../format.ts'

export const HEALTH: Record<ProviderHealth['state'], { word: string; icon: string; tone: 'good' | 'warning' | 'bad' }> =
  {
    ok: { word: 'OK', icon: 'pass', tone: 'good' },
    slow: { word: 'slow', icon: 'watch', tone: 'warning' },
    limited: { word: 'limited', icon: 'warning', tone: 'warning' },
    down: { word: 'down', icon: 'error', tone: 'bad' },
  }

/** A model's own speed: in short, and as a sentence. Undefined where nothing was measured. */
export function speedOf(
  own: OwnExperience | undefined,
  provider: string,
  model: string,
): { short: string; long: string } | undefined {
  const speed = own?.speeds.find((one) => one.provider === provider && one.model === model)
  if (!speed?.firstToken) return undefined
  const rate = speed.rate && `${Math.round(speed.rate.median)} tok/s`
  const first = seconds(speed.firstToken.median)
  const answers = speed.answers === 1 ? 'your last answer' : `your last ${speed.answers} answers`
  return {
    short: rate ?? first,
    long: `Median of ${answers}: first token after ${first}${rate ? `, then ${rate}` : ''}`,
  }
}
