/** What the network's own errors mean. undici and node put the reason in `code`, often several causes deep. */
import type { FailureCode } from '../shared/failure.ts'
import type { SentenceKind } from './sentences.ts'

/** `lasting`: asking again is of no use before a person has mended something. */
export type TransportSign = { code: FailureCode; kind: SentenceKind; detail: string; lasting?: true }

type Link = { name: string; message: string; code: string; port: number | undefined }

const TIMEOUTS = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']
const SILENCES = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']
const NO_NAME = ['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'EAI_FAIL', 'EAI_NONAME']
const NO_ROUTE = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL']
const DROPPED = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED']
/** Before anything is sent: a key or header that HTTP has no way to carry. */
const NO_HEADER = /ByteString|invalid header (name|value)|valid HTTP token|Invalid character in header/i
const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT|ERR_SSL_TLSV1_ALERT|INVALID_CA|HOSTNAME_MISMATCH)/

/** Reads an error that no provider sent. */
export function transportSign(error: unknown, baseUrl: string): TransportSign {
  const links = chain(error)
  const last = links.at(-1)
  const detail = last ? [last.code, last.message].filter(Boolean).join(': ') : String(error)
  const has = (test: (link: Link) => boolean) => links.some(test)
  const coded = (codes: string[]) => has((link) => codes.includes(link.code))
  const sign = (code: FailureCode, kind: SentenceKind = code) => ({ code, kind, detail })
  const lasting = (code: FailureCode, kind: SentenceKind) => ({ ...sign(code, kind), lasting: true as const })

  if (has((link) => /^Proxy response|proxy authentication/i.test(link.message))) return lasting('network', 'proxy')
  if (has((link) => CERTIFICATE.test(link.code))) return lasting('network', 'certificate')
  if (coded(NO_NAME)) return sign('network', 'dns')
  if (coded(['ECONNREFUSED'])) {
    if (refusedElsewhere(links, baseUrl)) return sign('network', 'proxy')
    // A server elsewhere may be starting anew; one on this machine somebody has to start.
    return isHere(baseUrl) ? lasting('network', 'refused') : sign('network', 'refused')
  }
  if (coded(NO_ROUTE)) return sign('network', 'unreachable')
  if (coded(SILENCES)) return sign('timeout', 'silence')
  if (coded(TIMEOUTS) || has((link) => /Timeout(Error)?$/.test(link.name) || link.message === 'Request timed out.')) {
    return sign('timeout')
  }
  if (has((link) => link.code === 'EPROTO' || link.code.startsWith('ERR_SSL_'))) return lasting('network', 'tls')
  if (coded(DROPPED) || has((link) => link.message === 'terminated')) return sign('network', 'dropped')
  if (has((link) => link.name === 'SyntaxError' || /^(HPE_|Z_|UND_ERR_RES_|ERR_ENCODING)/.test(link.code))) {
    return sign('malformed')
  }
  if (has((link) => link.name === 'TypeError' && NO_HEADER.test(link.message)))
    return lasting('invalid-request', 'header')
  if (has((link) => link.code === 'ERR_INVALID_URL')) return sign('invalid-request', 'address')
  if (has((link) => link.message === 'fetch failed' || link.message === 'Connection error.')) return sign('network')
  return sign('unknown')
}

const isHere = (baseUrl: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(baseUrl).hostname)

/** A refusal at another port than the endpoint's was a proxy's. */
function refusedElsewhere(links: Link[], baseUrl: string): boolean {
  const port = links.find((link) => link.port !== undefined)?.port
  const url = new URL(baseUrl)
  return port !== undefined && port !== Number(url.port || (url.protocol === 'http:' ? 80 : 443))
}

/** The error, its causes, and the first of several that happened at once. The deepest is last. */
function chain(error: unknown): Link[] {
  const links: Link[] = []
  let at = error
  while (typeof at === 'object' && at !== null && links.length < 10) {
    const { name, message, code, port, cause, errors } = at as Record<string, unknown>
    links.push({
      name: String(name ?? ''),
      message: String(message ?? ''),
      code: typeof code === 'string' ? code : '',
      port: typeof port === 'number' ? port : undefined,
    })
    at = cause ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return links
}
