/** Transports to servers that are reached by HTTP. */
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import { bounded } from './bounded.ts'
import { authorisedFetch } from './oauth/authorised-fetch.ts'
import type { SignInProvider } from './oauth/provider.ts'

export type Remote = {
  url: URL
  headers: Readonly<Record<string, string>>
  /** Absent where nobody signed in; a server that wants it then answers 401. */
  auth?: SignInProvider
}

export function httpTransport(remote: Remote): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(remote.url, { fetch: fetchFor(remote) })
}

export function sseTransport(remote: Remote): SSEClientTransport {
  return new SSEClientTransport(remote.url, { fetch: fetchFor(remote) })
}

/**
 * A fetch that adds the definition's headers for the server's own origin alone: an authorisation server that the server
 * names, wherever it stands, never sees them.
 */
function fetchFor({ url, headers, auth }: Remote): FetchLike {
  const send: FetchLike = (target, init) => {
    const all = new Headers(init?.headers)
    if (new URL(target).origin === url.origin) {
      for (const [name, value] of Object.entries(headers)) all.set(name, value)
    }
    return fetch(target, { ...init, headers: all }).then(bounded)
  }
  return auth ? authorisedFetch(send, auth) : send
}
