/** The workspace as the editor has it: its folders, its files, and the texts that its editors hold. */
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import { realPathOf } from '../../tools/machine/disk.ts'
import type { Edited, Entry, RealPath, Root, Stat, TextEdit, TextFile, Workspace } from '../../tools/ports.ts'
import { NotText } from '../../tools/ports.ts'

/** Milliseconds that the editor has to notice that a file changed on the disk. */
const NOTICE_MS = 5000

export class EditorWorkspace implements Workspace {
  readonly platform = process.platform === 'win32' ? 'windows' : 'posix'

  roots(): Root[] {
    const taken = new Set<string>()
    return (vscode.workspace.workspaceFolders ?? []).map(({ name: given, uri }) => {
      let name = given.replaceAll('/', '_')
      for (let copy = 2; taken.has(name); copy++) name = `${given} (${copy})`
      taken.add(name)
      return { name, uri: uri.toString(), ...(uri.scheme === 'file' && { folder: uri.fsPath }) }
    })
  }

  uriOf(root: Root, path: string): string {
    const base = vscode.Uri.parse(root.uri, true)
    return (path === '' ? base : vscode.Uri.joinPath(base, path)).toString()
  }

  realPath(file: string): Promise<RealPath> {
    return realPathOf(file)
  }

  async stat(uri: string): Promise<Stat | undefined> {
    try {
      const { type, size } = await vscode.workspace.fs.stat(at(uri))
      return { kind: (type & vscode.FileType.Directory) !== 0 ? 'folder' : 'file', size }
    } catch (error) {
      if (error instanceof vscode.FileSystemError && /^(FileNotFound|FileNotADirectory)$/.test(error.code))
        return undefined
      throw error
    }
  }

  async list(uri: string): Promise<Entry[]> {
    const entries = await vscode.workspace.fs.readDirectory(at(uri))
    return entries.map(([name, type]) => ({ name, kind: kindOf(type) }))
  }

  async read(uri: string): Promise<Uint8Array> {
    return vscode.workspace.fs.readFile(at(uri))
  }

  async readText(uri: string): Promise<TextFile> {
    const open = openDocument(uri)
    // What is open and unchanged may be behind the disk, until the editor has noticed.
    if (open?.isDirty || open?.uri.scheme === 'untitled') return { text: open.getText(), unsaved: true }
    return { text: await this.#stored(uri), unsaved: false }
  }

  async #stored(uri: string): Promise<string> {
    const content = await this.read(uri)
    try {
      const encoding = openDocument(uri)?.encoding
      if (encoding === undefined) return await vscode.workspace.decode(content, { uri: at(uri) })
      return await vscode.workspace.decode(content, { encoding })
    } catch {
      throw new NotText('The file is binary.')
    }
  }

  /** The document with the text of the disk or with a person's unsaved changes: never one that is behind the disk. */
  async #current(uri: string): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(at(uri))
    for (let waited = 0; !document.isDirty; waited += NOTICE_MS / 50) {
      if (sameLines(document.getText(), await this.#stored(uri))) break
      if (waited >= NOTICE_MS) {
        throw new Error(
          `The editor has not noticed yet that ${vscode.workspace.asRelativePath(document.uri)} changed on the disk. Try again.`,
        )
      }
      await pause(NOTICE_MS / 50)
    }
    return document
  }

  excludes(uri: string): string[] {
    const globs = vscode.workspace.getConfiguration('files', at(uri)).get<Record<string, unknown>>('exclude') ?? {}
    return Object.keys(globs).filter((glob) => globs[glob] === true)
  }

  async edit(files: readonly TextEdit[]): Promise<Edited[]> {
    const documents = await Promise.all(files.map(({ uri }) => this.#current(uri)))
    // From here to the edit nothing waits, so the texts that are changed are those that the changes were made for.
    const edit = new vscode.WorkspaceEdit()
    const edits = files.map(({ change }, at) => {
      const document = documents[at]!
      const [held, before] = [document.isDirty, document.getText()]
      const changes = change(before)
      for (const { start, end, text } of changes) {
        edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text)
      }
      return { document, held, before, changed: changes.length > 0 }
    })
    const changed = edits.filter((one) => one.changed)
    if (changed.length > 0 && !(await vscode.workspace.applyEdit(edit)))
      throw new Error(`The editor did not take the edit of ${namesOf(changed)}. Nothing changed.`)
    // Unsaved changes are the person's: they, and what is built on them, are theirs to save.
    const unsaved = []
    for (const one of changed) if (!one.held && !(await one.document.save())) unsaved.push(one)
    if (unsaved.length > 0) throw new Error(`Changed in the editor but could not be saved: ${namesOf(unsaved)}.`)
    return edits.map(({ document, held, before }) => ({ before, after: document.getText(), saved: !held }))
  }

  async create(uri: string, text: string): Promise<Edited> {
    const contents = await vscode.workspace.encode(text, { uri: at(uri) })
    const edit = new vscode.WorkspaceEdit()
    edit.createFile(at(uri), { contents, overwrite: false, ignoreIfExists: false })
    const name = vscode.workspace.asRelativePath(at(uri))
    if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`The editor could not make ${name}.`)
    return { before: '', after: text, saved: true }
  }
}

function namesOf(edits: readonly { document: vscode.TextDocument }[]): string {
  return edits.map(({ document }) => vscode.workspace.asRelativePath(document.uri)).join(', ')
}

function openDocument(uri: string): vscode.TextDocument | undefined {
  const wanted = at(uri).toString()
  return vscode.workspace.textDocuments.find((each) => !each.isClosed && each.uri.toString() === wanted)
}

/** An editor makes the line breaks of a file alike, and keeps no byte order mark in its text. */
function sameLines(one: string, other: string): boolean {
  const plain = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  return plain(one) === plain(other)
}

const at = (uri: string): vscode.Uri => vscode.Uri.parse(uri, true)

function kindOf(type: vscode.FileType): Entry['kind'] {
  if ((type & vscode.FileType.SymbolicLink) !== 0) return 'link'
  return (type & vscode.FileType.Directory) !== 0 ? 'folder' : 'file'
}
