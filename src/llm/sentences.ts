/** What each failure says to a person: what happened, then what to do. Whole sentences, no key, no stack. */
import type { FailureCode } from '../shared/failure.ts'
import { LONGEST_SILENCE_MS } from './transport.ts'

/** A failure code, or the finer reason that a sentence can name. */
export type SentenceKind =
  | FailureCode
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'certificate'
  | 'tls'
  | 'proxy'
  | 'dropped'
  | 'silence'
  | 'address'
  | 'header'
  | 'late'
  | 'not-a-stream'
  | 'unseen'

export type Subject = { provider: string; baseUrl: string; model?: string }
/** `silent`: the provider gave no reason. */
export type SentenceFacts = { retryAfterMs?: number; status?: number | undefined; silent?: boolean }

type Words = { provider: string; host: string; model: string; wait: string; status: string; why: string }

export function sentence(kind: SentenceKind, subject: Subject, facts: SentenceFacts = {}): string {
  // A proxy that wants a password answers in the place of the provider.
  return SENTENCES[facts.status === 407 ? 'proxy' : kind]({
    provider: subject.provider,
    host: hostOf(subject.baseUrl),
    model: subject.model === undefined ? 'this model' : `the model "${subject.model}"`,
    wait: waitOf(facts.retryAfterMs),
    status: facts.status === undefined ? '' : ` (HTTP ${facts.status})`,
    why: facts.silent ? 'It does not say why' : 'Its own words are below',
  })
}

const SENTENCES: Record<SentenceKind, (words: Words) => string> = {
  auth: ({ provider, host }) =>
    `${provider} (${host}) did not accept the API key. Check that the key is whole and still valid, or set a new one.`,
  permission: ({ provider, host, model }) =>
    `${provider} (${host}) does not allow this key to use ${model}. Choose another model or set a key that may.`,
  quota: ({ provider, host }) =>
    `The account at ${provider} (${host}) has no credit or quota left. Top it up there, or choose another model or key.`,
  'rate-limit': ({ provider, host, wait }) =>
    `${provider} (${host}) received too many requests or tokens from this key. Try again ${wait}, or choose another model.`,
  overloaded: ({ provider, host, model, wait }) =>
    `${provider} (${host}) is overloaded and did not run ${model}. Try again ${wait}, or choose another model.`,
  unavailable: ({ provider, host, wait, status }) =>
    `${provider} (${host}) has a problem of its own${status}. Try again ${wait}, or choose another model.`,
  timeout: ({ provider, host, model }) =>
    `${provider} (${host}) did not answer with ${model} in time. Try again, or allow more time in the settings.`,
  network: ({ provider, host }) =>
    `The connection to ${provider} (${host}) failed. Check your network and the base URL in the settings, then try again.`,
  'invalid-request': ({ provider, host, model, status, why }) =>
    `${provider} (${host}) refused the request for ${model} as invalid${status}. ${why}; another model may accept it.`,
  'context-length': ({ provider, host, model }) =>
    `The conversation is too long for ${model} at ${provider} (${host}). Start a new chat, remove attachments, or choose a model with a larger context window.`,
  'not-found': ({ provider, host, model }) =>
    `${provider} (${host}) does not know ${model}, or the base URL is wrong. Choose another model or check the base URL in the settings.`,
  'content-filter': ({ provider, host }) =>
    `The content filter of ${provider} (${host}) stopped the request. Rephrase it, or choose another model.`,
  truncated: ({ provider, host }) =>
    `${provider} (${host}) ended the answer before it was complete. What arrived is kept. Try again, or continue from here.`,
  malformed: ({ provider, host }) =>
    `${provider} (${host}) sent something that is not a valid answer. What arrived before is kept. Try again; if it happens again, check the base URL in the settings.`,
  budget: () => 'The budget for this is used up. Raise it in the settings, or choose a cheaper model.',
  unknown: ({ provider, host, model }) =>
    `Something unexpected went wrong with ${model} at ${provider} (${host}). Try again; the logs hold the details.`,
  dns: ({ provider, host }) =>
    `The name ${host} (${provider}) could not be found. Check your network and the base URL in the settings, then try again.`,
  refused: ({ provider, host }) =>
    `${host} (${provider}) refused the connection. Check that the server is running and that the base URL in the settings is right.`,
  unreachable: ({ provider, host }) =>
    `${host} (${provider}) cannot be reached from here. Check your network or VPN, then try again.`,
  certificate: ({ provider, host }) =>
    `The certificate of ${host} (${provider}) is not trusted. If a company proxy or your own server is in between, add its certificate authority to the system (or NODE_EXTRA_CA_CERTS) and restart VS Code.`,
  tls: ({ provider, host }) =>
    `A secure connection to ${host} (${provider}) could not be made. Check whether the base URL should start with http:// or https://.`,
  proxy: ({ provider, host }) =>
    `The proxy between here and ${host} (${provider}) refused the connection. Check VS Code's http.proxy setting and the proxy's user name and password.`,
  dropped: ({ provider, host }) =>
    `The connection to ${provider} (${host}) was cut. What arrived is kept. Try again, or continue from here.`,
  silence: ({ provider, host, model }) =>
    `${provider} (${host}) sent not one byte with ${model} for ${LONGEST_SILENCE_MS / 1000} s, which is as long as VS Code's network client waits, whatever panelist.timeouts allows. What arrived is kept. Try again, or choose a faster model.`,
  address: ({ host, provider }) =>
    `The base URL of ${provider} is not a valid address (${host}). Correct it in the settings.`,
  header: ({ provider, host }) =>
    `The API key or a header for ${provider} (${host}) holds a character that cannot be sent. Set the key again, and check "headers" in panelist.providers.`,
  late: ({ provider, host }) =>
    `${provider} (${host}) did not answer in time. Try again, or check the base URL in the settings.`,
  unseen: ({ provider, host, model }) =>
    `${model} at ${provider} (${host}) cannot read an image or file of this conversation. Choose a model that can, or edit the message and remove the attachment.`,
  'not-a-stream': ({ provider, host }) =>
    `${host} answered, but not in the way ${provider} does. Check the base URL in the settings: another kind of server, or a sign-in page, may be at that address.`,
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl
}

function waitOf(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return 'in a moment'
  const seconds = Math.ceil(retryAfterMs / 1000)
  if (seconds <= 1) return 'in a second'
  return seconds < 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`
}
