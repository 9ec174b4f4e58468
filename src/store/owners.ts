/** Which windows are alive: several share one database, and none may touch what another still streams. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { DatabaseSync } from './sqlite.ts'

/** A window that has not said for this long (milliseconds) that it lives is dead. It says so every 5 s. */
export const HEARTBEAT_LIMIT = 30_000

export interface Owners {
  /** This window's name in the database. */
  readonly id: string
  heartbeat(): void
  isAlive(owner: string | null): boolean
  /** A window left without closing its store. */
  anyDead(): boolean
  forgetDead(): void
  /** This window streams nothing any more. */
  resign(): void
}

type OwnerRow = { id: string; machine: string; pid: number; heartbeat: number }

export function createOwners(database: DatabaseSync, clock: () => number): Owners {
  const id = randomUUID()
  const machine = hostname()
  const beat = database.prepare(
    `INSERT INTO owner (id, machine, pid, heartbeat) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat`,
  )
  const find = database.prepare('SELECT * FROM owner WHERE id = ?')
  const all = database.prepare('SELECT * FROM owner')
  const remove = database.prepare('DELETE FROM owner WHERE id = ?')

  // A process id says something only on the machine, or in the container, that gave it. It may have been given again
  // since, which the heartbeat tells.
  const lives = (row: OwnerRow): boolean =>
    row.id === id || (clock() - row.heartbeat <= HEARTBEAT_LIMIT && (row.machine !== machine || processExists(row.pid)))
  const dead = (): OwnerRow[] => (all.all() as OwnerRow[]).filter((row) => !lives(row))

  return {
    id,
    heartbeat: () => void beat.run(id, machine, process.pid, clock()),
    isAlive(owner) {
      if (owner === id) return true
      const row = owner === null ? undefined : (find.get(owner) as OwnerRow | undefined)
      return row !== undefined && lives(row)
    },
    anyDead: () => dead().length > 0,
    forgetDead() {
      for (const row of dead()) remove.run(row.id)
    },
    resign: () => void remove.run(id),
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another person cannot be signalled, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
