/** What a person already has on their first day: keys of the environment, servers that run here, the editor's models. */
import type { Connection, ProviderInfo } from '../../llm/types.ts'
import { isLoopback } from '../address.ts'
import { variableOf } from '../environment.ts'
import { asking } from './ask.ts'
import type { KnownServer } from './known-servers.ts'
import { knownServers } from './known-servers.ts'

export type Found = {
  kind: 'environment' | 'running' | 'editor'
  provider: string
  label: string
  /** For a person: why it is on the list. Never the value of a variable. */
  detail: string
  /** What to write to `panelist.providers` so that it can be used; absent where nothing is to be written. */
  setting?: { id: string; value: { label: string; baseUrl: string; dialect?: NonNullable<Connection['dialect']> } }
  /** How many it offers now. 0 where nobody was asked: a key of the environment is not tried. */
  models: number
}

export type DiscoveryPorts = {
  environment: NodeJS.ProcessEnv
  /** Providers that can be used as soon as there is a key. Without an address of their own they are passed over. */
  providers: readonly ProviderInfo[]
  /** Services that need an entry in the settings first. */
  presets?: readonly ProviderInfo[]
  /** How many models the editor lends to extensions. */
  vscodeModels(): PromiseLike<number>
  fetch?: typeof fetch
  /** The origin to ask for each server, by its provider's id. Default: all known ones, where they listen by default. */
  addresses?: Readonly<Record<string, string>>
  /** Milliseconds: for each server (default 800), and for the editor, which may have to start something (default 2 s). */
  limits?: { server?: number; editor?: number }
}

/** The provider that the editor's own models are. */
export const EDITOR_PROVIDER = 'vscode'

/**
 * Always in the same order: keys as the providers are listed, then servers, then the editor. Only this machine is asked.
 * Throws the reason of `signal` where that stops it, and nothing else.
 */
export async function discover(ports: DiscoveryPorts, signal: AbortSignal): Promise<Found[]> {
  signal.throwIfAborted()
  const [servers, editor] = await Promise.all([
    Promise.all(knownServers.map((server) => findServer(server, ports, signal))),
    findEditor(ports, signal),
  ])
  signal.throwIfAborted()
  return [...findKeys(ports), ...servers, editor].filter((found) => found !== undefined)
}

function findKeys({ environment, providers, presets = [] }: DiscoveryPorts): Found[] {
  const usable = (info: ProviderInfo): boolean =>
    info.defaultBaseUrl !== '' && variableOf(info, environment) !== undefined
  const found = (info: ProviderInfo): Found => ({
    kind: 'environment',
    provider: info.id,
    label: info.label,
    detail: `${variableOf(info, environment)} is set in the environment`,
    models: 0,
  })
  const withSetting = (info: ProviderInfo): Found => ({
    ...found(info),
    setting: { id: info.id, value: { label: info.label, baseUrl: info.defaultBaseUrl } },
  })
  return [...providers.filter(usable).map(found), ...presets.filter(usable).map(withSetting)]
}

async function findServer(
  server: KnownServer,
  { fetch = globalThis.fetch, addresses, limits }: DiscoveryPorts,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const { provider, label, api } = server
  const origin = addresses ? addresses[provider] : server.origin
  if (origin === undefined || !isLoopback(origin)) return undefined
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limits?.server ?? 800)])
  const models = await server.models(asking(origin, fetch, limited))
  if (models === undefined) return undefined
  const baseUrl = `${new URL(origin).origin}${api ?? ''}`
  return {
    kind: 'running',
    provider,
    label,
    detail: `${label} runs on ${new URL(origin).host} ${sayCount(models)}`,
    ...(api !== undefined && { setting: { id: provider, value: { label, baseUrl } } }),
    models,
  }
}

async function findEditor({ vscodeModels, limits }: DiscoveryPorts, signal: AbortSignal): Promise<Found | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limits?.editor ?? 2000)])
  const models = await Promise.race([Promise.resolve().then(vscodeModels), aborted(limited)]).catch(() => 0)
  if (!(models > 0)) return undefined
  const detail = `The editor itself offers ${models} ${models === 1 ? 'model' : 'models'}`
  return { kind: 'editor', provider: EDITOR_PROVIDER, label: 'VS Code', detail, models }
}

function aborted(signal: AbortSignal): Promise<0> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(0)
    else signal.addEventListener('abort', () => resolve(0), { once: true })
  })
}

function sayCount(models: number): string {
  if (models === 0) return 'and has no model yet'
  return `with ${models} ${models === 1 ? 'model' : 'models'}`
}
