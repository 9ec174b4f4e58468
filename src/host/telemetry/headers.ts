/** What requests to a collector carry, such as its token. Kept in SecretStorage, and bound to the origin it was set for. */
import type * as vscode from 'vscode'
import { secretsOf } from '../../llm/redact.ts'
import { isObject } from '../../shared/json.ts'
import { strings } from '../settings/values.ts'

const KEY = 'panelist.telemetry.headers'

/** The names that a request has for itself. */
const RESERVED = ['content-type', 'content-length', 'content-encoding', 'host', 'connection', 'transfer-encoding']

export class TelemetryHeaders {
  readonly #secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>
  readonly #hide: (secret: string) => void

  /** `hide` takes a value out of everything that is logged or sent from then on. */
  constructor(secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>, hide: (secret: string) => void) {
    this.#secrets = secrets
    this.#hide = hide
  }

  /** None where they were set for another origin. Never rejects. */
  async of(endpoint: string): Promise<Record<string, string>> {
    try {
      const kept: unknown = JSON.parse((await this.#secrets.get(KEY)) ?? 'null')
      if (!isObject(kept) || kept.origin !== originOf(endpoint) || !isObject(kept.headers)) return {}
      const headers = strings(kept.headers)
      this.#hideAll(headers)
      return headers
    } catch {
      return {}
    }
  }

  /** `text`: as `parseHeaders` reads it; empty: none any more. */
  async set(endpoint: string, text: string): Promise<void> {
    const { headers } = parseHeaders(text)
    this.#hideAll(headers)
    if (Object.keys(headers).length === 0) await this.#secrets.delete(KEY)
    else await this.#secrets.store(KEY, JSON.stringify({ origin: originOf(endpoint), headers }))
  }

  #hideAll(headers: Record<string, string>): void {
    for (const secret of secretsOf(undefined, headers)) this.#hide(secret)
  }
}

/** `name=value, other=value`. `problem`: a sentence where it cannot be read; it names no value. */
export function parseHeaders(text: string): { headers: Record<string, string>; problem?: string } {
  const headers: Record<string, string> = {}
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = part.slice(0, Math.max(at, 0)).trim().toLowerCase()
    const value = part.slice(at + 1).trim()
    if (at < 1 || value === '') return { headers: {}, problem: 'Write name=value, and a comma between two of them.' }
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
      return { headers: {}, problem: 'The name before = is none of a header.' }
    if (RESERVED.includes(name)) return { headers: {}, problem: `${name} is set by Panelist itself.` }
    if (!/^[\x20-\x7e]+$/.test(value))
      return { headers: {}, problem: `The value of ${name} holds a letter that no header has.` }
    headers[name] = value
  }
  return { headers }
}

const originOf = (endpoint: string): string => URL.parse(endpoint)?.origin ?? ''
