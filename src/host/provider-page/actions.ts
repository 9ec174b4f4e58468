/** What the buttons of the Providers page do: native boxes for what has to be said, the user's settings for what stays. */
import type { ProviderInfo } from '../../llm/types.ts'
import type { ProviderAction } from '../../shared/protocol.ts'
import { addressProblem } from '../address.ts'
import type { Connections } from '../connections.ts'
import type { Keys } from '../keys.ts'
import { ENVIRONMENT } from '../keys.ts'
import type { Models } from '../models.ts'
import { presets } from '../presets.ts'
import { NOWHERE } from '../settings/providers.ts'
import type { Boxes, Item, Objection } from './boxes.ts'
import type { ConnectionTests } from './connection-tests.ts'
import type { Entries, EntryChange } from './entries.ts'
import { withChange, without } from './entries.ts'
import { kindOf } from './kinds.ts'

export type ActionParts = {
  connections: Connections
  keys: Pick<Keys, 'profiles' | 'remove'>
  models: Pick<Models, 'list'>
  boxes: Boxes
  tests: Pick<ConnectionTests, 'run' | 'cancel'>
  /** Throws a sentence where the settings cannot be written. */
  write(change: (entries: Entries) => Entries): Promise<void>
}

type Action = (parts: ActionParts, info: ProviderInfo, profile: string | undefined) => Promise<unknown>

export const actions: Record<ProviderAction, Action> = {
  'set-key': ({ boxes }, { id }, profile) => boxes.run('panelist.setApiKey', named(id, profile)),
  'add-key': ({ boxes }, { id }) => boxes.run('panelist.addApiKey', named(id)),
  'prefer-key': ({ boxes }, { id }, profile) => boxes.run('panelist.setDefaultKey', named(id, profile)),
  'remove-key': removeKey,
  'sign-in': ({ boxes }, { id }) => boxes.run('panelist.signIn', id),
  'get-key': async ({ boxes }, { keyUrl }) => keyUrl && boxes.open(keyUrl),
  'edit-endpoint': editEndpoint,
  enable: (parts, info) => change(parts, info, { enabled: undefined }),
  disable: async (parts, info) => {
    parts.tests.cancel(info.id)
    await change(parts, info, { enabled: false })
  },
  'default-model': chooseDefaultModel,
  'cancel-test': async ({ tests }, { id }) => tests.cancel(id),
  remove: removeProvider,
}

function named(provider: string, profile?: string): { provider: string; profile?: string } {
  return { provider, ...(profile !== undefined && { profile }) }
}

function change({ connections, write }: ActionParts, info: ProviderInfo, changes: EntryChange): Promise<void> {
  return write((entries) => withChange(entries, info.id, changes, kindOf(info.id, connections) === 'named'))
}

async function removeKey({ boxes }: ActionParts, { id, label }: ProviderInfo, profile: string | undefined) {
  const name = profile === undefined ? `the ${label} key` : `the ${label} key “${profile}”`
  const sure = await boxes.confirm(`Remove ${name}?`, 'It is deleted from the secret storage.', 'Remove')
  if (sure) await boxes.run('panelist.removeApiKey', named(id, profile))
}

async function editEndpoint(parts: ActionParts, info: ProviderInfo): Promise<void> {
  const { connections, boxes, tests } = parts
  const present = connections.settingsOf(info.id)?.baseUrl
  const shown = present === NOWHERE ? '' : (present ?? info.defaultBaseUrl)
  const isNeeded = info.defaultBaseUrl === '' && kindOf(info.id, connections) === 'named'
  const address = await boxes.ask({
    title: `Endpoint of ${info.label}`,
    prompt: isNeeded ? 'The base URL of the server' : `The base URL. Empty: ${info.defaultBaseUrl || 'none'}`,
    value: shown,
    placeHolder: info.defaultBaseUrl || 'https://host.example/v1',
    check: (text) => (text.trim() === '' && !isNeeded ? undefined : objection(text)),
  })
  if (address === undefined) return
  const baseUrl = address.trim().replace(/\/+$/, '')
  if (baseUrl === (present ?? info.defaultBaseUrl)) return
  tests.cancel(info.id)
  await change(parts, info, { baseUrl: baseUrl === '' || baseUrl === info.defaultBaseUrl ? undefined : baseUrl })
}

/** Why an address cannot be taken, or what to know before it is. */
export function objection(text: string): Objection {
  const problem = addressProblem(text)
  if (problem !== undefined) return problem
  const url = URL.parse(text.trim())
  if (url?.protocol !== 'http:' || isPrivate(url.hostname)) return undefined
  return { warning: 'http is not encrypted: the key and your chats can be read on the way.' }
}

/** Of this machine or of a network of one's own, as far as the name tells. */
function isPrivate(host: string): boolean {
  return /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]|\[f[cd])|\.(localhost|local|lan|internal)$|^[^.]+$/.test(
    host,
  )
}

async function chooseDefaultModel(parts: ActionParts, info: ProviderInfo): Promise<void> {
  const { connections, models, boxes } = parts
  const present = connections.settingsOf(info.id)?.defaultModel
  const listed = (await models.list(info)).models
  const none: Item<string | undefined> = {
    label: 'No default',
    description: 'New chats begin with the model used last',
    value: undefined,
  }
  const items = listed.map((model): Item<string | undefined> => {
    const words = [model.name !== model.id && model.id, model.id === present && 'default now']
    return { label: model.name, description: words.filter(Boolean).join(', '), value: model.id }
  })
  if (items.length === 0) throw new Error(`${info.label} has no models yet. Test the connection first.`)
  const picked = await boxes.pick([none, ...items], {
    title: `Default Model of ${info.label}`,
    placeHolder: 'The model new chats with this provider begin with',
  })
  if (picked) await change(parts, info, { defaultModel: picked.value })
}

async function removeProvider({ boxes, connections, keys, tests, write }: ActionParts, info: ProviderInfo) {
  if (kindOf(info.id, connections) !== 'named') throw new Error(`${info.label} can be switched off, not removed.`)
  const stored = (await keys.profiles(info, connections.settingsOf(info.id))).filter(({ name }) => name !== ENVIRONMENT)
  const also = stored.length === 0 ? '' : stored.length === 1 ? ' and its key' : ` and its ${stored.length} keys`
  const detail = presets.some(({ id }) => id === info.id) ? 'You can add it again.' : ''
  const sure = await boxes.confirm(`Remove ${info.label}, its settings${also}?`, detail, 'Remove')
  if (!sure) return
  tests.cancel(info.id)
  await write((entries) => without(entries, info.id))
  for (const { name } of stored) await keys.remove(info, name)
}
