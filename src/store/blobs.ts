import { createHash } from 'node:crypto'
import type { Context } from './context.ts'
import type { Blobs } from './store.ts'

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function createBlobs({ database, report, reading }: Context): Blobs {
  const insert = database.prepare('INSERT OR IGNORE INTO blob (hash, media_type, bytes) VALUES (?, ?, ?)')
  const find = database.prepare('SELECT media_type, bytes FROM blob WHERE hash = ?')
  return {
    put(bytes, mediaType) {
      const hash = hashOf(bytes)
      insert.run(hash, mediaType, bytes)
      return hash
    },
    get(hash) {
      const row = reading.one(`Attachment ${hash.slice(0, 12)}`, undefined, () => find.get(hash))
      if (!(row?.bytes instanceof Uint8Array)) return undefined
      if (hashOf(row.bytes) === hash) return { bytes: row.bytes, mediaType: String(row.media_type) }
      report(`Attachment ${hash.slice(0, 12)} is damaged and was left out.`)
      return undefined
    },
  }
}
