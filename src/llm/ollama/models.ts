/** The models of an Ollama server: its list names them, and tells what each can do one by one. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { ModelInfo, ProviderId } from '../../shared/model.ts'
import type { Client } from './client.ts'

/** How many models are asked about at a time. */
const AT_ONCE = 4

/** The models one can chat with, in the server's order. Throws what the client throws. */
export async function fetchModels(client: Client, provider: ProviderId, signal: AbortSignal): Promise<ModelInfo[]> {
  const listed = await client.list()
  const found: ModelInfo[][] = []
  const waiting = listed.entries()
  const work = async () => {
    for (const [place, entry] of waiting) {
      const id = [entry.model, entry.name].find((name) => typeof name === 'string')
      if (typeof id !== 'string') continue
      // A model the server cannot tell about (half pulled, removed meanwhile) is still in its list.
      const shown = await client.show(id).catch((): JsonObject => ({}))
      signal.throwIfAborted()
      found[place] = chats(shown) ? [modelInfo(id, entry, shown, provider)] : []
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found.flat()
}

function modelInfo(id: string, entry: JsonObject, shown: JsonObject, provider: ProviderId): ModelInfo {
  const able = capabilities(shown)
  const contextWindow = contextLength(shown.model_info)
  const remote = [entry.remote_model, shown.remote_model].find((name) => typeof name === 'string' && name !== '')
  return {
    id,
    provider,
    name: id,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(able && {
      tools: able.includes('tools'),
      images: able.includes('vision'),
      thinking: able.includes('thinking'),
    }),
    // What runs on a machine of one's own costs nothing by the token; what runs in Ollama's cloud may.
    ...(remote === undefined ? { price: { input: 0, output: 0 } } : { snapshot: String(remote) }),
    source: 'provider',
  }
}

/** The size of context the model was made for. Tokens. */
export function contextLength(info: Json | undefined): number | undefined {
  const entry = Object.entries(isObject(info) ? info : {}).find(([key]) => key.endsWith('.context_length'))
  return typeof entry?.[1] === 'number' && entry[1] > 0 ? entry[1] : undefined
}

/** Undefined for servers from before they told. */
function capabilities(shown: JsonObject): Json[] | undefined {
  return Array.isArray(shown.capabilities) && shown.capabilities.length > 0 ? shown.capabilities : undefined
}

function chats(shown: JsonObject): boolean {
  return capabilities(shown)?.includes('completion') ?? true
}
