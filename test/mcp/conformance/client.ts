/**
 * What the official conformance suite starts, with the address of its server: our client and a person who agrees to
 * everything. The suite names the scenario in the environment.
 */
import { resolveDefinition } from '../../../src/mcp/configuration/resolve.ts'
import { SignIns } from '../../../src/mcp/oauth/sign-ins.ts'
import { McpError } from '../../../src/mcp/errors.ts'
import { contentOf } from '../../../src/host/mcp/elicitation.ts'
import { fieldsOf } from '../../../src/host/mcp/fields.ts'
import { McpServers } from '../../../src/mcp/servers.ts'
import { configured, context } from '../support.ts'

const url = process.argv.at(-1) ?? ''
const told = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as { client_id?: string; client_secret?: string }
const { client_id: clientId, client_secret: clientSecret } = told

const kept = new Map<string, string>()
let back: URLSearchParams | undefined
const signIns = new SignIns({
  secrets: {
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  },
  clientName: 'Panelist',
  clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
  redirectUri: async () => 'http://localhost:3000/callback',
  openExternal: async (page) => {
    const answer = await fetch(page, { redirect: 'manual' })
    back = new URL(answer.headers.get('location') ?? '').searchParams
    return true
  },
  callback: async () => {
    while (!back) await new Promise((resolve) => setTimeout(resolve, 5))
    const query = back
    back = undefined
    return query
  },
})
const never = new AbortController().signal
const servers = new McpServers({
  client: { name: 'panelist', version: '0.2.0' },
  auth: (...of) => signIns.provider(...of),
  resolve: (server, signal) =>
    resolveDefinition(
      server,
      { folders: () => [], env: () => undefined, ask: async () => undefined, readFile: async () => '' },
      signal,
    ),
  ports: {
    roots: () => [],
    // Sends each form as it stands.
    onElicit: async (request) => ({
      action: 'accept',
      ...(request.mode === 'form' && { content: contentOf(fieldsOf(request.schema), {}) }),
    }),
    onLog: ({ level, text }) => console.error(level, text),
  },
})
const oauth = clientId ? { oauth: { clientId, ...(clientSecret ? { clientSecret } : {}) } } : {}
await servers.configure([configured('suite', { transport: 'http', url, headers: {}, ...oauth })])
const server = servers.server('suite')

/** Does it, and signs in as often as the server wants it, at most three times. */
async function signingIn(work: () => Promise<unknown>): Promise<void> {
  for (let times = 0; ; times += 1) {
    try {
      await work()
      return
    } catch (error) {
      if (!(error instanceof McpError) || error.code !== 'auth' || times === 3) throw error
      await signIns.signIn(server, never)
    }
  }
}

// What is asked of the timer is no matter of how busy the machine is.
const later = globalThis.setTimeout
globalThis.setTimeout = Object.assign((...of: Parameters<typeof later>) => {
  console.error(`waits ${of[1]} ms`)
  return later(...of)
}, later)

await signingIn(() => server.start())
const given: Record<string, object> = { add_numbers: { a: 5, b: 3 } }
for (const tool of servers.tools()) {
  await signingIn(async () => console.log(JSON.stringify(await tool.run((given[tool.tool] ?? {}) as never, context()))))
}
await servers[Symbol.asyncDispose]()
