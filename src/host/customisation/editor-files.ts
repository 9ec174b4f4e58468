/** The files of customisations, as VS Code has them: also where the workspace is on no disk of this machine. */
import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import * as vscode from 'vscode'
import type { CustomisationFiles, Read, Root } from './ports.ts'

/** Folders below folders, and files in all of them. */
const DEEPEST = 6
const MOST_ENTRIES = 1_000
const MOST_FOUND = 200

export class EditorFiles implements CustomisationFiles {
  readonly #own: () => vscode.Uri

  constructor(own: () => vscode.Uri) {
    this.#own = own
  }

  trusted(): boolean {
    return vscode.workspace.isTrusted
  }

  folders(): Root[] {
    return (vscode.workspace.workspaceFolders ?? []).map(({ name, uri }) => ({
      place: 'workspace',
      name,
      uri: uri.toString(),
    }))
  }

  own(): Root {
    return { place: 'user', name: 'user', uri: this.#own().toString() }
  }

  async list(root: Root, folder: string, deep: boolean): Promise<string[]> {
    const files: string[] = []
    const walk = async (below: string, depth: number): Promise<void> => {
      const entries = await entriesOf(locate(root, below))
      for (const [name, type] of entries) {
        if (files.length >= MOST_ENTRIES) return
        const place = below === '' ? name : `${below}/${name}`
        if ((type & vscode.FileType.File) !== 0) files.push(place)
        else if (deep && type === vscode.FileType.Directory && depth < DEEPEST) await walk(place, depth + 1)
      }
    }
    await walk(folder, 0)
    return files
  }

  async find(root: Root, name: string): Promise<string[]> {
    const folder = vscode.Uri.parse(root.uri, true)
    const pattern = new vscode.RelativePattern(folder, `**/${name}`)
    const found = await vscode.workspace.findFiles(pattern, '**/node_modules/**', MOST_FOUND)
    return found.map((uri) => path.posix.relative(folder.path, uri.path))
  }

  async read(root: Root, place: string, most: number): Promise<Read> {
    const uri = locate(root, place)
    try {
      const { type, size } = await vscode.workspace.fs.stat(uri)
      if ((type & vscode.FileType.File) === 0) return { why: 'missing' }
      if (size > most) return { why: 'large' }
      const real = uri.scheme === 'file' ? await realpath(uri.fsPath) : uri.toString()
      if (root.place === 'workspace' && uri.scheme === 'file' && !(await isBelow(real, root))) return { why: 'outside' }
      const bytes = await vscode.workspace.fs.readFile(uri)
      return bytes.length > most ? { why: 'large' } : { text: new TextDecoder().decode(bytes), real }
    } catch (error) {
      const gone = error instanceof vscode.FileSystemError && error.code === 'FileNotFound'
      return { why: gone ? 'missing' : 'unreadable' }
    }
  }

  uriOf(root: Root, place: string): string {
    return locate(root, place).toString()
  }
}

const locate = (root: Root, place: string): vscode.Uri =>
  place === '' ? vscode.Uri.parse(root.uri, true) : vscode.Uri.joinPath(vscode.Uri.parse(root.uri, true), place)

async function entriesOf(folder: vscode.Uri): Promise<[string, vscode.FileType][]> {
  try {
    return await vscode.workspace.fs.readDirectory(folder)
  } catch {
    return []
  }
}

async function isBelow(real: string, root: Root): Promise<boolean> {
  const top = await realpath(vscode.Uri.parse(root.uri, true).fsPath)
  const way = path.relative(top, real)
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}

/**
 * The person's own folder: the setting, else the one VS Code keeps their own prompts and agents in, beside the folder
 * where it keeps what extensions store.
 */
export function ownFolder(context: Pick<vscode.ExtensionContext, 'globalStorageUri'>, setting: string): vscode.Uri {
  if (setting === '') return vscode.Uri.joinPath(context.globalStorageUri, '..', '..', 'prompts')
  return vscode.Uri.file(setting.replace(/^~(?=$|[\\/])/, homedir()))
}

const WATCHED = [
  '**/{AGENTS,CLAUDE}.md',
  '**/.github/copilot-instructions.md',
  '**/.github/{agents,chatmodes,prompts,instructions}/**',
]

/** Calls `changed` a moment after one of these files changed. */
export function watchFiles(own: vscode.Uri, changed: () => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    // Programs write a file in several steps.
    timer = setTimeout(changed, 200)
  }
  const patterns = [...WATCHED, new vscode.RelativePattern(own, '*.md')]
  const watchers = patterns.map((pattern) => vscode.workspace.createFileSystemWatcher(pattern))
  const listening = watchers.flatMap((watcher) => [
    watcher,
    watcher.onDidChange(soon),
    watcher.onDidCreate(soon),
    watcher.onDidDelete(soon),
  ])
  return vscode.Disposable.from(...listening, { dispose: () => clearTimeout(timer) })
}
