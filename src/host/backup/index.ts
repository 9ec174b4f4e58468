/** The store of this window and all that a person can do with it as a whole. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as vscode from 'vscode'
import type { Log } from '../log.ts'
import type { Notices } from '../services.ts'
import type { CopyBoxes, Declined } from './copies.ts'
import { Copies } from './copies.ts'
import type { LazyStore } from './lazy-store.ts'
import { lazyStore } from './lazy-store.ts'
import { DATABASE, placeOf } from './place.ts'

const SETTING = 'panelist.storagePath'
const LAST = 'panelist.storage.last'
const DECLINED = 'panelist.storage.declined'
const FILTERS = { 'Panelist chats': ['db'] }

export type BackupParts = {
  context: Pick<vscode.ExtensionContext, 'globalStorageUri' | 'globalState' | 'subscriptions'>
  notices: Notices
  log: Log
  /** Answers that are being written in this window. */
  running(): number
  /** All panels have to be drawn anew. */
  replaced(): void
  /** The list of chats has changed. */
  chatsChanged(): void
}

/** Registers the commands, and opens nothing. */
export function wireStore({ context, notices, log, running, replaced, chatsChanged }: BackupParts): LazyStore {
  const usual = context.globalStorageUri.fsPath
  const wanted = (): string => {
    // Of the person's own settings: a workspace has no say in where chats are written.
    const value = vscode.workspace.getConfiguration().inspect(SETTING)?.globalValue
    return typeof value === 'string' ? value : ''
  }
  const store = lazyStore({
    place: () => placeOf(wanted(), usual),
    notices,
    log,
    indexed: chatsChanged,
    opened: (_, path) => void offer(path),
  })
  const copies = new Copies({
    store,
    path: () => store.path,
    home: homedir(),
    boxes,
    running,
    replaced() {
      store.reindex()
      replaced()
    },
  })
  const offer = async (path: string): Promise<void> => {
    const last = context.globalState.get<string>(LAST)
    const others = [last, join(usual, DATABASE)].filter((other) => other !== undefined && other !== path)
    await copies.offer([...new Set(others as string[])], declinedIn(context.globalState))
    if (last !== path) await context.globalState.update(LAST, path)
  }
  context.subscriptions.push(
    vscode.commands.registerCommand('panelist.backUpChats', () => copies.backUp()),
    vscode.commands.registerCommand('panelist.restoreChats', () => copies.restore()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING) && store.path !== undefined)
        void offerReload(store.path, placeOf(wanted(), usual).folder)
    }),
  )
  return store
}

async function offerReload(path: string, folder: string): Promise<void> {
  if (dirname(path) === folder) return
  const reload = 'Reload Window'
  const text = `Chats will be kept in ${folder} once this window is reloaded. Those of now are offered to be copied there.`
  if ((await vscode.window.showInformationMessage(text, reload)) === reload) {
    await vscode.commands.executeCommand('workbench.action.reloadWindow')
  }
}

function declinedIn(memory: vscode.Memento): Declined {
  const all = (): Record<string, number> => memory.get(DECLINED, {})
  return {
    get: (path) => all()[path],
    set: async (path, count) => memory.update(DECLINED, { ...all(), [path]: count }),
  }
}

/** In a remote window these are files of the machine the extension runs on. */
const boxes: CopyBoxes = {
  async askTarget(proposed) {
    const defaultUri = vscode.Uri.file(proposed)
    return (
      await vscode.window.showSaveDialog({
        defaultUri,
        filters: FILTERS,
        title: 'Back Up Conversations',
        saveLabel: 'Back Up',
      })
    )?.fsPath
  },
  async askSource(folder) {
    const options = {
      defaultUri: vscode.Uri.file(folder),
      filters: FILTERS,
      title: 'Restore Conversations',
      openLabel: 'Restore',
    }
    return (await vscode.window.showOpenDialog(options))?.[0]?.fsPath
  },
  async ask(question, detail, ...buttons) {
    const options = detail === undefined ? {} : { modal: true, detail }
    return vscode.window.showInformationMessage(question, options, ...buttons)
  },
  tell: (text) => void vscode.window.showInformationMessage(text),
  fail: (text) => void vscode.window.showErrorMessage(text),
  during: async (title, work) =>
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, work),
}
