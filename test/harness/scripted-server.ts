/** An HTTP server on loopback that does to a client what real providers do on a bad day, and records what it saw. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a request ended on the server's side. `at`: `performance.now()`. */
export type Closed = { at: number; aborted: boolean }

export type RecordedRequest = {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
  /** The body as JSON. Throws where it is none. */
  json(): unknown
  /** Settles when the response is finished or the connection is gone, whichever comes first. */
  closed: Promise<Closed>
}

/** What a handler can do with one request. Every method that writes waits until the bytes left our buffer. */
export class Script {
  readonly request: RecordedRequest
  readonly #response: ServerResponse
  constructor(request: RecordedRequest, response: ServerResponse) {
    this.request = request
    this.#response = response
  }

  /** Sends headers now. */
  head(status = 200, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers)
    this.#response.flushHeaders()
  }

  /** Sends the headers of an event stream now. */
  sse(headers: Record<string, string> = {}): void {
    this.head(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers })
  }

  /** A whole JSON answer. */
  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers })
    this.#response.end(JSON.stringify(body))
  }

  /** Raw bytes, as one write. */
  async send(bytes: string | Uint8Array): Promise<void> {
    if (this.#response.destroyed) return
    await new Promise<void>((resolve) => this.#response.write(bytes, () => resolve()))
  }

  /** One server-sent event; without a name, a `data:` line alone. Strings go as they are, the rest as JSON. */
  async event(data: unknown, name?: string): Promise<void> {
    await this.send(frame(data, name))
  }

  /** The same bytes in pieces of these sizes (the last repeats): cuts through frames, lines and UTF-8 sequences. */
  async cut(bytes: string | Uint8Array, sizes: readonly number[]): Promise<void> {
    const all = Buffer.from(bytes)
    for (let at = 0, piece = 0; at < all.length; piece++) {
      const size = Math.max(1, sizes[Math.min(piece, sizes.length - 1)] ?? all.length)
      await this.send(all.subarray(at, at + size))
      // A turn of the event loop apart, so that each piece can become a read of its own.
      await new Promise((resolve) => setImmediate(resolve))
      at += size
    }
  }

  pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds)
  }

  /** Says nothing more until the client is gone. */
  async silence(): Promise<void> {
    await this.request.closed
  }

  /** Ends the response in good order. */
  end(): void {
    this.#response.end()
  }

  /** Cuts the connection. */
  drop(): void {
    this.#response.socket?.destroy()
  }
}

/** A server-sent event as text. */
export function frame(data: unknown, name?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`
}

export type ScriptedServer = AsyncDisposable & {
  /** `http://127.0.0.1:port`, or `https:`. */
  origin: string
  requests: RecordedRequest[]
  close(): Promise<void>
}

export type Handler = (script: Script) => void | Promise<void>

/**
 * Starts a server whose every request goes to `handler`. With `tls` it speaks HTTPS with that certificate (PEM). Without
 * `port` it takes any.
 */
export async function startScriptedServer(
  handler: Handler,
  tls?: { key: string; cert: string },
  port = 0,
): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await record(incoming, response)
    requests.push(request)
    try {
      await handler(new Script(request, response))
    } catch (error) {
      // The client hears of a broken script at once; a test then fails on the answer instead of a time-out.
      response.destroy(error as Error)
    }
  }
  const server = tls ? createSecureServer(tls, answer) : createServer(answer)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const { port: taken } = server.address() as AddressInfo
  return { origin: `${tls ? 'https' : 'http'}://127.0.0.1:${taken}`, requests, close, [Symbol.asyncDispose]: close }
}

async function record(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const closed = new Promise<Closed>((resolve) => {
    response.once('close', () => resolve({ at: performance.now(), aborted: !response.writableFinished }))
  })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  const { method = '', url = '', headers } = incoming
  return { method, url, headers, body, json: () => JSON.parse(body) as unknown, closed }
}
