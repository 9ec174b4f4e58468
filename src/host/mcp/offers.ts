/** What servers offer beside tools: resources that go into a message, and prompts that become one. Picked in native boxes. */
import { randomUUID } from 'node:crypto'
import type { PromptArgument, PromptInfo, ResourceInfo, ResourceTemplateInfo } from '../../mcp/lists.ts'
import type { McpServers } from '../../mcp/servers.ts'
import { visible } from '../../mcp/text.ts'
import type { Part } from '../../shared/message.ts'
import { textOf } from '../../shared/message.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import type { Item } from '../provider-page/boxes.ts'
import type { McpBoxes } from './desk.ts'
import type { McpHub } from './hub.ts'
import { expand, variablesOf } from './uri-template.ts'

const SCHEME = 'panelist-mcp:'

/** What a page calls a resource that the person picked. */
type Picked = { server: string; uri: string; name: string }

/** What a server lists: something to read, or a template whose variables are asked for. */
export type ResourceOffer = { server: string } & (ResourceInfo | ResourceTemplateInfo)
export type PromptOffer = { server: string; prompt: PromptInfo }

/** A prompt as a draft. `files`: names for `read`. */
export type PromptDraft = { text: string; files: string[] }

/** Files of prompts that wait to be read. Older ones go first. */
const MOST_HELD = 100

/** Milliseconds a server has to list what it offers. */
const PATIENCE = 5_000

export class McpOffers {
  readonly #hub: McpHub
  readonly #boxes: McpBoxes
  /** A page can only have read what the person picked. */
  readonly #picked = new Map<string, Picked>()
  /** Files that came with prompts. */
  readonly #held = new Map<string, ReadFile>()

  constructor(hub: McpHub, boxes: McpBoxes) {
    this.#hub = hub
    this.#boxes = boxes
  }

