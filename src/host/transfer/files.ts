/** Files of an export on a disk: written whole or not at all, read a piece at a time, with the files that lie beside. */
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LARGEST_FILE } from '../../shared/attachments.ts'
import type { Beside } from '../../store/transfer/foreign.ts'
import type { Source } from './desk.ts'

/** Written at once, in characters. */
const PORTION = 256 * 1024
/** The host does other things after this much work, in milliseconds. */
const TURN = 10

/** Pieces gathered to portions, with time for others in between. */
export async function* portions(pieces: Iterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  let gathered: string[] = []
  let length = 0
  let begun = performance.now()
  for (const piece of pieces) {
    signal.throwIfAborted()
    gathered.push(piece)
    length += piece.length
    if (length >= PORTION) {
      yield gathered.join('')
      gathered = []
      length = 0
    }
    if (performance.now() - begun < TURN) continue
    await setImmediate()
    begun = performance.now()
  }
  signal.throwIfAborted()
  yield gathered.join('')
}

/** Under another name first: what stood at `path` stays until the new file is whole. For this person's eyes only. */
export async function writeWhole(path: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  const unfinished = `${path}.unfinished-${process.pid}`
  const file = await open(unfinished, 'w', 0o600)
  try {
    try {
      for await (const portion of portions(pieces, signal)) await file.write(portion)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

export async function sourceAt(path: string): Promise<Source> {
  const about = await stat(path)
  if (!about.isFile()) throw new Error(`${basename(path)} is no file. Choose the file that holds the chats.`)
  let beside: Map<string, string> | undefined
  return {
    name: basename(path),
    size: about.size,
    read: () => createReadStream(path, { highWaterMark: PORTION }),
    find: (id) => lookUp((beside ??= filesUnder(dirname(path))), id),
  }
}

/** A data export has some folders of files; a folder with more than this many is something else. */
const MOST_FILES = 20_000
const DEEPEST = 3

/** Plain files below `folder` by name; links are not followed. */
function filesUnder(folder: string, depth = 0, found = new Map<string, string>()): Map<string, string> {
  for (const entry of entriesOf(folder)) {
    if (found.size >= MOST_FILES) break
    const path = join(folder, entry.name)
    if (entry.isFile()) found.set(entry.name, path)
    else if (entry.isDirectory() && depth < DEEPEST && !entry.name.startsWith('.')) filesUnder(path, depth + 1, found)
  }
  return found
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** Shorter ids could be the beginning of anything. */
const SHORTEST_ID = 8

/** A file of that very name, or one whose name begins with the id, as exports name them. */
function lookUp(files: ReadonlyMap<string, string>, id: string): Beside | undefined {
  const exact = files.get(id)
  const name = exact ? id : id.length < SHORTEST_ID ? undefined : [...files.keys()].find((one) => begins(one, id))
  const path = name === undefined ? undefined : files.get(name)
  if (name === undefined || path === undefined) return undefined
  try {
    if (statSync(path).size > LARGEST_FILE) return undefined
    const bytes = readFileSync(path)
    const mediaType = mediaTypeOf(name, bytes)
    return mediaType === undefined ? undefined : { bytes, mediaType, name }
  } catch {
    return undefined
  }
}

const begins = (name: string, id: string): boolean => name.startsWith(id) && /^[-_. ]|^$/.test(name.slice(id.length))

const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.json': 'application/json',
}

/** By its first bytes, because exports name pictures `.dat`, then by its ending. */
function mediaTypeOf(name: string, bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (start.startsWith('GIF8')) return 'image/gif'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp'
  if (start.startsWith('%PDF')) return 'application/pdf'
  const type = TYPES[extname(name).toLowerCase()]
  return type?.startsWith('image/') ? undefined : type
}
