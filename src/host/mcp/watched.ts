/**
 * Resources that are attached to drafts: servers tell when one changes, and until then it is what it was. What a server
 * cannot tell of is never out of date here.
 */
import { createHash } from 'node:crypto'
import type { McpServers } from '../../mcp/servers.ts'

export type ResourcePlace = { server: string; uri: string }

export type WatchedParts = {
  servers(): McpServers | undefined
  /** What it is now, as `resourceDigest`; rejects where it cannot be read. */
  digest(resource: ResourcePlace): Promise<string>
  /** One of them may be another now. */
  changed(): void
}

type Watched = { dirty: boolean; digest?: string; stop?: () => void; ended?: true }

/** Resources watched at once. Nobody attaches more. */
const MOST = 50

export class WatchedResources {
  readonly #parts: WatchedParts
  readonly #watched = new Map<string, Watched>()

  constructor(parts: WatchedParts) {
    this.#parts = parts
  }

  /** From now on these are watched, and no others. Never rejects. */
  follow(resources: readonly ResourcePlace[]): void {
    const wanted = new Map(resources.slice(0, MOST).map((resource) => [keyOf(resource), resource]))
    for (const [key, watched] of this.#watched) {
      if (wanted.has(key)) continue
      this.#watched.delete(key)
      watched.ended = true
      watched.stop?.()
    }
    for (const [key, resource] of wanted) if (!this.#watched.has(key)) this.#watch(key, resource)
  }

  /** What it is now; `known` where nothing was heard of a change since it was read so. Never rejects. */
  async now(resource: ResourcePlace, known: string): Promise<string> {
    const watched = this.#watched.get(keyOf(resource))
    if (!watched) return known
    if (watched.dirty) {
      watched.dirty = false
      try {
        watched.digest = await this.#parts.digest(resource)
      } catch {
        // It is looked at again when somebody asks again.
        watched.dirty = true
      }
    }
    return watched.digest ?? known
  }

  #watch(key: string, { server, uri }: ResourcePlace): void {
    const servers = this.#parts.servers()
    const running = servers?.servers.find(({ name }) => name === server)
    if (!servers || !running?.canSubscribe) return
    const watched: Watched = { dirty: false }
    this.#watched.set(key, watched)
    const heard = (): void => {
      watched.dirty = true
      this.#parts.changed()
    }
    servers.subscribe(server, uri, heard).then(
      (stop) => {
        if (watched.ended) return stop()
        watched.stop = stop
        // It may have changed between reading and subscribing.
        heard()
      },
      () => this.#watched.delete(key),
    )
  }
}

/** By which one tells that a resource is another: over the bytes of all that it gives, as base64. */
export function resourceDigest(pieces: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(pieces)).digest('base64url').slice(0, 16)
}

const keyOf = ({ server, uri }: ResourcePlace): string => JSON.stringify([server, uri])
