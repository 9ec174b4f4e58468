/** What servers list: tools, resources, prompts. Entries that make no sense are left out and named. */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import { toolHash } from './hash.ts'
import { cutAt, oneLine, visible } from './text.ts'

/** What a server says of its own tool. Nobody checks it: to be shown, never to be trusted. */
export type ToolHints = { readOnly?: boolean; destructive?: boolean; idempotent?: boolean; openWorld?: boolean }

/** A tool as a server tells of it, its texts made visible. `hash`: see `toolHash`. */
export type ToolInfo = {
  name: string
  title: string
  description: string
  inputSchema: JsonObject
  hints: ToolHints
  hash: string
}

export type ResourceInfo = { uri: string; name: string; description?: string; mediaType?: string; size?: number }
/** `template`: a URI template of RFC 6570. */
export type ResourceTemplateInfo = { template: string; name: string; description?: string; mediaType?: string }
export type PromptArgument = { name: string; description?: string; required: boolean }
export type PromptInfo = { name: string; title: string; description?: string; arguments: PromptArgument[] }

const PAGES = 100
const ENTRIES = 5_000
const LONGEST_DESCRIPTION = 8_000
const LARGEST_SCHEMA = 100_000

/** All entries of a paged list. `ask` gets the cursor; a server whose pages never end is cut. */
export async function allPages(field: string, ask: (params: JsonObject) => Promise<JsonObject>): Promise<JsonObject[]> {
  const entries: JsonObject[] = []
  let params: JsonObject = {}
  for (let page = 0; page < PAGES && entries.length < ENTRIES; page += 1) {
    const answer = await ask(params)
    const list = answer[field]
    if (Array.isArray(list)) for (const entry of list) if (isObject(entry)) entries.push(entry)
    if (typeof answer.nextCursor !== 'string' || answer.nextCursor === params.cursor) break
    params = { cursor: answer.nextCursor }
  }
  return entries.slice(0, ENTRIES)
}

/** The tools of a list; `dropped` gets a sentence for each that cannot be offered. */
export function toolsOf(entries: readonly JsonObject[], dropped: (why: string) => void): ToolInfo[] {
  const tools = new Map<string, ToolInfo>()
  for (const entry of entries) {
    const shown = oneLine(typeof entry.name === 'string' ? entry.name : '', 80) || 'without a name'
    try {
      const tool = toolOf(entry)
      if (typeof tool === 'string') dropped(`The tool ${shown} was left out: ${tool}.`)
      else if (tools.has(tool.name)) dropped(`There are two tools ${shown}; the first is used.`)
      else tools.set(tool.name, tool)
    } catch {
      // The one thing that throws: a schema nested so deep that nothing can walk through it.
      dropped(`The tool ${shown} was left out: its definition is nested too deep.`)
    }
  }
  return [...tools.values()]
}

/** The tool, or why it cannot be one. */
function toolOf(entry: JsonObject): ToolInfo | string {
  const { name, inputSchema, execution } = entry
  if (typeof name !== 'string' || name === '') return 'it has no name'
  if (isObject(execution) && execution.taskSupport === 'required') {
    return 'it works only as a task, which Panelist does not know'
  }
  if (!isObject(inputSchema)) return 'it has no schema'
  if (JSON.stringify(inputSchema).length > LARGEST_SCHEMA) return 'its schema is too large'
  const schema = readable(inputSchema)
  const annotations = isObject(entry.annotations) ? entry.annotations : {}
  const hint = (field: string) => (typeof annotations[field] === 'boolean' ? annotations[field] : undefined)
  const pairs = {
    readOnly: hint('readOnlyHint'),
    destructive: hint('destructiveHint'),
    idempotent: hint('idempotentHint'),
    openWorld: hint('openWorldHint'),
  }
  return {
    name,
    title: oneLine(said(entry.title) ?? said(annotations.title) ?? name, 80),
    description: description(entry.description),
    inputSchema: schema.type === undefined ? { ...schema, type: 'object' } : schema,
    hints: Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== undefined)),
    hash: toolHash({ ...entry, name }),
  }
}

/** A schema whose titles and descriptions hold nothing that cannot be seen. What decides what fits stays as it is. */
function readable(schema: JsonObject): JsonObject {
  const walk = (value: Json, key = ''): Json => {
    if (typeof value === 'string') return key === 'description' || key === 'title' ? visible(value) : value
    if (Array.isArray(value)) return value.map((each) => walk(each))
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]))
      : value
  }
  return walk(schema) as JsonObject
}

function description(text: Json | undefined): string {
  const whole = visible(said(text) ?? '')
  return whole.length > LONGEST_DESCRIPTION ? `${cutAt(whole, LONGEST_DESCRIPTION)}…` : whole
}

export function resourcesOf(entries: readonly JsonObject[]): ResourceInfo[] {
  return entries.flatMap((entry) => {
    const uri = said(entry.uri)
    if (!uri) return []
    const size = typeof entry.size === 'number' ? { size: entry.size } : {}
    return [{ uri, ...about(entry, uri), ...size }]
  })
}

export function templatesOf(entries: readonly JsonObject[]): ResourceTemplateInfo[] {
  return entries.flatMap((entry) => {
    const template = said(entry.uriTemplate)
    return template ? [{ template, ...about(entry, template) }] : []
  })
}

export function promptsOf(entries: readonly JsonObject[]): PromptInfo[] {
  return entries.flatMap((entry) => {
    const name = said(entry.name)
    if (!name) return []
    const told = Array.isArray(entry.arguments) ? entry.arguments.filter(isObject) : []
    const names = new Set<string>()
    return [
      {
        name,
        title: oneLine(said(entry.title) ?? name, 80),
        ...described(entry),
        arguments: told.flatMap((each) => {
          const argument = said(each.name)
          if (!argument || names.has(argument)) return []
          names.add(argument)
          return [{ name: argument, ...described(each), required: each.required === true }]
        }),
      },
    ]
  })
}

function about(entry: JsonObject, address: string) {
  const mediaType = said(entry.mimeType)
  const name = oneLine(said(entry.title) ?? said(entry.name) ?? address, 120)
  return { name, ...described(entry), ...(mediaType ? { mediaType: oneLine(mediaType, 80) } : {}) }
}

function described(entry: JsonObject): { description?: string } {
  const text = said(entry.description)
  return text ? { description: oneLine(text, 500) } : {}
}

function said(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
