/** What MCP servers offer in the composer: `/prompt` with its arguments, and `@resource:` with those of a template. */
import type { Taken } from '../../shared/protocol.ts'
import type { McpOffers, PromptOffer, ResourceOffer } from '../mcp/offers.ts'
import { expand, variablesOf } from '../mcp/uri-template.ts'
import { templateOf } from '../mcp/offers.ts'
import { RESOURCE_SOURCE, resourceOfKey } from '../mcp/resources.ts'
import type { Offer, SuggestionSource } from './source.ts'
import { isTopic, wordsOf } from './topics.ts'

export type Offering = Pick<
  McpOffers,
  'prompts' | 'prompt' | 'completeArgument' | 'resources' | 'picked' | 'isPicked' | 'read' | 'isOurs' | 'now'
>

/** Milliseconds for which a list is asked for once: not with every letter. */
const FRESH = 5_000
const TOPIC = RESOURCE_SOURCE

/** The last list, asked for anew when it is old. */
function remembered<T>(ask: () => Promise<T[]>): () => Promise<T[]> {
  let known: { at: number; list: Promise<T[]> } | undefined
  return () => {
    if (!known || Date.now() - known.at > FRESH) known = { at: Date.now(), list: ask() }
    return known.list
  }
}

/** `offering`: of the window of who asks; the same for all. */
export function promptSource(offering: () => Offering): SuggestionSource {
  const list = remembered(() => offering().prompts())
  const find = async (key: string): Promise<PromptOffer> => {
    const found = (await list()).find((one) => keyOf(one) === key)
    if (!found) throw new Error('The MCP server no longer offers this prompt.')
    return found
  }
  return {
    name: 'mcp',
    trigger: '/',
    async offers() {
      return (await list()).map((offer): Offer => {
        const { server, prompt } = offer
        return {
          key: keyOf(offer),
          label: `/${prompt.name}`,
          detail: [server, prompt.description ?? prompt.title].filter(Boolean).join(' · '),
          icon: 'comment',
          group: 'MCP prompts',
          search: `${server} ${prompt.title}`,
        }
      })
    },
    async take(key, { values, signal }): Promise<Taken> {
      const { server, prompt } = await find(key)
      if (prompt.arguments.length > 0 && !values) {
        const fields = prompt.arguments.map((argument) => ({ ...argument, completes: true as const }))
        const { title, description } = prompt
        return { kind: 'form', title, ...(description !== undefined && { description }), fields }
      }
      const given = Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== ''))
      for (const { name, required } of prompt.arguments)
        if (required && given[name] === undefined) throw new Error(`${prompt.title} needs a value for ${name}.`)
      const draft = await offering().prompt(server, prompt, given, signal)
      const files = await Promise.all(draft.files.map((name) => offering().read(name)))
      return { kind: 'message', text: draft.text, files: files.flat() }
    },
    async complete(key, argument, typed, { values = {} }) {
      const { server, prompt } = await find(key)
      return offering().completeArgument(server, prompt.name, argument, typed, values)
    },
  }
}

export function resourceSource(offering: () => Offering): SuggestionSource {
  const list = remembered(() => offering().resources())
  return {
    name: TOPIC,
    trigger: '@',
    async offers(query) {
      const asked = isTopic(query, TOPIC)
      const words = wordsOf(query).toLowerCase()
      if (!asked && words.length < 3) return []
      const found = (await list()).filter(
        (offer) => !asked || `${offer.name} ${addressOf(offer)}`.toLowerCase().includes(words),
      )
      return found.map((offer): Offer => ({
        key: JSON.stringify([offer.server, addressOf(offer)]),
        label: 'uri' in offer ? offer.name : `${offer.name}…`,
        detail: [offer.server, offer.description ?? addressOf(offer)].join(' · '),
        icon: 'plug',
        group: 'MCP resources',
        ...(asked && { score: 0.9 }),
      }))
    },
    async take(key, { values }): Promise<Taken> {
      const [server, address, filled] = JSON.parse(key) as [string, string, string?]
      const offer = (await list()).find((one) => one.server === server && addressOf(one) === address)
      if (!offer) {
        // What a tool linked to stands in no list.
        const place = { server, uri: filled ?? address }
        if (!offering().isPicked(place)) throw new Error('The MCP server no longer offers this.')
        const template = filled === undefined ? {} : { template: address }
        return {
          kind: 'files',
          files: await offering().read(offering().picked({ ...place, name: place.uri, ...template })),
        }
      }
      const fields = 'template' in offer && filled === undefined ? variablesOf(offer.template) : []
      if (fields.length > 0 && !values) {
        const { name: title, description = address } = offer
        return { kind: 'form', title, description, fields: fields.map((name) => ({ name, required: true })) }
      }
      const uri = 'uri' in offer ? offer.uri : (filled ?? expand(offer.template, values ?? {}))
      const name = offering().picked({ server, uri, name: offer.name, ...templateOf(offer) })
      return { kind: 'files', files: await offering().read(name) }
    },
    async digest(key, known) {
      const resource = resourceOfKey(key)
      return resource && offering().now(resource, known)
    },
  }
}

const addressOf = (offer: ResourceOffer): string => ('uri' in offer ? offer.uri : offer.template)

const keyOf = ({ server, prompt }: PromptOffer): string => JSON.stringify([server, prompt.name])
