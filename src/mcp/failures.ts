/** Turns what the SDK and the network throw into the one family of errors. */
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { SseError } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ErrorCode, McpError as ProtocolError } from '@modelcontextprotocol/sdk/types.js'
import type { McpErrorCode } from './errors.ts'
import { McpError } from './errors.ts'
import { TOO_LARGE } from './stdio/transport.ts'
import { oneLine, sentence } from './text.ts'

/** `doing`: what was tried, as it goes after “could not”: `call the tool echo`. */
export function toMcpError(error: unknown, server: string, doing: string): McpError {
  if (error instanceof McpError) return error
  const status = statusOf(error)
  const make = (code: McpErrorCode, why: string, todo?: string) =>
    new McpError({
      code,
      server,
      what: `${server} could not ${doing}: ${why}`,
      cause: error,
      ...(todo ? { todo } : {}),
      ...(status ? { status } : {}),
    })
  if (error instanceof Error && error.name === 'AbortError') return make('cancelled', 'it was told to stop.')
  if (error instanceof UnauthorizedError || status === 401) return signInNeeded(server, error)
  if (status === 403)
    return make(
      'auth',
      'it says that you may not (HTTP 403).',
      'Sign in again, or check what your account may do there.',
    )
  if (error instanceof ProtocolError) return ofProtocol(error, make)
  if (status !== undefined) return make('unreachable', `it answered with HTTP ${status}.`, 'Check its address.')
  const code = networkCode(error)
  if (code !== undefined)
    return make('unreachable', `it cannot be reached (${code}).`, 'Check its address and that it runs.')
  if (isOfZod(error)) return make('answer', 'its answer does not follow the protocol.', 'Update the server.')
  return make('answer', sentence(oneLine(messageOf(error), 300)))
}

/** The server wants a sign-in. */
export function signInNeeded(server: string, cause?: unknown): McpError {
  const todo = 'Sign in to it on the page of MCP servers.'
  return new McpError({ code: 'auth', server, what: `${server} wants to know who you are.`, todo, cause })
}

/** The HTTP status that an error of a transport stands for. */
export function statusOf(error: unknown): number | undefined {
  const code = error instanceof StreamableHTTPError || error instanceof SseError ? error.code : undefined
  if (code !== undefined) return code >= 100 ? code : undefined
  const [, status] = /\(HTTP (\d{3})\)/.exec(messageOf(error)) ?? []
  return status ? Number(status) : undefined
}

/** The system's word for a connection that failed, where that is what happened. */
export function networkCode(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) {
    const { code } = each as { code?: unknown }
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR\w*|CERT_\w+|DEPTH_\w+|SELF_SIGNED\w*|UNABLE_\w+)$/.test(code))
      return code
  }
  if (error instanceof SseError) return 'no connection'
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message) ? 'no connection' : undefined
}

function ofProtocol(
  error: ProtocolError,
  make: (code: McpErrorCode, why: string, todo?: string) => McpError,
): McpError {
  const said = sentence(oneLine(error.message.replace(/^MCP error -?\d+: /, ''), 500))
  if (error.code === ErrorCode.ConnectionClosed) return make('crashed', 'its connection ended.')
  if (error.code === ErrorCode.RequestTimeout) return make('timeout', 'it took too long.')
  if (error.code === ErrorCode.MethodNotFound) return make('unsupported', `it does not offer this. It said: ${said}`)
  if (error.code === TOO_LARGE) return make('answer', said, 'Ask for less at a time.')
  return make('refused', `it said: ${said}`)
}

function isOfZod(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'issues' in error && Array.isArray(error.issues)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
