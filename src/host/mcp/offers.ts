/** What servers offer beside tools: resources that go into a message, and prompts that become one. Picked in native boxes. */
import { randomUUID } from 'node:crypto'
import type { PromptArgument, PromptInfo, ResourceInfo, ResourceTemplateInfo } from '../../mcp/lists.ts'
import type { McpServers } from '../../mcp/servers.ts'
import { visible } from '../../mcp/text.ts'
import { textOf } from '../../shared/message.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import type { Item } from '../provider-page/boxes.ts'
import type { McpBoxes } from './desk.ts'
import { fileOf } from './file-of.ts'
import type { McpHub } from './hub.ts'
import type { PickedResource } from './resources.ts'
import { McpResources, SCHEME } from './resources.ts'
import type { ResourcePlace } from './watched.ts'
import { expand, variablesOf } from './uri-template.ts'

/** What a server lists: something to read, or a template whose variables are asked for. */
export type ResourceOffer = { server: string } & (ResourceInfo | ResourceTemplateInfo)
export type PromptOffer = { server: string; prompt: PromptInfo }

/** A prompt as a draft. `files`: names for `read`. */
export type PromptDraft = { text: string; files: string[] }

/** Files of prompts that wait to be read. Older ones go first. */
const MOST_HELD = 100

export class McpOffers {
  readonly #hub: McpHub
  readonly #boxes: McpBoxes
  readonly #resources: McpResources
  /** Files that came with prompts. */
  readonly #held = new Map<string, ReadFile>()

  /** `changed`: see `McpResources`. */
  constructor(hub: McpHub, boxes: McpBoxes, changed: () => void) {
    this.#hub = hub
    this.#resources = new McpResources(() => hub.servers, changed)
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
    return this.picked({ server: offer.server, uri, name: offer.name, ...templateOf(offer) })
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
  picked(resource: PickedResource): string {
    return this.#resources.picked(resource)
  }

  /** True for what was picked in this window, also where its server does not list it. */
  isPicked(resource: ResourcePlace): boolean {
    return this.#resources.isPicked(resource)
  }

  /** True for what `pickResource` gives. */
  isOurs(uri: string): boolean {
    return uri.startsWith(SCHEME)
  }

  async read(name: string): Promise<ReadFile[]> {
    const held = this.#held.get(name)
    return held ? [held] : this.#resources.read(name)
  }

  /** The `ref`s of everything that is attached to some draft: servers are asked to tell when a resource of them changes. */
  follow(refs: Iterable<string>): void {
    this.#resources.follow(refs)
  }

  /** What the resource is now, as the `digest` of its `ContextFacts`; `known` where nothing was heard of a change. */
  now(resource: ResourcePlace, known: string): Promise<string> {
    return this.#resources.now(resource, known)
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
    const signal = AbortSignal.timeout(this.#hub.patience)
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
    const signal = AbortSignal.timeout(this.#hub.patience)
    const lists = await Promise.allSettled(ready.map(({ name }) => list(servers, name, signal)))
    return lists.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  }
}

/** What its address was made of, where that is listed instead. */
export function templateOf(offer: ResourceOffer): { template?: string } {
  return 'template' in offer ? { template: offer.template } : {}
}

function item<T>(server: string, label: string, detail: string, value: T): Item<T> {
  return { label, description: server, detail, value }
}
