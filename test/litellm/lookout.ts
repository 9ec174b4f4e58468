/** An HTTP proxy that lets nobody through and writes down who came. */
import type { Socket } from 'node:net'
import { createServer } from 'node:net'

export type Lookout = {
  port: number
  /** The first line of each request, which names where it wanted to go. */
  seen: string[]
  close(): Promise<void>
}

export async function startLookout(): Promise<Lookout> {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (data) => {
      seen.push(data.toString().split('\r\n', 1)[0] ?? '')
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The system named no port.')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: address.port, seen, close }
}
