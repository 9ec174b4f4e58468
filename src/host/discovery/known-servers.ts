/**
 * The servers people run on their own machine, and how each is told from whatever else may listen on its port. The ids
 * are those that `panelist.providers` gives the same servers.
 */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Ask } from './ask.ts'

export type KnownServer = {
  provider: string
  label: string
  /** Where it listens unless told otherwise. */
  origin: string
  /** What its base URL has after the origin. Absent where the provider is built in, and needs no setting to be used. */
  api?: string
  /** How many models it can chat with; undefined where it is another server than this. */
  models(ask: Ask): Promise<number | undefined>
}

export const knownServers: readonly KnownServer[] = [
  { provider: 'ollama', label: 'Ollama', origin: 'http://localhost:11434', models: ollama },
  { provider: 'lmstudio', label: 'LM Studio', origin: 'http://localhost:1234', api: '/v1', models: lmStudio },
  { provider: 'llamacpp', label: 'llama.cpp', origin: 'http://localhost:8080', api: '/v1', models: llamaCpp },
  { provider: 'vllm', label: 'vLLM', origin: 'http://localhost:8000', api: '/v1', models: vllm },
  { provider: 'jan', label: 'Jan', origin: 'http://localhost:1337', api: '/v1', models: jan },
]

/** What Ollama, and nobody else, answers on `/api/version`. */
export function isOllamaVersion(answer: Json | undefined): boolean {
  return isObject(answer) && typeof answer.version === 'string' && answer.version !== ''
}

async function ollama(ask: Ask): Promise<number | undefined> {
  const [version, tags] = await Promise.all([ask('/api/version'), ask('/api/tags')])
  const models = isObject(tags) ? tags.models : undefined
  return isOllamaVersion(version) && Array.isArray(models) ? models.length : undefined
}

/** Its own API lists what it has beside the OpenAI format, embedding models among them. */
async function lmStudio(ask: Ask): Promise<number | undefined> {
  const models = listOf(await ask('/api/v0/models'))
  if (!models?.every(({ type, state }) => typeof type === 'string' && typeof state === 'string')) return undefined
  return models.filter(({ type }) => type !== 'embeddings').length
}

/** It owns its models by name; where it has loaded none, `/props` is its own. */
async function llamaCpp(ask: Ask): Promise<number | undefined> {
  const models = listOf(await ask('/v1/models'))
  if (!models || models.some((model) => isOwnedBy('llamacpp', model))) return models?.length
  const properties = models.length === 0 ? await ask('/props') : undefined
  const own = ['build_info', 'default_generation_settings']
  return isObject(properties) && own.some((name) => name in properties) ? 0 : undefined
}

async function vllm(ask: Ask): Promise<number | undefined> {
  const models = listOf(await ask('/v1/models'))
  return models?.some((model) => isOwnedBy('vllm', model)) ? models.length : undefined
}

/** It says its name in the description of its API, which it shows also to those it shows no models. */
async function jan(ask: Ask): Promise<number | undefined> {
  const [description, list] = await Promise.all([ask('/openapi.json'), ask('/v1/models')])
  const about = isObject(description) && isObject(description.info) ? description.info.title : undefined
  return typeof about === 'string' && /^Jan\b/.test(about) ? listOf(list)?.length : undefined
}

const isOwnedBy = (owner: string, model: JsonObject): boolean => model.owned_by === owner

/** The models of a list in OpenAI's format; undefined where it is none. */
function listOf(answer: Json | undefined): JsonObject[] | undefined {
  if (!isObject(answer) || answer.object !== 'list' || !Array.isArray(answer.data)) return undefined
  const models = answer.data.filter((model) => isObject(model)).filter(({ id }) => typeof id === 'string')
  return models.length === answer.data.length ? models : undefined
}
