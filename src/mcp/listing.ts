/** Reads the lists of a server over a connection. */
import type { JsonObject } from '../shared/json.ts'
import type { Connection } from './connection.ts'
import { allPages } from './lists.ts'

const LISTS = {
  tools: { method: 'tools/list', field: 'tools', capability: 'tools' },
  prompts: { method: 'prompts/list', field: 'prompts', capability: 'prompts' },
  resources: { method: 'resources/list', field: 'resources', capability: 'resources' },
  templates: { method: 'resources/templates/list', field: 'resourceTemplates', capability: 'resources' },
} as const

/** All entries of a list; none where the server has no such thing. Throws an `McpError`. */
export async function listOver(
  connection: Connection,
  kind: keyof typeof LISTS,
  signal?: AbortSignal,
): Promise<JsonObject[]> {
  const { method, field, capability } = LISTS[kind]
  if (!connection.capabilities[capability]) return []
  return allPages(field, (params) => connection.request(method, params, `list its ${kind}`, signal ? { signal } : {}))
}
