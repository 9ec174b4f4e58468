/** Workspaces for tests: one in memory, whose files are on no machine, and one over real folders. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { applyChanges, inverse } from '../../../src/tools/built-in/files/replacements.ts'
import { realPathOf } from '../../../src/tools/machine/disk.ts'
import type { Edited, Entry, RealPath, Root, Stat, TextEdit, TextFile, Workspace } from '../../../src/tools/ports.ts'
import { NotText } from '../../../src/tools/ports.ts'

/** Bytes of a text and back: the byte order mark decides, else UTF-8. */
export function decode(bytes: Uint8Array): { text: string; encode: (text: string) => Buffer } {
  const buffer = Buffer.from(bytes)
  if (buffer[0] === 0xff && buffer[1] === 0xfe) {
    return { text: buffer.subarray(2).toString('utf16le'), encode: (text) => Buffer.from(`\ufeff${text}`, 'utf16le') }
  }
  if (buffer.subarray(0, 3).equals(Buffer.from('\ufeff'))) {
    return { text: buffer.subarray(3).toString(), encode: (text) => Buffer.from(`\ufeff${text}`) }
  }
  if (buffer.includes(0)) throw new NotText('binary')
  return { text: buffer.toString(), encode: (text) => Buffer.from(text) }
}

abstract class FakeWorkspace implements Workspace {
  readonly platform: Workspace['platform'] = 'posix'
  exclude: string[] = []
  /** What open editors hold and the disk does not have, by address. */
  readonly unsaved = new Map<string, string>()
  /** Takes the last edit back. */
  undo: () => Promise<void> = async () => {}

  abstract roots(): Root[]
  abstract uriOf(root: Root, below: string): string
  abstract realPath(file: string): Promise<RealPath>
  abstract stat(uri: string): Promise<Stat | undefined>
  abstract list(uri: string): Promise<Entry[]>
  abstract read(uri: string): Promise<Uint8Array>
  abstract write(uri: string, bytes: Uint8Array): Promise<void>

  excludes(): string[] {
    return this.exclude
  }

  async readText(uri: string): Promise<TextFile> {
    const held = this.unsaved.get(uri)
    return held === undefined
      ? { text: decode(await this.read(uri)).text, unsaved: false }
      : { text: held, unsaved: true }
  }

  async edit(files: readonly TextEdit[]): Promise<Edited[]> {
    const texts = await Promise.all(
      files.map(async ({ uri, change }) => {
        const held = this.unsaved.get(uri)
        const { text: stored, encode } = decode(await this.read(uri))
        const before = held ?? stored
        return { uri, change, held, encode, before }
      }),
    )
    const changed = texts.map((text) => ({ ...text, changes: text.change(text.before) }))
    const backs: (() => Promise<void>)[] = []
    const edited: Edited[] = []
    for (const { uri, held, encode, before, changes } of changed) {
      const after = applyChanges(before, changes)
      if (held !== undefined) this.unsaved.set(uri, after)
      else await this.write(uri, encode(after))
      const back = inverse(before, changes)
      backs.push(async () => {
        if (held === undefined) await this.write(uri, encode(applyChanges(decode(await this.read(uri)).text, back)))
        else this.unsaved.set(uri, applyChanges(this.unsaved.get(uri)!, back))
      })
      edited.push({ before, after, saved: held === undefined })
    }
    this.undo = async () => void (await Promise.all(backs.map((back) => back())))
    return edited
  }

  async create(uri: string, text: string): Promise<Edited> {
    await this.write(uri, Buffer.from(text))
    return { before: '', after: text, saved: true }
  }
}

/** One root at `memory:/project`, whose files are the keys of `files`. */
export class MemoryWorkspace extends FakeWorkspace {
  readonly files = new Map<string, Uint8Array>()

  constructor(files: Record<string, string | Uint8Array>) {
    super()
    for (const [name, content] of Object.entries(files)) {
      this.files.set(name, typeof content === 'string' ? Buffer.from(content) : content)
    }
  }

  roots(): Root[] {
    return [{ name: 'work', uri: 'memory:/project' }]
  }
  uriOf(root: Root, below: string): string {
    return below === '' ? root.uri : `${root.uri}/${below.split('/').map(encodeURIComponent).join('/')}`
  }
  async realPath(): Promise<RealPath> {
    throw new Error('nothing here is on this machine')
  }
  async stat(uri: string): Promise<Stat | undefined> {
    const content = this.files.get(this.#name(uri))
    if (content) return { kind: 'file', size: content.length }
    return (await this.list(uri)).length > 0 ? { kind: 'folder', size: 0 } : undefined
  }
  async list(uri: string): Promise<Entry[]> {
    const folder = this.#name(uri)
    const names = new Map<string, Entry>()
    for (const file of this.files.keys()) {
      if (folder !== '' && !file.startsWith(`${folder}/`)) continue
      const [name = '', ...below] = file.slice(folder === '' ? 0 : folder.length + 1).split('/')
      names.set(name, { name, kind: below.length > 0 ? 'folder' : 'file' })
    }
    return [...names.values()]
  }
  async read(uri: string): Promise<Uint8Array> {
    const content = this.files.get(this.#name(uri))
    if (!content) throw new Error(`${uri} is not there`)
    return content
  }
  async write(uri: string, bytes: Uint8Array): Promise<void> {
    this.files.set(this.#name(uri), bytes)
  }
  #name(uri: string): string {
    return uri.slice('memory:/project/'.length).split('/').map(decodeURIComponent).join('/')
  }
}

/** Folders of this machine. */
export class FolderWorkspace extends FakeWorkspace {
  readonly #roots: Root[]

  constructor(...folders: string[]) {
    super()
    this.#roots = folders.map((folder) => ({ name: path.basename(folder), uri: pathToFileURL(folder).href, folder }))
  }

  roots(): Root[] {
    return this.#roots
  }
  uriOf(root: Root, below: string): string {
    return pathToFileURL(path.join(root.folder!, below)).href
  }
  realPath(file: string): Promise<RealPath> {
    return realPathOf(file)
  }
  async stat(uri: string): Promise<Stat | undefined> {
    const found = await stat(new URL(uri)).catch(() => undefined)
    return found && { kind: found.isDirectory() ? 'folder' : 'file', size: found.size }
  }
  async list(uri: string): Promise<Entry[]> {
    const entries = await readdir(new URL(uri), { withFileTypes: true })
    return entries.map((entry) => ({
      name: entry.name,
      kind: entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'folder' : 'file',
    }))
  }
  async read(uri: string): Promise<Uint8Array> {
    return readFile(new URL(uri))
  }
  async write(uri: string, bytes: Uint8Array): Promise<void> {
    await mkdir(new URL('.', uri), { recursive: true })
    await writeFile(new URL(uri), bytes)
  }
}
