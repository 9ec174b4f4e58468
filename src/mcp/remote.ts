/** Transports to servers that are reached by HTTP. */
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'

export type Remote = {
  url: URL
  headers: Readonly<Record<string, string>>
  /** Absent where nobody signed in; a server that wants it then answers 401. */
  auth?: OAuthClientProvider
  fetch?: FetchLike
}

/**
 * A fetch that adds the definition's headers for the server's own origin alone: an authorisation server that the server
 * names, wherever it stands, never sees them.
 */
export function fetchFor({ url, headers, fetch: through = fetch }: Remote): FetchLike {
  return (target, init) => {
    const all = new Headers(init?.headers)
    if (new URL(target).origin === url.origin) {
      for (const [name, value] of Object.entries(headers)) all.set(name, value)
    }
    return through(target, { ...init, headers: all })
  }
}

export function httpTransport(remote: Remote): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(remote.url, {
    fetch: fetchFor(remote),
    ...(remote.auth ? { authProvider: remote.auth } : {}),
  })
}

export function sseTransport(remote: Remote): SSEClientTransport {
  return new SSEClientTransport(remote.url, {
    fetch: fetchFor(remote),
    ...(remote.auth ? { authProvider: remote.auth } : {}),
  })
}
