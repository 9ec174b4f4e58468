/** Loads the room of MCP when the first server is wanted, and gives it what it needs of the window. */
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { ResolvePorts } from '../../mcp/configuration/resolve.ts'
import type { ResolvedDefinition } from '../../mcp/configuration/resolved.ts'
import type { SecretStore } from '../../mcp/oauth/ports.ts'
import type { SignIns } from '../../mcp/oauth/sign-ins.ts'
import type { McpPorts } from '../../mcp/ports.ts'
import type { McpServers } from '../../mcp/servers.ts'
import type { McpChange } from '../../mcp/state.ts'
import type { Callbacks } from './callbacks.ts'
import type { McpDesk } from './desk.ts'
import type { Standing } from './roster.ts'

type Door = typeof import('../../mcp/index.ts')

export type Loaded = { servers: McpServers; signIns: SignIns }

export type OpeningParts = {
  desk: McpDesk
  secrets: SecretStore
  version: string
  callbacks: Callbacks
  ports: McpPorts
  load(): Promise<Door>
  resolvePorts(server: ConfiguredServer): ResolvePorts
  /** By its definition as it is now. */
  look(server: ConfiguredServer, ports: ResolvePorts): Promise<Standing>
  changed(change: McpChange): void
}

export async function openRoom(parts: OpeningParts): Promise<Loaded> {
  const { desk, secrets, callbacks, version, ports } = parts
  const door = await parts.load()
  const signIns = new door.SignIns({
    secrets,
    clientName: 'Panelist',
    redirectUri: () => desk.redirectUri(),
    openExternal: (url) => desk.openExternal(url),
    callback: (state, signal) => callbacks.wait(state, signal),
  })
  const servers = new door.McpServers({
    client: { name: 'panelist', version },
    ports,
    resolve: (server, signal) => resolve(door, server, parts, signal),
    auth: (server, url, client) => signIns.provider(server, url, client),
  })
  servers.onChange((change) => parts.changed(change))
  return { servers, signIns }
}

/** What runs is what was allowed: a definition that became another one since does not start. */
async function resolve(
  door: Door,
  server: ConfiguredServer,
  { resolvePorts, look }: OpeningParts,
  signal: AbortSignal,
): Promise<ResolvedDefinition> {
  const ports = resolvePorts(server)
  if ((await look(server, ports)) !== 'allowed') {
    const what = `${server.name} was not started: its definition is not the one you allowed.`
    throw new door.McpError({ code: 'configuration', server: server.name, what, todo: 'Start it to be asked.' })
  }
  return door.resolveDefinition(server, ports, signal)
}
