/** Panelist's own tools in this editor. Loaded when a model is first told of tools. */
import { realpathSync } from 'node:fs'
import type { ShellKind } from '../tools/command-line.ts'
import { shellKindOf } from '../tools/command-line.ts'
import { builtInTools } from '../tools/built-in/index.ts'
import { shellName } from '../tools/machine/shell.ts'
import type { PathPort } from '../tools/protected-paths.ts'
import type { Tool } from '../tools/tool.ts'
import { workspaceTools } from './workspace-tools/index.ts'

export type BuiltIn = {
  /** Those that have something to work on now. */
  tools(): Tool[]
  /** By what a path is judged before a person is asked. */
  paths(): PathPort
  shell(): ShellKind
  dispose(): void
}

/** What needs no folder. */
const ANYWHERE = new Set(['fetch_url'])

/** `allowedHosts`: see the setting `panelist.tools.allowedHosts`. */
export function openBuiltIn(allowedHosts: () => readonly string[], shell: () => string): BuiltIn {
  const ports = workspaceTools(allowedHosts)
  const all = builtInTools(ports)
  const { workspace } = ports
  return {
    tools: () => (workspace.roots().length > 0 ? all : all.filter(({ name }) => ANYWHERE.has(name))),
    paths: () => ({
      roots: workspace.roots().flatMap(({ folder }) => (folder === undefined ? [] : [really(folder)])),
      windows: workspace.platform === 'windows',
      realPath: (path) => workspace.realPath(path),
    }),
    shell: () => shellKindOf(shellName(shell())),
    dispose: () => ports.terminal.dispose(),
  }
}

/** With its links resolved; as it stands where it is gone. */
function really(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch {
    return folder
  }
}
