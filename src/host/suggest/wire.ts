/** Suggestions and context in this window. */
import * as vscode from 'vscode'
import type { Chosen, PanelEvent } from '../../shared/protocol.ts'
import { Calibration } from '../../usage/calibration.ts'
import type { FactorMemory } from '../../usage/calibration.ts'
import type { CurrentFileFeed, CurrentFileMode } from '../context/current-file.ts'
import { registerContextCommands } from '../context/commands.ts'
import { TerminalLog } from '../context/terminal-log.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services.ts'
import type { Settings } from '../settings.ts'
import { HeldFiles } from './held.ts'
import type { Offering } from './mcp.ts'
import { Suggestions } from './suggestions.ts'

export type WindowSuggestionsParts = {
  log: Log
  memory: FactorMemory
  settings(): Pick<Settings, 'tools'>
  offering(): Offering
  /** Tells every panel. */
  tell(event: PanelEvent): void
  /** Shows the panel used last and tells it this. */
  show(...events: PanelEvent[]): unknown
}

/** Milliseconds: a file that is typed in changes with every key. */
const PAUSE = 400

export function windowSuggestions({ log, memory, settings, offering, tell, show }: WindowSuggestionsParts): {
  services: Pick<Services, 'suggestions' | 'context'>
  disposable: vscode.Disposable
} {
  const terminals = new TerminalLog()
  const disposables: vscode.Disposable[] = [terminals]
  const loadDesk = async () => {
    const door = await import('./index.ts')
    return {
      door,
      desk: door.editorDesk(
        () => settings().tools.allowedHosts,
        () => terminals.last,
      ),
    }
  }
  let loading: ReturnType<typeof loadDesk> | undefined
  const loaded = () => (loading ??= loadDesk())
  const suggestions = new Suggestions({
    log,
    load: async () => {
      const { door, desk } = await loaded()
      disposables.push(...watchFiles(() => tell({ type: 'context-changed' })))
      return { sources: door.ownSources(desk, offering), rank: door.rank }
    },
  })
  const held = new HeldFiles()
  suggestions.add(held)
  disposables.push(...registerContextCommands({ show, hold: held.hold }))
  let feed: Promise<CurrentFileFeed> | undefined
  const openFeed = async (): Promise<CurrentFileFeed> => {
    const { door, desk } = await loaded()
    return new door.CurrentFileFeed({
      desk,
      mode: currentFileMode,
      watch: (changed) => disposables.push(...watchEditors(changed)),
    })
  }
  const current = () => (feed ??= openFeed())
  const calibration = new Calibration(memory)
  return {
    services: {
      suggestions,
      context: {
        factorOf: ({ provider, model }: Chosen) => calibration.factor(`${provider}/${model}`),
        current: {
          follow: async (panel) => (currentFileMode() === 'off' ? null : (await current()).follow(panel)),
          read: async () => (await current()).read(),
        },
      },
    },
    disposable: new vscode.Disposable(() => disposables.forEach((one) => one.dispose())),
  }
}

/** The person's own setting: a workspace must not send files along. */
function currentFileMode(): CurrentFileMode {
  const mode = vscode.workspace.getConfiguration('panelist').inspect<string>('context.currentFile')?.globalValue
  return mode === 'on' || mode === 'off' ? mode : 'offer'
}

function watchFiles(changed: () => void): vscode.Disposable[] {
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, PAUSE)
  }
  const watcher = vscode.workspace.createFileSystemWatcher('**/*')
  const { onDidChangeTextDocument, onDidSaveTextDocument } = vscode.workspace
  return [
    watcher,
    watcher.onDidChange(soon),
    watcher.onDidCreate(soon),
    watcher.onDidDelete(soon),
    onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && document.uri.scheme !== 'output') soon()
    }),
    onDidSaveTextDocument(soon),
    vscode.languages.onDidChangeDiagnostics(soon),
  ]
}

function watchEditors(changed: () => void): vscode.Disposable[] {
  const { window, workspace } = vscode
  return [
    window.onDidChangeActiveTextEditor(changed),
    window.onDidChangeTextEditorSelection(changed),
    window.onDidChangeTextEditorVisibleRanges(changed),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('panelist.context') && changed()),
    workspace.onDidGrantWorkspaceTrust(changed),
  ]
}
