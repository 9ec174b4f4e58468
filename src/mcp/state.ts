/** What a server is up to, and what it is given. */
import type { ConfiguredServer } from './configuration/definition.ts'
import type { ResolvedDefinition } from './configuration/resolved.ts'
import type { McpError } from './errors.ts'
import type { ListKind } from './notifications.ts'
import type { RegisteredClient, SignInProvider } from './oauth/provider.ts'
import type { McpPorts } from './ports.ts'
import type { RestartPolicy } from './restarts.ts'
import type { Watchdog } from './stdio/watchdog.ts'

/** `restartAt`: epoch milliseconds of the next try; absent where only a person's start helps. */
export type McpState =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'ready'; version: string }
  | { kind: 'failed'; error: McpError; restartAt?: number }

export type McpChange = { server: string } & ({ kind: 'state' | ListKind } | { kind: 'resource'; uri: string })

export type McpServerContext = {
  /** How we introduce ourselves. */
  client: { name: string; version: string }
  ports: McpPorts
  watchdog: Watchdog
  /** Fills in the variables; may ask a person. Throws an `McpError`. */
  resolve(server: ConfiguredServer, signal: AbortSignal): Promise<ResolvedDefinition>
  /** Tokens of an earlier sign-in at this address, where there are any. */
  auth?(server: string, url: URL, client?: RegisteredClient): Promise<SignInProvider | undefined>
  restarts?: RestartPolicy
  changed(change: McpChange): void
}
