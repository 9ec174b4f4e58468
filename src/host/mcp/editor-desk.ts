/** VS Code as the servers of a window see it. */
import { readFile } from 'node:fs/promises'
import * as vscode from 'vscode'
import { isObject } from '../../shared/json.ts'
import { FILES } from './configuration.ts'
import type { Entries, McpBoxes, McpDesk } from './desk.ts'
import { MCP_CALLBACK } from './desk.ts'

const boxes: McpBoxes = {
  async ask({ check, secret, ...box }, signal) {
    const options = { ...box, ignoreFocusOut: true, password: secret === true }
    const validateInput = (text: string) => {
      const objection = check(text)
      return typeof objection === 'object' ? objection.warning : objection
    }
    return withToken(signal, (token) => vscode.window.showInputBox({ ...options, validateInput }, token))
  },

  async pick(items, box, signal) {
    return withToken(signal, (token) => vscode.window.showQuickPick(items, { ...box, ignoreFocusOut: true }, token))
  },

  async pickMany(items, box, signal) {
    const options = { ...box, ignoreFocusOut: true, canPickMany: true as const }
    return withToken(signal, (token) => vscode.window.showQuickPick(items, options, token))
  },

  async choose(question, detail, answers, leave) {
    const items = [...answers.map((title) => ({ title })), { title: leave, isCloseAffordance: true }]
    const title = (await vscode.window.showWarningMessage(question, { modal: true, detail }, ...items))?.title
    return title === leave ? undefined : title
  },

  async waiting(title, run) {
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title }
    return vscode.window.withProgress(options, (_, token) => {
      const controller = new AbortController()
      token.onCancellationRequested(() => controller.abort())
      return run(controller.signal)
    })
  },
}

export const mcpDesk: McpDesk = {
  boxes,
  trusted: () => vscode.workspace.isTrusted,
  folders: () =>
    (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ name, uri }) => ({ name, path: uri.fsPath, uri: uri.toString() })),
  entries: () => own('servers'),
  write: (change) => {
    const work = last.then(() => write(change))
    last = work.catch(() => undefined)
    return work
  },
  sampling: () => (own('sampling') === 'never' ? 'never' : 'ask'),
  env: (name) => process.env[name],
  readFile: (file) => readFile(file, 'utf8'),
  edit: async (file) => {
    if (file === undefined)
      await vscode.commands.executeCommand('workbench.action.openSettingsJson', {
        revealSetting: { key: 'panelist.mcp.servers' },
      })
    else await vscode.window.showTextDocument(vscode.Uri.file(file))
  },
  // As a string, which the editor takes too: a Uri would spell the address anew and break what is encoded in it.
  openExternal: async (url) => vscode.env.openExternal(url as unknown as vscode.Uri),
  redirectUri: async () => {
    const address = `${vscode.env.uriScheme}://panelist.panelist${MCP_CALLBACK}`
    return (await vscode.env.asExternalUri(vscode.Uri.parse(address))).toString(true)
  },
}

/** Calls `changed` a moment after files that hold servers, or the folders they are in, changed. */
export function watchFiles(changed: () => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    // Programs write a file in several steps.
    timer = setTimeout(changed, 200)
  }
  const watchers = Object.values(FILES).map((file) => vscode.workspace.createFileSystemWatcher(`**/${file}`))
  const listening = watchers.flatMap((watcher) => [
    watcher,
    watcher.onDidChange(soon),
    watcher.onDidCreate(soon),
    watcher.onDidDelete(soon),
  ])
  return vscode.Disposable.from(...listening, { dispose: () => clearTimeout(timer) })
}

let last: Promise<unknown> = Promise.resolve()

async function write(change: (entries: Entries) => Entries): Promise<void> {
  const written = own('servers')
  // A copy: what VS Code gives cannot be changed.
  const entries = isObject(written) ? (structuredClone(written) as unknown as Entries) : {}
  const changed = change(entries)
  const value = Object.keys(changed).length > 0 ? changed : undefined
  try {
    await vscode.workspace.getConfiguration('panelist.mcp').update('servers', value, vscode.ConfigurationTarget.Global)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The settings could not be written: ${reason} Open your settings file, mend it, and try again.`)
  }
}

/** No workspace decides what runs. */
function own(key: string): unknown {
  return vscode.workspace.getConfiguration('panelist.mcp').inspect<unknown>(key)?.globalValue
}

async function withToken<T>(
  signal: AbortSignal | undefined,
  show: (token: vscode.CancellationToken | undefined) => Thenable<T>,
): Promise<T> {
  if (!signal) return show(undefined)
  const source = new vscode.CancellationTokenSource()
  const cancel = (): void => source.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    return await show(source.token)
  } finally {
    signal.removeEventListener('abort', cancel)
    source.dispose()
  }
}
