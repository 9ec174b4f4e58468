/** What went wrong, as one word that code can act on. */
export type FailureCode =
  | 'auth'
  | 'permission'
  | 'quota'
  | 'rate-limit'
  | 'overloaded'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'invalid-request'
  | 'context-length'
  | 'not-found'
  | 'content-filter'
  | 'truncated'
  | 'malformed'
  | 'budget'
  | 'unknown'

/** A failure as a value. It crosses to the webview and is stored, so it never holds a key, a header or a prompt. */
export type Failure = {
  code: FailureCode
  /** For a person: what happened and what to do. Whole sentences. */
  message: string
  /** HTTP status, where there was one. */
  status?: number
  /** How long the provider asks us to wait, in milliseconds. */
  retryAfterMs?: number
  /** What the provider itself says of asking the same again. */
  shouldRetry?: boolean
  /** True where the same request fails until a person has mended something: a certificate, an address, a proxy. */
  lasting?: true
  /** The provider's id of the request, for their support. */
  requestId?: string
  /** The provider's own words, cut and redacted. */
  detail?: string
}

/**
 * A failure thrown as an error, for the calls that are not streams (model lists, token counts), and the reason of an
 * abort.
 */
export class FailureError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause })
    this.name = 'FailureError'
    this.failure = failure
  }

  /** By shape, because each lazy bundle of the build holds a copy of this class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'FailureError' && 'failure' in value
  }
}

/** What the panel offers beside a failure. */
export type FailureAction =
  | 'set-key'
  | 'sign-in'
  | 'show-providers'
  | 'select-model'
  | 'retry'
  | 'open-settings'
  | 'show-logs'
  | 'new-chat'
  | 'show-usage'
  | 'manage-trust'

const ACTIONS: Record<FailureCode, FailureAction[]> = {
  auth: ['set-key', 'retry'],
  permission: ['set-key', 'select-model', 'retry'],
  quota: ['select-model', 'set-key', 'retry'],
  'rate-limit': ['retry', 'select-model'],
  overloaded: ['retry', 'select-model'],
  unavailable: ['retry', 'select-model'],
  timeout: ['retry', 'open-settings'],
  network: ['retry', 'open-settings', 'show-logs'],
  'invalid-request': ['select-model', 'show-logs', 'retry'],
  'context-length': ['new-chat', 'select-model', 'retry'],
  'not-found': ['select-model', 'open-settings'],
  'content-filter': ['select-model', 'retry'],
  truncated: ['retry', 'show-logs'],
  malformed: ['retry', 'show-logs'],
  budget: ['open-settings', 'select-model'],
  unknown: ['retry', 'show-logs'],
}

/** The actions that can help after this failure, the best first. */
export function actionsFor(failure: Failure): FailureAction[] {
  return ACTIONS[failure.code]
}