  /** A name for `read`; undefined where the person left. Throws a sentence where there is nothing to pick. */
  async pickResource(): Promise<string | undefined> {
    const items = (await this.resources()).map((offer): Item<ResourceOffer> => {
      const [label, what] = 'uri' in offer ? [offer.name, offer.uri] : [`${offer.name}…`, offer.template]
      return item(offer.server, label, offer.description ?? what, offer)
    })
    if (items.length === 0) throw new Error('No MCP server that runs has resources.')
    const box = { title: 'Add an MCP Resource', placeHolder: 'What goes into the message?' }
    const offer = (await this.#boxes.pick(items, box))?.value
    if (!offer) return undefined
    const uri = 'uri' in offer ? offer.uri : await this.#fill(offer.server, offer.template)
    if (uri === undefined) return undefined
    return this.picked({ server: offer.server, uri, name: offer.name })
  }

  /** All resources and templates of the servers that run. */
  resources(): Promise<ResourceOffer[]> {
    return this.#ofEach(async (servers, server, signal): Promise<ResourceOffer[]> => {
      const [resources, templates] = await Promise.all([
        servers.resources(server, signal),
        servers.resourceTemplates(server, signal),
      ])
      return [...resources, ...templates].map((offer) => ({ server, ...offer }))
    })
  }

  /** All prompts of the servers that run. */
  prompts(): Promise<PromptOffer[]> {
    return this.#ofEach(async (servers, server, signal) =>
      (await servers.prompts(server, signal)).map((prompt) => ({ server, prompt })),
    )
  }

  /** A name for `read`, of something the person picked. */
  picked({ server, uri, name }: Picked): string {
    const given = `${SCHEME}${encodeURIComponent(server)}/${encodeURIComponent(uri)}`
    this.#picked.set(given, { server, uri, name })
    return given
  }

  /** True for what `pickResource` gives. */
  isOurs(uri: string): boolean {
    return uri.startsWith(SCHEME)
  }

  async read(name: string): Promise<ReadFile[]> {
    const held = this.#held.get(name)
    if (held) return [held]
    const picked = this.#picked.get(name)
    const servers = this.#hub.servers
    if (!picked || !servers) return [{ name, why: 'This resource was not picked in this window. Pick it again.' }]
    try {
      const parts = await servers.readResource(picked.server, picked.uri)
      return parts.map((part, at) => fileOf(part, parts.length > 1 ? `${picked.name} ${at + 1}` : picked.name))
    } catch (error) {
      return [{ name: picked.name, why: error instanceof Error ? error.message : 'It could not be read.' }]
    }
  }

  /** A prompt for the composer; undefined where the person left. Throws a sentence where there is none. */
  async pickPrompt(): Promise<PromptDraft | undefined> {
    const items = (await this.prompts()).map((offer) =>
      item(offer.server, offer.prompt.title, offer.prompt.description ?? offer.prompt.name, offer),
    )
    if (items.length === 0) throw new Error('No MCP server that runs has prompts.')
    const box = { title: 'Use an MCP Prompt', placeHolder: 'Which prompt?' }
    const picked = (await this.#boxes.pick(items, box))?.value
    if (!picked) return undefined
    const { server, prompt } = picked
    const given: Record<string, string> = {}
    for (const argument of prompt.arguments) {
      const value = await this.#ask(`${prompt.title}: ${argument.name}`, argument)
      if (value === undefined) return undefined
      if (value !== '') given[argument.name] = value
    }
    return this.prompt(server, prompt, given)
  }

  /** What a server makes of a prompt with these arguments. Throws a sentence where it cannot. */
  async prompt(
    server: string,
    { name, title }: Pick<PromptInfo, 'name' | 'title'>,
    given: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<PromptDraft> {
    const messages = (await this.#hub.servers?.prompt(server, name, given, signal)) ?? []
    const parts = messages.flatMap(({ content }) => content)
    const files = parts.filter((part) => part.type === 'file')
    const names = files.map((file, at) => {
      const named = file.name ?? (files.length > 1 ? `${title} ${at + 1}` : title)
      return this.#hold(fileOf(file, named))
    })
    return { text: textOf(parts), files: names }
  }

  #hold(file: ReadFile): string {
    const name = `${SCHEME}${randomUUID()}`
    this.#held.set(name, file)
    for (const [oldest] of this.#held) if (this.#held.size > MOST_HELD) this.#held.delete(oldest)
    return name
  }

  /**
   * What the server proposes for an argument of a prompt, `value` so far; `known` holds the arguments given before. Nothing
   * where it proposes nothing, does not answer in time or does not run. Never rejects.
   */
  async completeArgument(
    server: string,
    prompt: string,
    argument: string,
    value: string,
    known: Readonly<Record<string, string>> = {},
  ): Promise<string[]> {
    const signal = AbortSignal.timeout(PATIENCE)
    const values = await this.#hub.servers
      ?.complete(server, { prompt }, argument, value, known, signal)
      .catch(() => undefined)
    // What cannot be seen cannot be chosen.
    return (values ?? []).filter((proposed) => proposed !== '' && visible(proposed) === proposed)
  }

  async #fill(server: string, template: string): Promise<string | undefined> {
    const values: Record<string, string> = {}
    for (const name of variablesOf(template)) {
      const value = await this.#ask(`${server}: ${name}`, { name, description: template, required: true })
      if (value === undefined) return undefined
      values[name] = value
    }
    return expand(template, values)
  }

  #ask(title: string, { name, description, required }: PromptArgument): Promise<string | undefined> {
    const prompt = description ?? name
    const check = (text: string) => (required && text === '' ? 'The server wants a value.' : undefined)
    return this.#boxes.ask({ title, prompt: required ? prompt : `${prompt} (may be left empty)`, check })
  }

  /** One that does not answer, or has none, offers nothing. */
  async #ofEach<T>(list: (servers: McpServers, server: string, signal: AbortSignal) => Promise<T[]>): Promise<T[]> {
    await this.#hub.tools()
    const { servers } = this.#hub
    if (!servers) return []
    const ready = servers.servers.filter(({ state }) => state.kind === 'ready')
    const signal = AbortSignal.timeout(PATIENCE)
    const lists = await Promise.allSettled(ready.map(({ name }) => list(servers, name, signal)))
    return lists.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  }
}

function item<T>(server: string, label: string, detail: string, value: T): Item<T> {
  return { label, description: server, detail, value }
}

function fileOf(part: Part, name: string): ReadFile {
  if (part.type === 'text') return { name, data: Buffer.from(part.text).toString('base64') }
  const { data, mediaType } = part.media
  if (data === undefined) return { name, why: `${name} came without its bytes.` }
  const ending = ENDINGS[mediaType] ?? /^[\w-]+\/([\w]+)$/.exec(mediaType)?.[1]
  return { name: ending === undefined || name.endsWith(`.${ending}`) ? name : `${name}.${ending}`, data }
}

/** Of files whose type is not called like the end of their names. */
const ENDINGS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mp4': 'm4a',
  'image/jpeg': 'jpg',
}
