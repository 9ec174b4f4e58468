/** A definition whose variables are filled in: what runs, what is reached. It may hold secrets and is never shown. */
import type { RegisteredClient } from '../oauth/provider.ts'
import type { Program } from '../stdio/server-process.ts'

export type ResolvedDefinition =
  | { transport: 'stdio'; program: Program }
  | { transport: 'http' | 'sse'; url: URL; headers: Record<string, string>; oauth?: RegisteredClient }
