/** What of the editor becomes context. `editor-desk.ts` is VS Code, tests play it by hand. */
import type { Ports } from '../../tools/ports.ts'

/** A stretch of a document. Lines from 1, both ends included. `lines`: of the whole document. */
export type Stretch = {
  uri: string
  /** The path, relative to the workspace where it is in it. */
  shown: string
  text: string
  from: number
  to: number
  lines: number
}

export type OpenFile = { uri: string; shown: string }

/** A symbol of the workspace. Lines from 1. */
export type WorkspaceSymbol = { name: string; kind: string; container?: string } & Pick<
  Stretch,
  'uri' | 'shown' | 'from' | 'to'
>

/** The last command of a terminal, as shell integration told of it. `output` is cleaned and bounded. */
export type LastCommand = { terminal: string; line: string; output: string; exitCode?: number; running?: true }

export interface ContextDesk {
  ports(): Pick<Ports, 'workspace' | 'language' | 'git' | 'net'>
  /** False in Restricted Mode. */
  trusted(): boolean
  /** A dialog that stands in the way. */
  confirm(question: string, detail: string, yes: string): Promise<boolean>
  /** What is selected in the active editor; undefined where nothing is. */
  selection(): Stretch | undefined
  /** The selection, or what can be seen of the active editor. */
  current(): (Stretch & { selected: boolean }) | undefined
  openFiles(): OpenFile[]
  symbols(query: string): Promise<WorkspaceSymbol[]>
  lastCommand(): LastCommand | undefined
  /** The address of a file by its path on this machine. */
  uriOfPath(path: string): string
}
