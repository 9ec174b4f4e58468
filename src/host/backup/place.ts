/** Which folder the chats are kept in: the one the person names, where it can be used. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** `problem`: why it is not the folder that was named, for the person. */
export type Place = { folder: string; problem?: string }

export const DATABASE = 'panelist.db'

/**
 * `wanted`: an absolute path, or one below `~`. A folder that is missing is made. Nothing is lost where it cannot be used: the
 * chats go to `usual`, and are offered to be taken in once it can.
 */
export function placeOf(wanted: string, usual: string, home = homedir()): Place {
  const named = wanted.trim()
  if (named === '') return { folder: usual }
  const folder = /^~([/\\]|$)/.test(named) ? join(home, named.slice(1)) : named
  const instead = `Until this is mended, chats are kept in ${usual}.`
  if (!isAbsolute(folder)) {
    return {
      folder: usual,
      problem: `The setting panelist.storagePath needs an absolute path, not “${named}”. ${instead}`,
    }
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const probe = join(folder, `.panelist-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
    return { folder }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      folder: usual,
      problem: `The folder ${folder} of panelist.storagePath cannot be used (${why}). ${instead}`,
    }
  }
}
