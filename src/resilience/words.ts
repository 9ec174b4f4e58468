/** What a person is told while something is tried again: why, in few words, and where nothing is sent for now. */
import type { Failure, FailureCode } from '../shared/failure.ts'

const SHORT: Partial<Record<FailureCode, (provider: string) => string>> = {
  'rate-limit': (provider) => `${provider} received too many requests.`,
  overloaded: (provider) => `${provider} is overloaded.`,
  unavailable: (provider) => `${provider} has a problem of its own.`,
  timeout: (provider) => `${provider} did not answer in time.`,
  network: (provider) => `The connection to ${provider} failed.`,
  truncated: (provider) => `${provider} ended the answer too early.`,
  malformed: (provider) => `${provider} sent something that is no answer.`,
}

/** `provider`: as people call it. */
export function shortSentence({ code }: Pick<Failure, 'code'>, provider: string): string {
  return (SHORT[code] ?? ((name) => `${name} could not answer.`))(provider)
}

/** Why nothing is sent to a provider that failed again and again. `restMs`: for how long. */
export function resting(provider: string, restMs: number): Failure {
  const seconds = Math.max(1, Math.ceil(restMs / 1000))
  return {
    code: 'unavailable',
    message: `${provider} failed several times in a row, so Panelist leaves it alone for ${seconds} s. Try again then, or choose another model.`,
    retryAfterMs: restMs,
  }
}
