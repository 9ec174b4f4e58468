/** How a provider does, told from its last requests. */
import type { FailureCode } from '../shared/failure.ts'
import type { ProviderHealth } from '../shared/protocol/usage.ts'
import type { ModelSpeed } from '../shared/usage.ts'
import type { RequestRecord } from '../shared/usage-record.ts'

/** How long what went wrong, and what went well, says anything of now. Milliseconds. */
const BAD_FOR = 30 * 60_000
const GOOD_FOR = 24 * 3_600_000

/** Requests that are looked at. */
const LAST = 5

/** Slow is what takes so many times as long as usual, and so many milliseconds. */
const SLOW = { times: 2.5, least: 3_000 }

const LIMITED = new Set<FailureCode>(['rate-limit', 'quota'])
const DOWN = new Set<FailureCode>([
  'overloaded',
  'unavailable',
  'timeout',
  'network',
  'truncated',
  'malformed',
  'unknown',
])

const WORDS: Partial<Record<FailureCode, string>> = {
  'rate-limit': 'too many requests',
  quota: 'the quota is used up',
  overloaded: 'overloaded',
  unavailable: 'not available',
  timeout: 'no answer in time',
  network: 'no connection',
  truncated: 'an answer broke off',
  malformed: 'an answer nobody can read',
}

/** `records`: newest first, of all providers. `usual`: the speed of each model. */
export function healthOf(
  records: readonly RequestRecord[],
  usual: readonly ModelSpeed[],
  now: number,
): Record<string, ProviderHealth> {
  const providers = Map.groupBy(records.filter(isTelling), ({ provider }) => provider)
  const found: Record<string, ProviderHealth> = {}
  for (const [provider, all] of providers) {
    const health = stateOf(all.slice(0, LAST), usual, now)
    if (health) found[provider] = health
  }
  return found
}

/** What a person stopped, or a provider rightly refused, says nothing of how it does. */
function isTelling({ outcome, failureCode }: RequestRecord): boolean {
  if (outcome === 'aborted') return false
  return outcome !== 'failed' || (failureCode !== undefined && (LIMITED.has(failureCode) || DOWN.has(failureCode)))
}

function stateOf(
  last: readonly RequestRecord[],
  usual: readonly ModelSpeed[],
  now: number,
): ProviderHealth | undefined {
  const [newest, second] = last
  if (!newest) return undefined
  const at = newest.startedAt
  const failed = last.filter(({ outcome }) => outcome === 'failed').length
  const why = newest.failureCode && (WORDS[newest.failureCode] ?? 'it failed')
  if (newest.outcome === 'failed' && newest.failureCode) {
    if (now - at > BAD_FOR) return undefined
    if (LIMITED.has(newest.failureCode)) {
      const isOneKey = last.every(({ keyProfile }) => keyProfile === newest.keyProfile)
      const whose = isOneKey || newest.keyProfile === undefined ? '' : `, with the key ${newest.keyProfile}`
      return { state: 'limited', at, text: `Limited: ${why}${whose}` }
    }
    if (second?.outcome !== 'failed' && second) return { state: 'ok', at, text: `The last request failed: ${why}` }
    return {
      state: 'down',
      at,
      text: last.length > 1 ? `Down: ${failed} of the last ${last.length} requests failed, ${why}` : `Down: ${why}`,
    }
  }
  if (now - at > GOOD_FOR) return undefined
  const slow = now - at > BAD_FOR ? undefined : slowness(last, usual)
  if (slow) return { state: 'slow', at, text: slow }
  return { state: 'ok', at, text: failed > 0 ? `OK: answers again, ${failed} of the last ${last.length} failed` : 'OK' }
}

function slowness(last: readonly RequestRecord[], usual: readonly ModelSpeed[]): string | undefined {
  const compared = last.flatMap(({ provider, model, firstTokenMs }) => {
    const speed = usual.find((one) => one.provider === provider && one.model === model)
    return firstTokenMs !== undefined && speed?.firstToken ? [{ firstTokenMs, usual: speed.firstToken.median }] : []
  })
  if (compared.length < 3) return undefined
  const [lately, before] = [median(compared.map((one) => one.firstTokenMs)), median(compared.map((one) => one.usual))]
  if (lately < SLOW.least || lately < before * SLOW.times) return undefined
  return `Slow: first word after ${seconds(lately)} lately, usually ${seconds(before)}`
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[(values.length - 1) >> 1] ?? 0
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
