/** One sentence on why another model answered than the one that was chosen. */
import type { Failure, FailureCode } from '../shared/failure.ts'

/** As people call them. */
export type Named = { provider: string; model: string }

const WHAT: Partial<Record<FailureCode, string>> = {
  'rate-limit': 'had too many requests',
  quota: 'had no credit left',
  overloaded: 'was overloaded',
  unavailable: 'had a problem of its own',
  timeout: 'did not answer in time',
  network: 'could not be reached',
  truncated: 'broke off',
  malformed: 'sent something that is no answer',
  auth: 'refused the key',
  permission: 'did not allow it',
  'not-found': 'was not there',
  'invalid-request': 'refused the request',
  'context-length': 'had too small a window',
  'content-filter': 'blocked the answer',
}

/** Who was refused was asked; without a status there was no key to ask with. */
const whatOf = ({ code, status }: Pick<Failure, 'code' | 'status'>): string =>
  code === 'auth' && status === undefined ? 'has no key' : (WHAT[code] ?? 'could not answer')

/** “Claude was overloaded; answered by GPT-5.” Where models are called the same, their providers tell them apart. */
export function whyInstead(
  failed: readonly (Named & { failure: Pick<Failure, 'code' | 'status'> })[],
  by: Named,
): string {
  const names = [...failed, by].map(({ model }) => model)
  const nameOf = ({ provider, model }: Named): string =>
    names.filter((name) => name === model).length > 1 ? `${model} of ${provider}` : model
  const reasons = failed.map((one) => `${nameOf(one)} ${whatOf(one.failure)}`)
  const last = reasons.pop() ?? ''
  const told = reasons.length > 0 ? `${reasons.join(', ')} and ${last}` : last
  return `${told}; answered by ${nameOf(by)}.`
}
