/** Everything that goes wrong with an MCP server is one of these: what failed, which server, what to do. */

/**
 * `missing-command`, `configuration`: it cannot start until its definition changes. `start`: it ended or answered
 * nonsense before it was ready. `crashed`: it ended afterwards. `auth`: it wants a sign-in. `refused`: it answered that
 * it will not. `answer`: what it answered is no answer. `unsupported`: it does not offer this.
 */
export type McpErrorCode =
  | 'missing-command'
  | 'configuration'
  | 'start'
  | 'crashed'
  | 'unreachable'
  | 'timeout'
  | 'cancelled'
  | 'auth'
  | 'refused'
  | 'answer'
  | 'unsupported'
  | 'stopped'

export type McpErrorFields = {
  code: McpErrorCode
  /** The server's name in the configuration. */
  server: string
  /** A whole sentence that says what failed. */
  what: string
  /** A whole sentence that says what a person can do. */
  todo?: string
  /** The HTTP status it answered with. */
  status?: number
  cause?: unknown
}

export class McpError extends Error {
  override readonly name = 'McpError'
  readonly code: McpErrorCode
  readonly server: string
  readonly what: string
  readonly todo: string | undefined
  readonly status: number | undefined
  constructor({ code, server, what, todo, status, cause }: McpErrorFields) {
    super(todo ? `${what} ${todo}` : what, cause === undefined ? undefined : { cause })
    this.code = code
    this.server = server
    this.what = what
    this.todo = todo
    this.status = status
  }
}
