/** An MCP server that wants a token, and the authorisation server it names, each on an origin of its own. */
import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string }

export type ProtectedServer = AsyncDisposable & {
  url: string
  /** Requests to the MCP server and to the authorisation server. */
  atServer: Seen[]
  atAuthorisation: Seen[]
  /** What the person says on the page. */
  person: 'agrees' | 'refuses'
  /** From now on all access tokens are expired. */
  expire(): void
  /** From now on all refresh tokens are worth nothing. */
  revoke(): void
  /** From now on calls want this scope as well. */
  wantScope(scope: string): void
}

const metadataPath = '/.well-known/oauth-protected-resource/mcp'

export async function startProtectedServer(): Promise<ProtectedServer> {
  const clients = new Map<string, string[]>()
  const codes = new Map<string, { challenge: string; client: string; scope: string }>()
  let access = new Map<string, string>()
  let refresh = new Map<string, { client: string; scope: string }>()
  let scope = 'use'

  const give = (client: string, granted: string) => {
    const tokens = { access_token: `access-${randomUUID()}`, refresh_token: `refresh-${randomUUID()}` }
    access.set(tokens.access_token, granted)
    refresh.set(tokens.refresh_token, { client, scope: granted })
    return { ...tokens, token_type: 'Bearer', expires_in: 3600, scope: granted }
  }
  const exchange = (form: URLSearchParams) => {
    const client = form.get('client_id') ?? ''
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token') ?? ''
      const granted = refresh.get(token)
      refresh.delete(token)
      return granted?.client === client ? give(client, granted.scope) : undefined
    }
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    return code?.challenge === challenge && code.client === client ? give(client, code.scope) : undefined
  }

  const authorisation = await listen(async (seen, response) => {
    protectedServer.atAuthorisation.push(seen)
    const { pathname, searchParams } = new URL(seen.path, 'http://x')
    if (pathname === '/.well-known/oauth-authorization-server') {
      return json(response, 200, {
        issuer: authorisation.origin,
        authorization_endpoint: `${authorisation.origin}/authorize`,
        token_endpoint: `${authorisation.origin}/token`,
        registration_endpoint: `${authorisation.origin}/register`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
      })
    }
    if (pathname === '/register') {
      const client = `client-${randomUUID()}`
      const { redirect_uris: redirects } = JSON.parse(seen.body) as { redirect_uris: string[] }
      clients.set(client, redirects)
      return json(response, 201, { client_id: client, redirect_uris: redirects, token_endpoint_auth_method: 'none' })
    }
    if (pathname === '/authorize') {
      const [client, back] = [searchParams.get('client_id') ?? '', searchParams.get('redirect_uri') ?? '']
      if (!clients.get(client)?.includes(back) || searchParams.get('code_challenge_method') !== 'S256')
        return json(response, 400, {})
      const target = new URL(back)
      target.searchParams.set('state', searchParams.get('state') ?? '')
      const code = randomUUID()
      if (protectedServer.person === 'refuses') target.searchParams.set('error', 'access_denied')
      else {
        const granted = searchParams.get('scope') ?? ''
        codes.set(code, { challenge: searchParams.get('code_challenge') ?? '', client, scope: granted })
        target.searchParams.set('code', code)
      }
      response.writeHead(302, { location: target.href }).end()
      return
    }
    const tokens = pathname === '/token' ? exchange(new URLSearchParams(seen.body)) : undefined
    if (tokens) json(response, 200, tokens)
    else json(response, pathname === '/token' ? 400 : 404, { error: 'invalid_grant' })
  })

  const server = await listen(async (seen, response) => {
    protectedServer.atServer.push(seen)
    if (seen.path === metadataPath) {
      const resource = { resource: protectedServer.url, authorization_servers: [authorisation.origin] }
      return json(response, 200, resource)
    }
    if (seen.path !== '/mcp') return json(response, 404, {})
    const granted = access.get(seen.headers.authorization?.replace('Bearer ', '') ?? '')
    const challenge = `resource_metadata="${server.origin}${metadataPath}", scope="${scope}"`
    if (granted === undefined) return json(response, 401, {}, { 'www-authenticate': `Bearer ${challenge}` })
    if (seen.method !== 'POST') return json(response, 405, {})
    const message = JSON.parse(seen.body) as { id?: number; method: string; params?: { protocolVersion?: string } }
    if (message.method === 'tools/call' && granted !== scope) {
      return json(response, 403, {}, { 'www-authenticate': `Bearer error="insufficient_scope", ${challenge}` })
    }
    if (message.id === undefined) return void response.writeHead(202).end()
    json(response, 200, { jsonrpc: '2.0', id: message.id, result: answer(message.method, message.params) })
  })

  const protectedServer: ProtectedServer = {
    url: `${server.origin}/mcp`,
    atServer: [],
    atAuthorisation: [],
    person: 'agrees',
    expire: () => (access = new Map()),
    revoke: () => (refresh = new Map()),
    wantScope: (wanted) => (scope = wanted),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server.close(), authorisation.close()])
    },
  }
  return protectedServer
}

function answer(method: string, params: { protocolVersion?: string } = {}): object {
  if (method === 'tools/list') return { tools: [{ name: 'secret', inputSchema: { type: 'object' } }] }
  if (method === 'tools/call') return { content: [{ type: 'text', text: 'the secret' }] }
  return {
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'protected', version: '1' },
  }
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function listen(handle: (seen: Seen, response: ServerResponse) => Promise<void>) {
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request
      return handle({ method, path, headers, body }, response)
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { origin: `http://127.0.0.1:${port}`, close }
}
