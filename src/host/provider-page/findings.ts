/** What a test of a connection found, in a sentence for a person. Never a key, never a header. */
import type { ProviderInfo } from '../../llm/types.ts'
import type { Failure } from '../../shared/failure.ts'
import { isLoopback } from '../address.ts'
import { DEFAULT_PROFILE, ENVIRONMENT } from '../keys.ts'

/** What was asked with which key. `endpoint` is empty for the editor's own models. */
export type Asked = { info: ProviderInfo; endpoint: string; profile?: string; envVar?: string }

export function sayWorks(asked: Asked, models: number, milliseconds: number): string {
  if (models === 0) return sayNoModels(asked)
  const count = `${models} ${models === 1 ? 'model' : 'models'}`
  return `Works: ${count} in ${(milliseconds / 1000).toFixed(1)} s${sayKey(asked)}.`
}

export function sayFailure(asked: Asked, failure: Failure): string {
  const { info, endpoint } = asked
  const host = URL.parse(endpoint)?.host ?? info.label
  const status = failure.status === undefined ? '' : ` (${failure.status})`
  if (failure.code === 'auth' && failure.status !== undefined) {
    return asked.profile === undefined
      ? `It wants a key${status}. Set one.`
      : `${keyName(asked)} is refused${status}. Set another.`
  }
  if (failure.code === 'permission') {
    return asked.profile === undefined
      ? `It answers, but lets nobody see its models without a key${status}. Set one.`
      : `It answers, but ${lowerFirst(keyName(asked))} may not see its models${status}. Set a key that may.`
  }
  if (failure.code === 'network' && isLoopback(endpoint) && /ECONNREFUSED/.test(failure.detail ?? ''))
    return `Nothing answers at ${host}. Is ${info.label} running?`
  if (failure.code === 'not-found')
    return `It answers, but not as ${kindOf(info)}: there is no list of models at this address${status}. Check the endpoint${hint(info, endpoint)}.`
  if (failure.code === 'malformed')
    return `It answers, but not as ${kindOf(info)}: another kind of server, or a sign-in page, may be at ${host}. Check the endpoint${hint(info, endpoint)}.`
  return failure.message
}

export function sayTooSlow({ info, endpoint }: Asked, seconds: number): string {
  return `No answer from ${URL.parse(endpoint)?.host ?? info.label} within ${seconds} s.`
}

function sayNoModels({ info, endpoint }: Asked): string {
  if (info.dialect === 'ollama') return 'It answers, but knows no models. Pull one with `ollama pull qwen3`.'
  if (endpoint === '') return `${info.label} has no models now.`
  if (isLoopback(endpoint)) return 'It answers, but knows no models. Load one there.'
  return 'It answers, but lists no models. Name those you use in the setting panelist.models.'
}

function sayKey(asked: Asked): string {
  if (asked.endpoint === '') return ''
  return asked.profile === undefined ? ', without a key' : ` with ${lowerFirst(keyName(asked))}`
}

function keyName({ profile, envVar }: Asked): string {
  if (profile === ENVIRONMENT) return `The key from ${envVar ?? 'the environment'}`
  return profile === undefined || profile === DEFAULT_PROFILE ? 'The key' : `The key “${profile}”`
}

function kindOf({ label, dialect, keyUrl }: ProviderInfo): string {
  // A service with a name of its own is known by that; a server of the person's own by what it speaks.
  if (keyUrl || dialect === 'ollama') return label
  return dialect === 'anthropic' ? 'an Anthropic-compatible server' : 'an OpenAI-compatible server'
}

function hint({ dialect }: ProviderInfo, endpoint: string): string {
  const speaksOpenAi = dialect === 'openai-chat' || dialect === 'openai-responses'
  return speaksOpenAi && !/\/v\d+$/.test(endpoint) ? '; most end in /v1' : ''
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
