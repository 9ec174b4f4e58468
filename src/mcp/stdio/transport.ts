/** JSON-RPC over the standard streams of a server process, one message a line. */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { parseJson } from '../../shared/json.ts'
import { clean, cutAt } from '../text.ts'
import type { Line } from './lines.ts'
import { Lines } from './lines.ts'
import type { Exit, Program } from './server-process.ts'
import { ServerProcess } from './server-process.ts'
import type { Watchdog } from './watchdog.ts'

/** Bytes of one message. What is longer is answered with an error in the server's place. */
const LONGEST_MESSAGE = 32 * 1024 * 1024
/** Bytes that may wait for a server that does not read. */
const LONGEST_QUEUE = 32 * 1024 * 1024
const LONGEST_LINE = 500

/** The code of the error that stands for an answer of more than `LONGEST_MESSAGE`. */
export const TOO_LARGE = -32_090

export type StdioOptions = {
  server: string
  program: Program
  watchdog: Watchdog
  /** A line of standard error, cleaned and cut. */
  onStderr(line: string): void
  /** A line of standard output that is no message, cleaned and cut. */
  onNoise(line: string): void
}

export class StdioTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: NonNullable<Transport['onmessage']>
  /** How the process ended, once it has. */
  exit: Exit | undefined
  readonly #options: StdioOptions
  #process: ServerProcess | undefined
  #starting: Promise<ServerProcess> | undefined

  constructor(options: StdioOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Throws an `McpError` where the program cannot be started. */
  async start(): Promise<void> {
    const { server, program, watchdog } = this.#options
    this.#starting = ServerProcess.start(server, program, watchdog)
    const started = await this.#starting
    this.#process = started
    const messages = new Lines(LONGEST_MESSAGE)
    started.stdout.on('data', (chunk: Buffer) => messages.push(chunk).forEach((line) => this.#receive(line)))
    const complaints = new Lines(64 * 1024)
    const complain = (line: Line | undefined) => line && this.#options.onStderr(short(line.text))
    started.stderr.on('data', (chunk: Buffer) => complaints.push(chunk).forEach(complain))
    started.stderr.on('end', () => complain(complaints.rest()))
    void started.exited.then(async (exit) => {
      this.exit = exit
      // What it said last may still be in the pipes.
      await Promise.race([drained(started), new Promise((resolve) => setTimeout(resolve, 200))])
      this.#end()
    })
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#process?.stdin
    if (!stdin?.writable) throw new Error('Not connected')
    if (stdin.writableLength > LONGEST_QUEUE) throw new Error('The server does not read what it is sent.')
    stdin.write(`${JSON.stringify(message)}\n`)
  }

  async close(): Promise<void> {
    // A process that is being started is ended as well.
    const started = await this.#starting?.catch(() => undefined)
    await started?.end()
    this.#end()
  }

  #end(): void {
    const { onclose } = this
    delete this.onclose
    onclose?.()
  }

  #receive(line: Line): void {
    if (line.truncated) return this.#tooLarge(line.text, line.truncated)
    if (line.text.trim() === '') return
    const json = parseJson(line.text)
    const message = json === undefined ? undefined : JSONRPCMessageSchema.safeParse(json)
    if (message?.success) this.onmessage?.(message.data)
    else this.#options.onNoise(short(line.text))
  }

  /** The id stands at one of the two ends of an answer. Where it is found, who waits for it need not wait for nothing. */
  #tooLarge(head: string, { bytes, tail }: NonNullable<Line['truncated']>): void {
    const id =
      /^\{\s*"(?:jsonrpc"\s*:\s*"2\.0"\s*,\s*")?id"\s*:\s*(\d+)/.exec(head) ?? /"id"\s*:\s*(\d+)\s*\}\s*$/.exec(tail)
    const message = `an answer of ${bytes} bytes came, and ${LONGEST_MESSAGE} is the most`
    if (id) this.onmessage?.({ jsonrpc: '2.0', id: Number(id[1]), error: { code: TOO_LARGE, message } })
    else this.onerror?.(new Error(message))
  }
}

function short(line: string): string {
  return cutAt(clean(line), LONGEST_LINE)
}

function drained({ stdout, stderr }: ServerProcess): Promise<unknown> {
  return Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve))))
}
