/** What the built-in tools need of the world around them. The host implements it over VS Code, tests by hand. */
import type { Socket } from 'node:net'

/** A folder of the workspace. `name` is unique among the roots. `folder`: its absolute path, where it is on this machine. */
export type Root = { name: string; uri: string; folder?: string }

/**
 * A place inside of the workspace, with links and case resolved: `path` is relative to `root`, parted by `/`, and empty
 * for the root itself. `shown` is what it is called in words; `file` its absolute path, where it is on this machine.
 */
export type Place = { root: Root; path: string; shown: string; uri: string; file?: string }

export type Kind = 'file' | 'folder' | 'link'
/** `size` in bytes. */
export type Stat = { kind: 'file' | 'folder'; size: number }
export type Entry = { name: string; kind: Kind }

/** Where a path of this machine really is: `dangling` for a link to nothing, `missing` where there is nothing. */
export type RealPath = { kind: 'found'; path: string } | { kind: 'dangling' | 'missing' }

/** A whole text as the editor knows it. `unsaved`: an editor holds changes that the disk does not have. */
export type TextFile = { text: string; unsaved: boolean }

/** Replaces the UTF-16 units from `start` to `end` of a text by `text`. */
export type Change = { start: number; end: number; text: string }

/**
 * `before` and `after` are whole texts. `saved` is false where the change stays in the editor, because that held unsaved
 * changes before.
 */
export type Edited = { before: string; after: string; saved: boolean }

/**
 * A change of one file. `change` gets the text as it is now and gives changes in order that do not overlap; what it throws
 * rejects, and nothing has changed in any file.
 */
export type TextEdit = { uri: string; change(text: string): readonly Change[] }

/** What was to be read as text is none. */
export class NotText extends Error {
  override readonly name = 'NotText'
}

export interface Workspace {
  /** Whose rules of paths count. */
  readonly platform: 'windows' | 'posix'
  roots(): readonly Root[]
  /** The address of a place below a root. */
  uriOf(root: Root, path: string): string
  /** Never rejects for what is not there. `file` is absolute. */
  realPath(file: string): Promise<RealPath>
  /** Undefined where there is nothing. */
  stat(uri: string): Promise<Stat | undefined>
  list(uri: string): Promise<Entry[]>
  read(uri: string): Promise<Uint8Array>
  /**
   * Decoded as the editor would: byte order mark, then the settings. What an editor holds wins over the disk. Rejects
   * with `NotText` for bytes that are no text.
   */
  readText(uri: string): Promise<TextFile>
  /** The globs of `files.exclude` that are on. */
  excludes(uri: string): string[]
  /**
   * Changes texts, all or none, in one step that undo takes back; encoding, byte order mark and line endings stay. What
   * came of them, in their order.
   */
  edit(files: readonly TextEdit[]): Promise<Edited[]>
  /** Makes a file that is not there, and the folders above it, in one step that undo takes back. */
  create(uri: string, text: string): Promise<Edited>
}

/** One line with what was found in it. `line` from 1. */
export type Match = { path: string; line: number; text: string }

/**
 * What to look for. `folder`: absolute path of a root; `path`: where in it to look, empty for all of it. `include`: a
 * glob relative to `path`; `exclude`: globs of `files.exclude`, relative to `folder`. `ignored`: also what `.gitignore`
 * files hide.
 */
export type SearchQuery = {
  folder: string
  path: string
  pattern: string
  regex: boolean
  caseSensitive: boolean
  include?: string
  exclude: readonly string[]
  ignored: boolean
}

export interface Search {
  /**
   * Matches as they are found, `path` relative to `folder`. Ends what it started when the consumer leaves or `signal`
   * is aborted. Throws an error for the model where the pattern is not valid.
   */
  search(query: SearchQuery, signal: AbortSignal): AsyncIterable<Match>
}

/** How a command ended. `output` is what it wrote, cleaned; `note` says what is unusual about how it ran. */
export type Ran = {
  output: string
  exitCode?: number
  ended: 'exit' | 'timeout' | 'stopped'
  note?: string
}

export type CommandLine = {
  command: string
  /** Absolute. */
  folder: string
  timeoutMs: number
  signal: AbortSignal
  onOutput(text: string): void
}

export interface Terminal {
  /** The name of the shell that reads the command: `bash`, `pwsh`. */
  readonly shell: string
  /** When it settles, what the command started has ended, unless the command itself left it running. */
  run(line: CommandLine): Promise<Ran>
}

/** Lines and columns from 1. */
export type Position = { line: number; column: number }
export type SymbolInfo = {
  name: string
  kind: string
  detail?: string
  line: number
  endLine: number
  children: SymbolInfo[]
}
export type Reference = { uri: string; line: number; column: number }
export type Diagnostic = Position & {
  uri: string
  severity: 'error' | 'warning' | 'information' | 'hint'
  message: string
  source?: string
  code?: string
}

export interface LanguageService {
  /** Undefined where nobody knows the language. */
  symbols(uri: string): Promise<SymbolInfo[] | undefined>
  references(uri: string, at: Position): Promise<Reference[]>
  /** Of one file, or of all that the editor knows of. */
  diagnostics(uri?: string): Diagnostic[]
}

/** `cut`: it wrote more than was taken. `complaint` is what it wrote to standard error. */
export type GitRan = { code: number; output: string; cut: boolean; complaint: string }

export interface Git {
  /**
   * Runs git in an absolute folder: without a shell, and so that nothing the repository’s configuration names is run.
   * At most `limit` UTF-16 units are taken. Undefined where there is no git. Rejects when `signal` is aborted.
   */
  run(folder: string, args: readonly string[], limit: number, signal: AbortSignal): Promise<GitRan | undefined>
}

export interface Net {
  /** All addresses of a name. */
  resolve(host: string): Promise<string[]>
  /** Connects to exactly this address. */
  dial(address: string, port: number): Socket
  /** Whether the person allows this host although its address is not a public one. */
  allows(url: URL): boolean
}

export type Ports = {
  workspace: Workspace
  /** Absent where there is no program for it: files are then read one by one. */
  search?: Search
  terminal: Terminal
  language: LanguageService
  git: Git
  net: Net
}
