/** Resources of servers on their way into a message: read by the name of what the person picked, and watched while attached. */
import { oneLine } from '../../mcp/text.ts'
import type { McpServers } from '../../mcp/servers.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import { asContext } from '../context/item.ts'
import { fileOf } from './file-of.ts'
import type { ResourcePlace } from './watched.ts'
import { resourceDigest, WatchedResources } from './watched.ts'

/** What names the resources that a page may have read. */
export const SCHEME = 'panelist-mcp:'
/** The source of suggestions that offers them: by its name an attachment is had again. */
export const RESOURCE_SOURCE = 'resource'

/** `template`: what `uri` was made of, where that is listed instead. */
export type PickedResource = ResourcePlace & { name: string; template?: string }

export class McpResources {
  readonly #servers: () => McpServers | undefined
  /** A page can only have read what the person picked. */
  readonly #picked = new Map<string, PickedResource>()
  readonly #watched: WatchedResources

  /** `changed`: something that is attached may be another now. */
  constructor(servers: () => McpServers | undefined, changed: () => void) {
    this.#servers = servers
    const digest = async (resource: ResourcePlace): Promise<string> => digestOf(await this.#files(resource, ''))
    this.#watched = new WatchedResources({ servers, changed, digest })
  }

  /** A name for `read`, of something the person picked. */
  picked(resource: PickedResource): string {
    const name = nameOf(resource)
    this.#picked.set(name, resource)
    return name
  }

  isPicked(resource: ResourcePlace): boolean {
    return this.#picked.has(nameOf(resource))
  }

  /** What it holds now: text as context that knows where it is from, anything else as a file. */
  async read(name: string): Promise<ReadFile[]> {
    const picked = this.#picked.get(name)
    if (!picked || !this.#servers()) {
      return [{ name, why: 'This resource was not picked in this window. Pick it again.' }]
    }
    try {
      const files = await this.#files(picked, picked.name)
      const digest = digestOf(files)
      return files.map((file) => asResource(file, picked, digest))
    } catch (error) {
      return [{ name: picked.name, why: error instanceof Error ? error.message : 'It could not be read.' }]
    }
  }

  /** The `ref`s of everything that is attached to some draft: their resources are watched from now on, and no others. */
  follow(refs: Iterable<string>): void {
    this.#watched.follow([...refs].flatMap((ref) => resourceOfRef(ref) ?? []))
  }

  /** What it is now; `known` where nothing was heard of a change. */
  now(resource: ResourcePlace, known: string): Promise<string> {
    return this.#watched.now(resource, known)
  }

  async #files({ server, uri }: ResourcePlace, name: string): Promise<ReadFile[]> {
    const parts = (await this.#servers()?.readResource(server, uri)) ?? []
    return parts.map((part, at) => fileOf(part, parts.length > 1 ? `${name} ${at + 1}` : name))
  }
}

function nameOf({ server, uri }: ResourcePlace): string {
  return `${SCHEME}${encodeURIComponent(server)}/${encodeURIComponent(uri)}`
}

/** Text goes along under its address; anything else as it is. */
function asResource(file: ReadFile, { server, uri, template }: PickedResource, digest: string): ReadFile {
  if (file.data === undefined) return file
  const bytes = Buffer.from(file.data, 'base64')
  const text = bytes.toString('utf8')
  if (text.includes('\0') || !Buffer.from(text).equals(bytes)) return file
  const ref = `@${RESOURCE_SOURCE}:${JSON.stringify(template === undefined ? [server, uri] : [server, template, uri])}`
  const name = oneLine(file.name, 120)
  const facts = { label: name, detail: server, icon: 'plug', ref, digest }
  return asContext(`${name} (${oneLine(uri, 500)}, from the MCP server ${server})`, text, facts)
}

function resourceOfRef(ref: string): ResourcePlace | undefined {
  const prefix = `@${RESOURCE_SOURCE}:`
  return ref.startsWith(prefix) ? resourceOfKey(ref.slice(prefix.length)) : undefined
}

/** The resource that a key of the source of suggestions means. Undefined where it names none by itself. */
export function resourceOfKey(key: string): ResourcePlace | undefined {
  try {
    const parts: unknown = JSON.parse(key)
    if (!Array.isArray(parts) || !parts.every((part): part is string => typeof part === 'string')) return undefined
    const [server, address, filled] = parts
    return server === undefined || address === undefined ? undefined : { server, uri: filled ?? address }
  } catch {
    return undefined
  }
}

const digestOf = (files: readonly ReadFile[]): string => resourceDigest(files.map(({ data = '' }) => data))
