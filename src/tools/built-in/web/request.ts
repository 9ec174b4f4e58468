/** One GET to an address that was checked, and to no other. */
import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import tls from 'node:tls'
import zlib from 'node:zlib'
import type { Net } from '../../ports.ts'
import { isPublic, literalOf } from './addresses.ts'

const MOST_ADDRESSES = 4
/** Milliseconds for one of them to take the connection. */
const CONNECT_MS = 5_000

/** An address that is not asked. The message is for the model. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** `cut`: the body is longer than was taken. `headers` in lower case. */
export type Response = { status: number; headers: http.IncomingHttpHeaders; body: Buffer; cut: boolean }

/** The URL, if it is one we would ask. Asks nobody, not even for the name's address. Throws `AddressRefused`. */
export function checkedUrl(text: string, net: Net, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (!url)
    throw new AddressRefused(`${JSON.stringify(text)} is not an address. It must begin with https:// or http://.`)
  if (!/^https?:$/.test(url.protocol)) {
    throw new AddressRefused(`Only http and https addresses can be fetched, not ${url.protocol}`)
  }
  if (url.username || url.password)
    throw new AddressRefused('The address holds a user name or password. Leave them out.')
  const literal = literalOf(url)
  const local = /(?:^|\.)localhost\.?$/.test(url.hostname)
  if ((local || (literal !== undefined && !isPublic(literal))) && !net.allows(url)) throw refused(url, literal)
  return url
}

/** Follows no redirect. Rejects with `AddressRefused` where the name leads to an address that is not public. */
export async function get(url: URL, net: Net, limit: number, signal: AbortSignal): Promise<Response> {
  const socket = await connected(url, net, await checkedAddresses(url, net, signal), signal)
  const end = (): void => void socket.destroy()
  signal.addEventListener('abort', end, { once: true })
  try {
    const message = await answered(url, socket, signal)
    const { body, cut } = await bodyOf(message, limit)
    signal.throwIfAborted()
    return { status: message.statusCode ?? 0, headers: message.headers, body, cut }
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

/** At least one. */
async function checkedAddresses(url: URL, net: Net, signal: AbortSignal): Promise<string[]> {
  const literal = literalOf(url)
  const addresses = literal === undefined ? await resolved(url, net, signal) : [literal]
  signal.throwIfAborted()
  if (addresses.length === 0) throw new Error(`${url.hostname} has no address.`)
  // One name with a public and a private address is what an attack looks like.
  const inside = addresses.find((address) => !isPublic(address))
  if (inside !== undefined && !net.allows(url)) throw refused(url, inside)
  return addresses
}

/** The first of a few addresses that takes the connection: a machine may have names of IPv6 and no way there. */
async function connected(url: URL, net: Net, addresses: readonly string[], signal: AbortSignal): Promise<Socket> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  let last: unknown
  for (const address of addresses.slice(0, MOST_ADDRESSES)) {
    const socket = net.dial(address, port)
    // Whoever asks over it hears of errors; before and after nobody does.
    socket.on('error', () => {})
    try {
      await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]) })
      return socket
    } catch (error) {
      socket.destroy()
      signal.throwIfAborted()
      last = error
    }
  }
  const why = last instanceof Error && last.name !== 'AbortError' ? last.message : 'it takes no connection'
  throw new Error(`${url.host} did not answer: ${why}`)
}

/** The system's own look-up cannot be ended, but nobody has to wait for it. */
async function resolved(url: URL, net: Net, signal: AbortSignal): Promise<string[]> {
  const { promise: given, reject: give } = Promise.withResolvers<never>()
  const stop = (): void => give(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([net.resolve(url.hostname), given])
  } catch {
    signal.throwIfAborted()
    throw new Error(`There is no server ${url.hostname}, or its address could not be found.`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function refused(url: URL, address: string | undefined): AddressRefused {
  const where = address === undefined || address === literalOf(url) ? url.host : `${url.host} (${address})`
  return new AddressRefused(
    `${where} is an address of this machine or of a private network. Such are fetched only where the person’s settings allow the host.`,
  )
}

function answered(url: URL, socket: Socket, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Not `http.request`: editors replace it by one that may go through a proxy, which would look the name up again.
    const request = new http.ClientRequest({
      method: 'GET',
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        'user-agent': 'Panelist',
        accept: 'text/markdown, text/html;q=0.9, text/plain;q=0.9, */*;q=0.5',
        'accept-encoding': 'gzip, deflate, br',
        connection: 'close',
      },
      createConnection: () => secured(url, socket),
      signal,
    })
    request.once('response', resolve)
    request.once('error', (error) =>
      reject(signal.aborted ? signal.reason : new Error(`${url.host} did not answer: ${error.message}`)),
    )
    request.end()
  })
}

function secured(url: URL, socket: Socket): Duplex {
  if (url.protocol === 'http:') return socket
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return tls.connect({ socket, host: name, ...(!isIP(name) && { servername: name }), ALPNProtocols: ['http/1.1'] })
}

const DECODERS: Record<string, () => Duplex> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
}

/** As many bytes as `limit`, after decompression: a small answer can unfold to a huge one. */
async function bodyOf(message: http.IncomingMessage, limit: number): Promise<{ body: Buffer; cut: boolean }> {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const decoder = DECODERS[encoding]?.()
  if (!decoder && encoding !== 'identity') throw new Error(`The answer is encoded as ${encoding}, which is not known.`)
  if (decoder) message.once('error', (error) => decoder.destroy(error))
  const stream: Readable = decoder ? message.pipe(decoder) : message
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) break
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), cut: size > limit }
}
