/** Files of the workspace that a person dropped on a panel. Nothing outside of it is read, also not through a link. */
import { realpath } from 'node:fs/promises'
import { posix } from 'node:path'
import path from 'node:path'
import { LARGEST_FILE } from '../shared/attachments.ts'
import type { ReadFile } from '../shared/protocol.ts'

/** The editor's files, as far as they are needed here. VS Code's `workspace` fits behind it. */
export type FileDesk = {
  /** Throws where there is no such file. */
  stat(uri: string): Promise<{ folder: boolean; size: number }>
  read(uri: string): Promise<Uint8Array>
  /** The path on this machine, where it has one. */
  path(uri: string): string | undefined
  /** Folders of the workspace, as URIs. */
  folders(): string[]
}

/** More at once are a mistake of the hand. */
const MOST_FILES = 50

/** What is in each of these files, or why it cannot be had, in a sentence for the person. */
export async function readDropped(uris: readonly string[], desk: FileDesk): Promise<ReadFile[]> {
  if (uris.length > MOST_FILES) throw new Error(`These are ${uris.length} files. Attach ${MOST_FILES} at most at once.`)
  const files: ReadFile[] = []
  for (const uri of new Set(uris)) files.push(await readOne(uri, desk))
  return files
}

async function readOne(uri: string, desk: FileDesk): Promise<ReadFile> {
  const name = nameOf(uri)
  try {
    if (!(await isInWorkspace(uri, desk))) {
      return { name, why: `${name} is not in this workspace. Attach it with the button of the composer instead.` }
    }
    const { folder, size } = await desk.stat(uri)
    if (folder) return { name, why: `${name} is a folder. Attach the files in it instead.` }
    if (size > LARGEST_FILE) {
      return {
        name,
        why: `${name} is larger than ${LARGEST_FILE / 1024 / 1024} MB, which is the most that Panelist takes.`,
      }
    }
    return { name, data: Buffer.from(await desk.read(uri)).toString('base64') }
  } catch {
    return { name, why: `${name} could not be read. Save it, or check that it is still there.` }
  }
}

async function isInWorkspace(uri: string, desk: FileDesk): Promise<boolean> {
  const own = desk.path(uri)
  if (own === undefined) return desk.folders().some((folder) => isBelow(plain(uri), plain(folder), posix))
  const real = await realpath(own).catch(() => undefined)
  if (real === undefined) return false
  for (const folder of desk.folders()) {
    const there = desk.path(folder)
    const root = there && (await realpath(there).catch(() => undefined))
    if (root && isBelow(real, root, path)) return true
  }
  return false
}

function isBelow(child: string, parent: string, { relative, isAbsolute, sep }: typeof posix): boolean {
  const way = relative(parent, child)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** A URI as a path that begins with where it is, without escapes that could hide a way up. */
function plain(uri: string): string {
  const url = URL.parse(uri)
  return url ? posix.join('/', url.protocol, url.host, decodeURIComponent(url.pathname)) : '/'
}

function nameOf(uri: string): string {
  try {
    return posix.basename(decodeURIComponent(URL.parse(uri)?.pathname ?? '')) || 'This'
  } catch {
    return 'This'
  }
}
