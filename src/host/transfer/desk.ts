/** What of the editor exports and imports need. Tests play it; `editor-desk.ts` is VS Code. */
import type { Beside } from '../../store/transfer/foreign.ts'

/** Where something is written. */
export type Target = {
  /** The file's name with its ending, which tells the format. */
  name: string
  /** All of the pieces or no file. Throws a sentence where it cannot be written, and the reason of an abort. */
  write(pieces: Iterable<string>, signal: AbortSignal): Promise<void>
  open(): Promise<void>
}

export type Source = {
  name: string
  /** Bytes, where they are known before they are read. */
  size?: number
  read(): AsyncIterable<Uint8Array>
  /** A file that came with it, by its id or name. */
  find(id: string): Beside | undefined
}

/** A kind of file a person can choose; the first that is offered is the usual one. */
export type FileKind = { label: string; endings: string[] }

/** What a long work shows of itself. */
export type Working = { signal: AbortSignal; progress(done: number): void }

export type TransferDesk = {
  /** Undefined where the person left. */
  saveTo(title: string, name: string, kinds: readonly FileKind[]): Promise<Target | undefined>
  openFrom(title: string, kinds: readonly FileKind[]): Promise<Source[] | undefined>
  /** Shown, with a way to end it, until `run` has settled. `done` goes from 0 to 1. */
  working<T>(title: string, run: (working: Working) => Promise<T>): Promise<T>
  /** The button that was pressed, where one was. */
  say(level: 'info' | 'error', sentence: string, buttons: readonly string[]): Promise<string | undefined>
  showMarkdown(text: string): Promise<void>
  /** Shows the list of chats. */
  showChats(): Promise<void>
}
