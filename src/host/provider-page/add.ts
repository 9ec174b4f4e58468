/** Adding a provider: a service or server that is known by name, or one of the person's own. */
import type { Connection, ProviderInfo } from '../../llm/types.ts'
import { addressProblem } from '../address.ts'
import { presets } from '../presets.ts'
import type { ActionParts } from './actions.ts'
import { actions, objection } from './actions.ts'
import type { Item } from './boxes.ts'
import { freeId } from './entries.ts'

type Dialect = NonNullable<Connection['dialect']>
type Kind = { type: 'preset'; info: ProviderInfo } | { type: 'litellm' } | Server
type Server = { type: 'server'; label: string; placeHolder: string; dialects: readonly Dialect[] }

const AZURE: Server = {
  type: 'server',
  label: 'Azure OpenAI',
  placeHolder: 'https://my-resource.openai.azure.com/openai/v1',
  dialects: ['openai-responses', 'openai-chat'],
}
const OPENAI: Server = {
  type: 'server',
  label: '',
  placeHolder: 'https://host.example/v1',
  dialects: ['openai-chat', 'openai-responses'],
}
const ANTHROPIC: Server = { type: 'server', label: '', placeHolder: 'https://host.example', dialects: ['anthropic'] }

const DIALECTS: Record<Dialect, string> = {
  'openai-chat': 'Chat Completions',
  'openai-responses': 'Responses',
  anthropic: 'Messages',
}

/** The id of what was added; undefined where the person left. */
export async function addProvider(parts: ActionParts): Promise<string | undefined> {
  const picked = await parts.boxes.pick(kinds(parts), {
    title: 'Add a Provider',
    placeHolder: 'A service, a gateway or a server',
  })
  if (!picked) return undefined
  const kind = picked.value
  const id =
    kind.type === 'preset'
      ? await addPreset(parts, kind.info)
      : kind.type === 'litellm'
        ? await addLiteLlm(parts)
        : await addServer(parts, kind)
  if (id !== undefined) begin(parts, id)
  return id
}

function kinds({ connections }: ActionParts): Item<Kind>[] {
  const there = new Set(connections.all().map(({ id }) => id))
  const litellm = connections.all().find(({ id }) => id === 'litellm')
  const host = (address: string): string => URL.parse(address)?.host ?? ''
  return [
    ...presets
      .filter(({ id }) => !there.has(id))
      .map((info): Item<Kind> => ({
        label: info.label,
        description: host(info.defaultBaseUrl),
        value: { type: 'preset', info },
      })),
    ...(litellm && connections.endpoint(litellm) === ''
      ? [{ label: 'LiteLLM', description: 'a gateway of your team', value: { type: 'litellm' } as const }]
      : []),
    { label: 'Azure OpenAI', description: 'a resource of your own', value: AZURE },
    { label: 'OpenAI-compatible server…', description: 'Chat Completions or Responses', value: OPENAI },
    { label: 'Anthropic-compatible server…', description: 'Messages', value: ANTHROPIC },
  ]
}

async function addPreset({ write }: ActionParts, { id, label, defaultBaseUrl }: ProviderInfo): Promise<string> {
  await write((entries) => ({ ...entries, [id]: { label, baseUrl: defaultBaseUrl, ...entries[id] } }))
  return id
}

async function addLiteLlm(parts: ActionParts): Promise<string | undefined> {
  const info = parts.connections.all().find(({ id }) => id === 'litellm')
  if (!info) return undefined
  await actions['edit-endpoint'](parts, info, undefined)
  return parts.connections.endpoint(info) === '' ? undefined : info.id
}

async function addServer(parts: ActionParts, server: Server): Promise<string | undefined> {
  const { boxes, connections, write } = parts
  const label = await boxes.ask({
    title: 'Add a Provider: Name',
    prompt: 'What it is called here',
    value: server.label,
    placeHolder: 'Our gateway, Lab server, ...',
    check: (text) => nameProblem(text, connections.all()),
  })
  if (label === undefined) return undefined
  const address = await boxes.ask({
    title: `Add a Provider: Endpoint of ${label.trim()}`,
    prompt: 'Its base URL, as its documentation gives it',
    placeHolder: server.placeHolder,
    check: (text) => (text.trim() === '' ? addressProblem(text) : objection(text)),
  })
  if (address === undefined) return undefined
  const dialect = await chooseDialect(parts, server.dialects)
  if (dialect === undefined) return undefined
  const taken = connections.all().map(({ id }) => id)
  const id = freeId(label, [...taken, ...presets.map((preset) => preset.id)])
  const baseUrl = address.trim().replace(/\/+$/, '')
  const entry = { label: label.trim(), baseUrl, ...(dialect !== 'openai-chat' && { dialect }) }
  await write((entries) => ({ ...entries, [id]: entry }))
  return id
}

async function chooseDialect({ boxes }: ActionParts, dialects: readonly Dialect[]): Promise<Dialect | undefined> {
  if (dialects.length === 1) return dialects[0]
  const items = dialects.map((dialect, place) => ({
    label: DIALECTS[dialect],
    description: place === 0 ? 'usual' : '',
    value: dialect,
  }))
  const picked = await boxes.pick(items, { title: 'Add a Provider: Wire Format', placeHolder: 'What does it speak?' })
  return picked?.value
}

function nameProblem(text: string, all: readonly ProviderInfo[]): string | undefined {
  const name = text.trim()
  if (name === '') return 'Give it a name.'
  if (name.length > 40) return 'Use at most 40 letters.'
  const same = all.some(({ label }) => label.toLowerCase() === name.toLowerCase())
  return same ? `There is a provider named “${name}” already.` : undefined
}

/** Behind the page's back: a service is of no use without its key, of a server a test tells at once how it is. */
function begin({ connections, boxes, tests }: ActionParts, id: string): void {
  const info = connections.info(id)
  if (info?.keyUrl) void boxes.run('panelist.setApiKey', { provider: id })
  else if (info) void tests.run(info)
}
