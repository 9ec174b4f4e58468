/** Folders dropped from outside of the editor, which the browser alone can read: their files as one attachment. */
import { isSecret } from '../../src/shared/secret-names.ts'
import { Attachment } from './attachment.ts'
import { base64Of, isText } from './intake.ts'
import type { Table } from './intake.ts'

/** Files that are named. */
const MOST_NAMED = 500
/** Characters of all files together, and bytes of one that is looked into. */
const MOST_TEXT = 60_000
const LARGEST = 20_000
/** What nobody means by a folder of theirs. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.DS_Store'])

export async function takeFolders(panel: Table, folders: readonly FileSystemDirectoryEntry[]): Promise<void> {
  for (const folder of folders) {
    try {
      panel.composer.attach([await asAttachment(folder)])
    } catch (error) {
      panel.problem = error instanceof Error ? error.message : `${folder.name} could not be read.`
    }
  }
  panel.composer.focus()
}

/** The names of its files, and those in full that there is room for. Throws a sentence where it has none. */
async function asAttachment(folder: FileSystemDirectoryEntry): Promise<Attachment> {
  const names: string[] = []
  const texts: string[] = []
  let room = MOST_TEXT
  for await (const entry of filesIn(folder)) {
    const path = `${folder.name}${entry.fullPath.slice(folder.fullPath.length)}`
    names.push(path)
    if (names.length >= MOST_NAMED) break
    const text = isSecret(path) ? undefined : await textOf(entry, room)
    if (text === undefined) continue
    room -= text.length
    texts.push(`--- ${path}\n${text}`)
  }
  if (names.length === 0) throw new Error(`${folder.name} has no files.`)
  const detail = `${texts.length} of ${names.length}${names.length >= MOST_NAMED ? ' or more' : ''} files`
  const words = `${names.join('\n')}\n\n${texts.join('\n\n')}`
  return Attachment.text(`${folder.name}/ (folder: ${detail} in full)`, base64Of(words), {
    label: `${folder.name}/`,
    detail,
    icon: 'folder',
  })
}

/** Breadth first, in the order of their names. */
async function* filesIn(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemFileEntry> {
  const waiting = [folder]
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const entry of await entriesOf(next)) {
      if (LEFT_OUT.has(entry.name)) continue
      if (entry.isDirectory) waiting.push(entry as FileSystemDirectoryEntry)
      else yield entry as FileSystemFileEntry
    }
  }
}

/** A reader gives them in parts, and at the end none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return all.sort((one, other) => (one.name < other.name ? -1 : 1))
    all.push(...part)
  }
}

/** Undefined for what is no text, or too large for the room that is left. */
async function textOf(entry: FileSystemFileEntry, room: number): Promise<string | undefined> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
  if (file.size === 0 || file.size > Math.min(room, LARGEST) || !(await isText(file))) return undefined
  return (await file.text()).replace(/\r\n?/g, '\n')
}
