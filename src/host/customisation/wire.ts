/** Agents, prompts and instructions in this window: what finds them, what watches them, what helps to write them. */
import * as vscode from 'vscode'
import type { Memory } from '../choice.ts'
import type { Log } from '../log.ts'
import type { Models } from '../models.ts'
import type { Settings } from '../settings.ts'
import type { Known } from './field-help.ts'
import type { ToolSet } from '../tool-set.ts'
import { customisingDesk } from './editor-desk.ts'
import { editorHelp } from './editor-help.ts'
import { EditorFiles, ownFolder, watchFiles } from './editor-files.ts'
import { Customising } from './window.ts'

export type WindowCustomisingParts = {
  context: vscode.ExtensionContext
  memory: Memory
  log: Log
  settings(): Settings
  /** Whose names can stand in a file. */
  models(): Pick<Models, 'groups'>
  tools(): Pick<ToolSet, 'all'>
  /** What a panel knows of them is stale. */
  changed(): void
}

export type WindowCustomising = {
  customising: Customising
  /** From now on changes of files are heard of. */
  begin(): void
  settingsChanged(): void
  disposable: vscode.Disposable
}

export function windowCustomising(parts: WindowCustomisingParts): WindowCustomising {
  const { context, memory, log, settings } = parts
  const own = (): vscode.Uri => ownFolder(context, settings().agentsFolder)
  const load = () => import('./index.ts')
  const customising = new Customising({
    files: new EditorFiles(own),
    settings: () => {
      const { systemPrompt, instructions, agent } = settings()
      return { systemPrompt, kinds: instructions, ...(agent && { agent }) }
    },
    memory,
    log,
    load,
    desk: customisingDesk(own),
  })
  const changed = (): void => {
    customising.forget()
    parts.changed()
  }
  let watching: { folder: string; watcher: vscode.Disposable } | undefined
  const watch = (): void => {
    const folder = own()
    if (watching?.folder === folder.toString()) return
    watching?.watcher.dispose()
    watching = { folder: folder.toString(), watcher: watchFiles(folder, changed) }
  }
  const disposable = vscode.Disposable.from(
    vscode.workspace.onDidChangeWorkspaceFolders(changed),
    vscode.commands.registerCommand('panelist.newAgent', () => customising.create()),
    vscode.commands.registerCommand('panelist.configureAgents', () => customising.configure()),
    editorHelp({ load, known: async () => ({ ...(await named(parts)), agents: await customising.agents() }) }),
    { dispose: () => watching?.watcher.dispose() },
  )
  const settingsChanged = (): void => {
    customising.forget()
    if (watching) watch()
  }
  return { customising, begin: watch, settingsChanged, disposable }
}

async function named({ models, tools }: WindowCustomisingParts): Promise<Omit<Known, 'agents'>> {
  const groups = await models().groups(false)
  return {
    models: groups.flatMap((group) => group.models.map(({ id }) => `${group.provider}/${id}`)),
    tools: (await tools().all()).map(({ name }) => name),
  }
}
