/** VS Code's own dialogs for exports and imports. */
import { homedir } from 'node:os'
import { basename } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { FileKind, Source, Target, TransferDesk } from './desk.ts'

/** What writes and reads files, loaded when there is one. */
type Files = typeof import('./files.ts')

export function transferDesk(files: () => Promise<Files>): TransferDesk {
  return {
    async saveTo(title, name, kinds) {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir())
      const defaultUri = vscode.Uri.joinPath(folder, name)
      const uri = await vscode.window.showSaveDialog({
        title,
        defaultUri,
        filters: filters(kinds),
        saveLabel: 'Export',
      })
      return uri && targetAt(uri, files)
    },

    async openFrom(title, kinds) {
      const options = { title, filters: filters(kinds), canSelectMany: true, openLabel: 'Import' }
      const uris = await vscode.window.showOpenDialog(options)
      return uris && Promise.all(uris.map((uri) => sourceAt(uri, files)))
    },

    async working(title, run) {
      const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title }
      return vscode.window.withProgress(options, (progress, token) => {
        const controller = new AbortController()
        token.onCancellationRequested(() => controller.abort())
        let shown = 0
        return run({
          signal: controller.signal,
          progress: (done) => {
            const percent = Math.floor(done * 100)
            if (percent <= shown) return
            progress.report({ increment: percent - shown, message: `${percent} %` })
            shown = percent
          },
        })
      })
    },

    async say(level, sentence, buttons) {
      const show = level === 'error' ? vscode.window.showErrorMessage : vscode.window.showInformationMessage
      const answer = show(sentence, ...buttons)
      // Without a button nothing is waited for: the sentence goes when the person closes it.
      return buttons.length > 0 ? answer : Promise.race([answer, setTimeout(0, undefined)])
    },

    async showMarkdown(text) {
      const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: text })
      await vscode.window.showTextDocument(document, { preview: true })
    },

    async showChats() {
      await vscode.commands.executeCommand('panelist.showHistory')
    },
  }
}

const filters = (kinds: readonly FileKind[]): Record<string, string[]> =>
  Object.fromEntries(kinds.map(({ label, endings }) => [label, endings]))

function targetAt(uri: vscode.Uri, files: () => Promise<Files>): Target {
  const name = basename(uri.path)
  return {
    name,
    async write(pieces, signal) {
      const { portions, writeWhole } = await files()
      if (uri.scheme === 'file') return writeWhole(uri.fsPath, pieces, signal)
      const bytes: Uint8Array[] = []
      for await (const portion of portions(pieces, signal)) bytes.push(Buffer.from(portion))
      await vscode.workspace.fs.writeFile(uri, Buffer.concat(bytes))
    },
    async open() {
      if (/\.html?$/.test(name)) await vscode.env.openExternal(uri)
      else await vscode.commands.executeCommand('vscode.open', uri)
    },
  }
}

async function sourceAt(uri: vscode.Uri, files: () => Promise<Files>): Promise<Source> {
  if (uri.scheme === 'file') return (await files()).sourceAt(uri.fsPath)
  const bytes = await vscode.workspace.fs.readFile(uri)
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += PORTION) yield bytes.subarray(at, at + PORTION)
  }
  return { name: basename(uri.path), size: bytes.length, read, find: () => undefined }
}

const PORTION = 256 * 1024
