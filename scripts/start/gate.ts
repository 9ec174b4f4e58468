/**
 * Stands before the VS Code server for a person's own browser. The workbench encrypts its secrets with a key of which
 * it asks the server for one half, by `POST /mint-key`; the plain server has no such route, and API keys would be gone
 * after a reload. The gate answers it and hands everything else through.
 */
import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export type Gate = { port: number; close(): void }

/** `token` is the server's connection token: only a browser that has shown it gets a half of the key. */
export async function openGate(options: {
  port: number
  serverPort: number
  token: string
  /** 32 bytes that stay the same from start to start. */
  secret: Buffer
}): Promise<Gate> {
  const { port, serverPort, token, secret } = options
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST' && incoming.url?.endsWith('/mint-key')) {
      const allowed = incoming.headers.cookie?.split(/;\s*/).includes(`vscode-tkn=${token}`)
      response.writeHead(allowed ? 200 : 403).end(allowed ? secret : undefined)
    } else passOn(incoming, response, serverPort)
  })
  server.on('upgrade', (incoming, socket: Socket, head) => tunnel(incoming, socket, head, serverPort))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    port,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function passOn(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
}

/** Hands a web socket through, byte for byte. */
function tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer, port: number): void {
  const upstream = connect(port, '127.0.0.1', () => {
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`]
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`)
    }
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    upstream.pipe(socket).pipe(upstream)
  })
  upstream.on('error', () => socket.destroy())
  socket.on('error', () => upstream.destroy())
  socket.on('close', () => upstream.destroy())
}
