/** Search where there is no ripgrep, or where the files are not on this machine: one file after another. */
import type { Match, Place, SearchQuery, Workspace } from '../../ports.ts'
import { placesIn } from '../bounded-match.ts'
import { placeAt } from '../paths.ts'
import { excerpt } from '../text.ts'
import { globFilter } from './ignored.ts'
import { walk } from './walk.ts'

type Query = Omit<SearchQuery, 'folder' | 'path' | 'exclude'>

/** Bytes. Larger files are passed over. */
const LARGEST = 2 * 1024 * 1024

export async function* searchByWalking(
  workspace: Workspace,
  from: Place,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<Match> {
  const find = finder(query)
  const included = query.include === undefined ? () => true : includes(query.include)
  for await (const path of filesOf(workspace, from, query.ignored, signal)) {
    signal.throwIfAborted()
    if (!included(from.path === '' ? path : path.slice(from.path.length + 1))) continue
    const { uri } = placeAt(workspace, from.root, path)
    if (((await workspace.stat(uri))?.size ?? 0) > LARGEST) continue
    const lines = await linesOf(workspace, uri)
    for (const { index, at } of find(lines)) yield { path, line: index + 1, text: excerpt(lines[index] ?? '', 300, at) }
  }
}

async function* filesOf(
  workspace: Workspace,
  from: Place,
  ignored: boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if ((await workspace.stat(from.uri))?.kind === 'file') yield from.path
  else yield* walk(workspace, from, { ignored, signal })
}

async function linesOf(workspace: Workspace, uri: string): Promise<string[]> {
  try {
    const { text } = await workspace.readText(uri)
    return text.includes('\0') ? [] : text.split(/\r\n|\n/)
  } catch {
    // A file that went away, or is no text, holds nothing that could be found.
    return []
  }
}

function includes(glob: string): (path: string) => boolean {
  const matching = globFilter(glob.includes('/') ? glob : `**/${glob}`)
  return (path) => matching([path]).length > 0
}

type Found = { index: number; at: number }

function finder({ pattern, regex, caseSensitive }: Query): (lines: readonly string[]) => Found[] {
  if (!regex) {
    const fold = (text: string): string => (caseSensitive ? text : text.toLowerCase())
    const wanted = fold(pattern)
    return (lines) => places(lines, (line) => fold(line).indexOf(wanted))
  }
  const expression = expressionOf(pattern, caseSensitive)
  return (lines) => {
    const found = placesIn(lines, expression)
    return places(lines, (_, index) => found[index] ?? -1)
  }
}

function expressionOf(pattern: string, caseSensitive: boolean): RegExp {
  try {
    return new RegExp(pattern, caseSensitive ? '' : 'i')
  } catch (error) {
    throw new Error(`The pattern is not valid: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function places(lines: readonly string[], at: (line: string, index: number) => number): Found[] {
  return lines.map((line, index) => ({ index, at: at(line, index) })).filter(({ at: found }) => found >= 0)
}
