/** What of the editor the servers of a window need. Tests play it; `editor-desk.ts` is VS Code. */
import type { Item, TextBox } from '../provider-page/boxes.ts'

/** `panelist.mcp.servers` as a person writes it. */
export type Entries = Record<string, Record<string, unknown>>

export type Folder = { name: string; path: string; uri: string }

export type McpBoxes = {
  /** Undefined where the person left, or `signal` was aborted. */
  ask(box: TextBox & { secret?: boolean }, signal?: AbortSignal): Promise<string | undefined>
  pick<T>(items: readonly Item<T>[], box: PickBox, signal?: AbortSignal): Promise<Item<T> | undefined>
  pickMany<T>(items: readonly Item<T>[], box: PickBox, signal?: AbortSignal): Promise<Item<T>[] | undefined>
  /** A dialog that stands in the way; one of `answers`, or undefined where it was closed by `leave` or otherwise. */
  choose(question: string, detail: string, answers: readonly string[], leave: string): Promise<string | undefined>
  /** Shown until `run` has settled; its signal is aborted where the person no longer wants to wait. */
  waiting<T>(title: string, run: (signal: AbortSignal) => Promise<T>): Promise<T>
}

export type PickBox = { title: string; placeHolder: string }

export type McpDesk = {
  boxes: McpBoxes
  /** False in Restricted Mode: then nothing is read, asked or started. */
  trusted(): boolean
  /** Of the file system alone: a server cannot reach others. */
  folders(): readonly Folder[]
  /** `panelist.mcp.servers` of the person's own settings. */
  entries(): unknown
  /** Throws a sentence where the settings cannot be written. */
  write(change: (entries: Entries) => Entries): Promise<void>
  /** `panelist.mcp.sampling`. */
  sampling(): 'ask' | 'never'
  env(name: string): string | undefined
  readFile(file: string): Promise<string>
  /** The settings, where no file is named. */
  edit(file: string | undefined): Promise<void>
  openExternal(url: string): Promise<boolean>
  /** Where a browser comes back to: this editor, with the path `MCP_CALLBACK`. */
  redirectUri(): Promise<string>
}

export const MCP_CALLBACK = '/mcp-sign-in'
