/** Limits as the person set them: for a provider, one of its models, one of its keys, or both. */
import type { Target } from '../admission.ts'
import type { MinuteLimit } from './window.ts'

export type RateLimit = MinuteLimit & Partial<Target> & Pick<Target, 'provider'>

/** Those that hold for a request to this target. */
export function limitsOf(target: Target, limits: readonly RateLimit[]): RateLimit[] {
  return limits.filter(
    ({ provider, model, keyProfile }) =>
      provider === target.provider &&
      (model === undefined || model === target.model) &&
      (keyProfile === undefined || keyProfile === target.keyProfile),
  )
}

export const scopeOf = ({ provider, model, keyProfile }: Partial<Target>): string =>
  JSON.stringify([provider, model ?? null, keyProfile ?? null])

/** “50 requests a minute”, “40,000 tokens a minute”, or both. */
export function limitWords({ requests, tokens }: MinuteLimit): string {
  const words = [
    requests !== undefined && `${requests.toLocaleString('en')} ${requests === 1 ? 'request' : 'requests'}`,
    tokens !== undefined && `${tokens.toLocaleString('en')} tokens`,
  ].filter((word) => word !== false)
  return `${words.join(' and ')} a minute`
}
