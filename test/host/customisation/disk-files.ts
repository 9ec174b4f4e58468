/** The port of customisations over folders of the disk, as the editor's own implementation behaves. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { CustomisationFiles, Read, Root } from '../../../src/host/customisation/ports.ts'

export class DiskFiles implements CustomisationFiles {
  isTrusted = true
  readonly #folders: string[]
  readonly #own: string

  constructor(folders: string[], own: string) {
    this.#folders = folders
    this.#own = own
  }

  trusted(): boolean {
    return this.isTrusted
  }

  folders(): Root[] {
    return this.#folders.map((folder) => ({ place: 'workspace', name: path.basename(folder), uri: uriOf(folder) }))
  }

  own(): Root {
    return { place: 'user', name: 'user', uri: uriOf(this.#own) }
  }

  async list(root: Root, folder: string, deep: boolean): Promise<string[]> {
    const entries = await readdir(at(root, folder), { recursive: deep, withFileTypes: true }).catch(() => [])
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(at(root, ''), path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  }

  async find(root: Root, name: string): Promise<string[]> {
    return (await this.list(root, '', true)).filter((place) => path.posix.basename(place) === name)
  }

  async read(root: Root, place: string, most: number): Promise<Read> {
    try {
      const file = at(root, place)
      if ((await stat(file)).size > most) return { why: 'large' }
      const real = await realpath(file)
      const outside = path.relative(await realpath(at(root, '')), real).startsWith('..')
      if (root.place === 'workspace' && outside) return { why: 'outside' }
      return { text: await readFile(file, 'utf8'), real }
    } catch {
      return { why: 'missing' }
    }
  }

  uriOf(root: Root, place: string): string {
    return uriOf(at(root, place))
  }
}

const uriOf = (folder: string): string => pathToFileURL(folder).href
const at = (root: Root, place: string): string => path.join(fileURLToPath(root.uri), place)

/** A folder with these files in it. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-custom-'))
  fill(folder, files)
  return folder
}

export function fill(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
