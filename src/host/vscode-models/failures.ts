/** Errors of VS Code's language models as `Failure` values. */
import { abortFailure, isLate } from '../../llm/failures.ts'
import { redact } from '../../llm/redact.ts'
import type { Failure, FailureCode } from '../../shared/failure.ts'
import { FailureError } from '../../shared/failure.ts'

/** The codes of `LanguageModelError`. */
const CODES: Record<string, FailureCode> = { NotFound: 'not-found', NoPermissions: 'permission', Blocked: 'quota' }

/**
 * Errors of the vendors themselves come as their words alone: VS Code carries neither class, status nor cause from one
 * extension to another. These conditions ask for another action than trying again, so they are looked for in the words.
 */
const WORDS: [RegExp, FailureCode][] = [
  [
    /context[ _-]?(length|window|limit|size)|(prompt|input|message) is too long|too many (input )?tokens|token limit/i,
    'context-length',
  ],
  [/rate.?limit|too many requests|\b429\b/i, 'rate-limit'],
  [/quota|credit balance|out of credits|insufficient (credits|balance|funds)/i, 'quota'],
  [/\b401\b|unauthorized|not signed in|sign in|invalid api key/i, 'auth'],
  [/content (filter|policy|management)/i, 'content-filter'],
  [/chat (model|provider) .*(could not be found|is not registered)|^model not found/i, 'not-found'],
  [/overloaded|\b529\b|\b503\b/i, 'overloaded'],
  [/fetch failed|ECONN\w+|ENOTFOUND|net::ERR/, 'network'],
]

const SENTENCES: Partial<Record<FailureCode, (model: string) => string>> = {
  'not-found': (model) =>
    `VS Code does not offer ${model} any more. Choose another model, or turn on the extension that brings it.`,
  permission: (model) =>
    `VS Code did not let Panelist use ${model}. Try again and allow it when VS Code asks, or choose another model.`,
  quota: (model) =>
    `VS Code did not send the request to ${model}: its quota is used up, or it is blocked for Panelist. Look at the account of the extension that brings it, or choose another model.`,
  'rate-limit': (model) =>
    `${model} received too many requests through VS Code. Try again later, or choose another model.`,
  'context-length': (model) =>
    `The conversation is too long for ${model}. Start a new chat, remove attachments, or choose a model with a larger context window.`,
  auth: (model) =>
    `The extension that brings ${model} is not signed in. Sign in or set its key in VS Code, or choose another model.`,
  'content-filter': (model) =>
    `The content filter of ${model} stopped the request. Rephrase it, or choose another model.`,
  overloaded: (model) => `${model} is overloaded. Try again in a moment, or choose another model.`,
  network: (model) => `The extension that brings ${model} could not connect to it. Check your network, then try again.`,
}

/** An error as a failure. `id`: the model's, or undefined where all models were asked for. */
export function failureOf(error: unknown, id: string | undefined): Failure {
  if (error instanceof FailureError) return error.failure
  const model = id === undefined ? 'a model' : `the model “${id}”`
  const text = error instanceof Error ? error.message : String(error)
  const detail = text === '' ? {} : { detail: redact(text) }
  if (error instanceof Error && error.name === 'Canceled')
    return { code: 'truncated', message: `VS Code cancelled the request to ${model}. Try again.` }
  const code = codeOf(error, text)
  const message = code && SENTENCES[code]?.(model)
  if (message) return { code, message: sentence(message), ...detail }
  if (id === undefined) return { code: 'unknown', message: 'VS Code could not list its models. Try again.', ...detail }
  return {
    code: 'unknown',
    message: `VS Code could not get an answer from ${model}. Try again, or choose another model.`,
    ...detail,
  }
}

/** What VS Code itself says of the model counts before words, which may speak of anything. */
function codeOf(error: unknown, text: string): FailureCode | undefined {
  const own = typeof error === 'object' && error !== null && 'code' in error ? CODES[String(error.code)] : undefined
  if (own === 'not-found' || own === 'permission') return own
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? own
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export function notOffered(id: string): FailureError {
  return new FailureError(failureOf(Object.assign(new Error(''), { code: 'NotFound' }), id))
}

/** Runs a call that is not a stream, to its end or to the signal's. Throws `FailureError`, and nothing else. */
export async function orFailure<T>(
  id: string | undefined,
  signal: AbortSignal,
  call: () => PromiseLike<T>,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([call(), aborted])
  } catch (error) {
    throw new FailureError(signal.aborted ? abortOf(signal) : failureOf(error, id), error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function abortOf(signal: AbortSignal): Failure {
  return abortFailure(signal) ?? (isLate(signal) ? late : cancelled)
}

const late: Failure = { code: 'timeout', message: 'VS Code did not answer in time. Try again in a moment.' }
const cancelled: Failure = { code: 'unknown', message: 'The request was cancelled.' }
