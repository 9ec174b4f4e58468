/** The store of a window: opened on first use, kept up, and closed with the window. */
import { join } from 'node:path'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import type { Log } from '../log.ts'
import { interruption } from '../money/interrupted.ts'
import type { Notices } from '../services.ts'
import type { Place } from './place.ts'
import { DATABASE } from './place.ts'
import { Upkeep } from './upkeep.ts'

export type LazyStore = (() => Store) & {
  /** Undefined before the store was used. */
  readonly path: string | undefined
  /** The index is behind: after a copy was put back. */
  reindex(): void
  close(): void
}

export type LazyStoreParts = {
  place(): Place
  notices: Notices
  log: Log
  /** The store was just opened from the file at this path. */
  opened(store: Store, path: string): void
  /** More is found now than before. */
  indexed(): void
}

/** Settles what a killed host left behind, and says what went wrong. */
export function lazyStore({ place, notices, log, opened, indexed }: LazyStoreParts): LazyStore {
  let store: Store | undefined
  let path: string | undefined
  let upkeep: Upkeep | undefined
  const open = (): Store => {
    const { folder, problem } = place()
    const file = join(folder, DATABASE)
    if (problem !== undefined)
      notices.add({ id: 'storage-path', level: 'warning', text: problem, action: 'open-settings' })
    const found = openStore({ path: file, interrupted: interruption, onProblem: (text) => log.error(`store: ${text}`) })
    found.notices.forEach((notice, index) => notices.add({ id: `store-${index}`, ...notice }))
    const recovered = found.store.journal.recover()
    if (recovered.length > 0) log.warn(`${recovered.length} interrupted answers were recovered`)
    path = file
    upkeep = new Upkeep({ store: found.store, folder, log, indexed })
    if (found.store.durable) setImmediate(() => opened(found.store, file))
    return found.store
  }
  const lazy = (): Store => (store ??= open())
  return Object.defineProperty(
    Object.assign(lazy, {
      reindex: () => upkeep?.index(),
      close() {
        upkeep?.dispose()
        store?.close()
      },
    }),
    'path',
    { get: () => path },
  ) as LazyStore
}
