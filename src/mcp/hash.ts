/** What an approval is bound to. */
import { createHash } from 'node:crypto'
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { ConfiguredServer } from './configuration/definition.ts'

/**
 * SHA-256 in hex over everything that decides what runs or where bytes go, as it stands in the configuration, before
 * any variable is filled in. `envFile`: the text of the definition's `envFile`, which decides as well.
 */
export function definitionHash(server: Pick<ConfiguredServer, 'definition' | 'inputs'>, envFile?: string): string {
  return hashOf({ definition: server.definition, inputs: server.inputs, envFile })
}

/** What a server tells of a tool, as it tells it. */
export type ToldTool = { name: string; description?: unknown; inputSchema?: unknown; annotations?: unknown }

/** SHA-256 in hex over all that a person and a model are told of a tool: it changes when any of it changes. */
export function toolHash({ name, description, inputSchema, annotations, ...more }: ToldTool): string {
  const title = 'title' in more ? more.title : undefined
  return hashOf({ name, title, description, inputSchema, annotations })
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/** JSON with the keys of every object in order; what is undefined is left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json)))
}

function sorted(value: Json): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  // Pairs, not an object: an object would put keys that look like numbers first, and would lose `__proto__`.
  return {
    object: Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  }
}
