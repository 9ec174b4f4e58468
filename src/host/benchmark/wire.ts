/** Comparisons in a window of the editor: the file of prompts, the command. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as vscode from 'vscode'
import type { Panels } from '../panels.ts'
import type { Benchmarking, BenchmarkDesk, BenchmarkParts } from './index.ts'
import { benchmarking } from './index.ts'

const FILE = 'benchmark-prompts.json'

export type WindowBenchmarkParts = Omit<BenchmarkParts, 'desk' | 'changed'> & {
  context: vscode.ExtensionContext
  panels: () => Pick<Panels, 'tell' | 'show'>
}

export function windowBenchmark({ context, panels, ...parts }: WindowBenchmarkParts): Benchmarking {
  const file = path.join(context.globalStorageUri.fsPath, FILE)
  const changed = (): void => panels().tell({ type: 'benchmark-changed' })
  const own = benchmarking({ ...parts, desk: deskFor(file), changed })
  context.subscriptions.push(
    vscode.commands.registerCommand('panelist.benchmarkModels', () =>
      panels().show({ type: 'show', what: 'benchmark' }),
    ),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.path.endsWith(`/${FILE}`)) changed()
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(changed),
  )
  return own
}

function deskFor(file: string): BenchmarkDesk {
  const ensure = async (usual: () => string): Promise<void> => {
    if (await stat(file).catch(() => undefined)) return
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, usual(), { flag: 'wx' })
  }
  return {
    trusted: () => vscode.workspace.isTrusted,
    async read(usual) {
      return (await stat(file).catch(() => undefined)) ? readFile(file, 'utf8') : usual()
    },
    async edit(usual) {
      await ensure(usual)
      await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false })
    },
  }
}
