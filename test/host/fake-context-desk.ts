/** The editor as context sees it, with a real folder and a real git behind it. */
import { pathToFileURL } from 'node:url'
import type { ContextDesk, LastCommand, OpenFile, Stretch, WorkspaceSymbol } from '../../src/host/context/desk.ts'
import { LocalGit } from '../../src/tools/machine/git.ts'
import { LocalNet } from '../../src/tools/machine/net.ts'
import type { Diagnostic, SymbolInfo } from '../../src/tools/ports.ts'
import { FolderWorkspace } from '../tools/built-in/workspaces.ts'

export class FakeContextDesk implements ContextDesk {
  readonly workspace: FolderWorkspace
  /** Every question, and what it is answered. */
  readonly asked: string[] = []
  yes = true
  isTrusted = true
  selected: Stretch | undefined
  shown: (Stretch & { selected: boolean }) | undefined
  open: OpenFile[] = []
  outline: SymbolInfo[] = []
  known: WorkspaceSymbol[] = []
  problems: Diagnostic[] = []
  command: LastCommand | undefined
  hosts: string[] = []

  constructor(...folders: string[]) {
    this.workspace = new FolderWorkspace(...folders)
  }

  ports() {
    return {
      workspace: this.workspace,
      language: {
        symbols: () => Promise.resolve(this.outline),
        references: () => Promise.resolve([]),
        diagnostics: () => this.problems,
      },
      git: new LocalGit(),
      net: new LocalNet(() => this.hosts),
    }
  }
  trusted(): boolean {
    return this.isTrusted
  }
  confirm(question: string): Promise<boolean> {
    this.asked.push(question)
    return Promise.resolve(this.yes)
  }
  selection(): Stretch | undefined {
    return this.selected
  }
  current(): (Stretch & { selected: boolean }) | undefined {
    return this.shown
  }
  openFiles(): OpenFile[] {
    return this.open
  }
  symbols(): Promise<WorkspaceSymbol[]> {
    return Promise.resolve(this.known)
  }
  lastCommand(): LastCommand | undefined {
    return this.command
  }
  uriOfPath(path: string): string {
    return pathToFileURL(path).href
  }
}
