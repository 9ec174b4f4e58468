/** From a definition to a connection, over whichever transport it names. */
import type { ResolvedDefinition } from './configuration/resolved.ts'
import type { ConnectionOptions } from './connection.ts'
import { Connection } from './connection.ts'
import { McpError } from './errors.ts'
import { statusOf, toMcpError } from './failures.ts'
import type { SignInProvider } from './oauth/provider.ts'
import type { Remote } from './remote.ts'
import { httpTransport, sseTransport } from './remote.ts'
import { StdioTransport } from './stdio/transport.ts'
import type { Watchdog } from './stdio/watchdog.ts'

export type ConnectOptions = Omit<ConnectionOptions, 'lost'> & {
  watchdog: Watchdog
  /** Lines of standard error are added at its end. */
  lastWords: string[]
  auth?: SignInProvider
  lost(error: McpError): void
}

/** How many lines of standard error are kept. */
const LAST_WORDS = 20

/** Connects. Throws an `McpError`. */
export async function connect(
  to: ResolvedDefinition,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { server } = options
  try {
    if (to.transport === 'stdio') return await overStdio(to.program, options, signal)
    const remote: Remote = { url: to.url, headers: to.headers, ...(options.auth ? { auth: options.auth } : {}) }
    const lost = (error: unknown) => options.lost(toMcpError(error, server, 'go on'))
    return to.transport === 'sse'
      ? await Connection.open(sseTransport(remote), { ...options, lost }, signal)
      : await overHttp(remote, { ...options, lost }, signal)
  } catch (error) {
    throw toMcpError(error, server, 'start')
  }
}

/** A server that knows no streamable HTTP answers 400, 404 or 405 to the first message: then it may know SSE. */
async function overHttp(remote: Remote, options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
  try {
    return await Connection.open(httpTransport(remote), options, signal)
  } catch (error) {
    if (![400, 404, 405].includes(statusOf(error) ?? 0)) throw error
    try {
      return await Connection.open(sseTransport(remote), options, signal)
    } catch (second) {
      // A sign-in or a stop is news; that it knows no SSE either is not.
      throw second instanceof McpError || statusOf(second) === 401 ? second : error
    }
  }
}

type Program = Extract<ResolvedDefinition, { transport: 'stdio' }>['program']

async function overStdio(program: Program, options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  const { server, heard, lastWords } = options
  let noise = 0
  const transport = new StdioTransport({
    server,
    program,
    watchdog: options.watchdog,
    onStderr: (line) => {
      if (lastWords.push(line) > LAST_WORDS) lastWords.shift()
      heard.log('info', 'stderr', line)
    },
    onNoise: (line) => {
      noise += 1
      const note = 'wrote to its standard output what is no message; only messages belong there'
      if (noise === 1) heard.log('warning', 'client', `${server} ${note}: ${line}`)
      else heard.log('debug', 'client', `No message: ${line}`)
    },
  })
  const ended = (code: 'start' | 'crashed') => endOf(server, transport, lastWords, code)
  try {
    const connection = await Connection.open(
      transport,
      { ...options, lost: () => options.lost(ended('crashed')) },
      signal,
    )
    if (!options.watchdog.works) {
      heard.log(
        'warning',
        'client',
        `Nothing watches over ${server} here: should VS Code be killed, it may go on running.`,
      )
    }
    return connection
  } catch (error) {
    throw error instanceof McpError || !transport.exit ? error : ended('start')
  }
}

function endOf(server: string, { exit }: StdioTransport, lastWords: string[], code: 'start' | 'crashed'): McpError {
  const how = exit?.signal ? `by ${exit.signal}` : exit?.code !== null && exit ? `with exit code ${exit.code}` : ''
  const when = code === 'start' ? ' before it was ready' : ''
  const last = lastWords.findLast((line) => line.trim() !== '')
  return new McpError({
    code,
    server,
    what: `${server} ended ${how}${when}.`.replace(/ +/g, ' ').replace(' .', '.'),
    todo: last ? `It said last: ${last}` : 'It said nothing. Run its command in a terminal to see why.',
  })
}
