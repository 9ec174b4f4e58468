/** The workspace as the editor has it: its folders, its files, and the texts that its editors hold. */
import * as vscode from 'vscode'
import { realPathOf } from '../../tools/machine/disk.ts'
import type { Change, Edited, Entry, RealPath, Root, Stat, TextFile, Workspace } from '../../tools/ports.ts'
import { NotText } from '../../tools/ports.ts'

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
    const open = vscode.workspace.textDocuments.find(
      (each) => !each.isClosed && each.uri.toString() === at(uri).toString(),
    )
    if (open) return { text: open.getText(), unsaved: open.isDirty }
    const content = await this.read(uri)
    try {
      return { text: await vscode.workspace.decode(content, { uri: at(uri) }), unsaved: false }
    } catch {
      throw new NotText('The file is binary.')
    }
  }

  excludes(uri: string): string[] {
    const globs = vscode.workspace.getConfiguration('files', at(uri)).get<Record<string, unknown>>('exclude') ?? {}
    return Object.keys(globs).filter((glob) => globs[glob] === true)
  }

  async edit(uri: string, change: (text: string) => readonly Change[]): Promise<Edited> {
    const document = await vscode.workspace.openTextDocument(at(uri))
    const held = document.isDirty
    const before = document.getText()
    const changes = change(before)
    if (changes.length === 0) return { before, after: before, saved: !held }
    const edit = new vscode.WorkspaceEdit()
    for (const { start, end, text } of changes) {
      edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text)
    }
    const name = vscode.workspace.asRelativePath(document.uri)
    if (!(await vscode.workspace.applyEdit(edit)))
      throw new Error(`The editor did not take the edit of ${name}. Nothing changed.`)
    // Unsaved changes are the person's: they, and what is built on them, are theirs to save.
    if (held) return { before, after: document.getText(), saved: false }
    if (!(await document.save())) throw new Error(`${name} was changed in the editor but could not be saved.`)
    return { before, after: document.getText(), saved: true }
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

const at = (uri: string): vscode.Uri => vscode.Uri.parse(uri, true)

function kindOf(type: vscode.FileType): Entry['kind'] {
  if ((type & vscode.FileType.SymbolicLink) !== 0) return 'link'
  return (type & vscode.FileType.Directory) !== 0 ? 'folder' : 'file'
}
