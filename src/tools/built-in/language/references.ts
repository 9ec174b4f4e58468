/** find_references: where a symbol is used. */
import type { LanguageService, Position, Reference, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate, placeOfUri } from '../paths.ts'
import { excerpt } from '../text.ts'

type Input = { path: string; symbol: string; line?: number }

const MOST = 200

export function findReferences(workspace: Workspace, language: LanguageService): Tool {
  return builtIn<Input>({
    name: 'find_references',
    title: 'Find references',
    description:
      'Finds where a symbol is used, by its language’s service: unlike search_text it tells symbols of one name apart. ' +
      'Give a file, the symbol as it is written there, and the line if it stands in several. Gives “path:line:column: text”.',
    properties: {
      path: pathProperty('A file where the symbol stands.'),
      symbol: {
        type: 'string',
        minLength: 1,
        maxLength: 300,
        description: 'The symbol’s name, as written in that file.',
      },
      line: integerProperty(
        'The line where it stands, from 1. Without it: the first line that holds it as a whole word.',
        {
          minimum: 1,
        },
      ),
    },
    required: ['path', 'symbol'],
    effect: 'read',
    timeoutMs: 60_000,
    describe: ({ path, symbol, line }) =>
      `Find references to ${symbol} of ${path}${line === undefined ? '' : `, line ${line}`}`,
    async run({ path, symbol, line }) {
      const place = await locate(workspace, path)
      const lines = (await workspace.readText(place.uri)).text.split(/\r\n|\n/)
      const at = positionOf(lines, symbol, line)
      if (!at) {
        const where = line === undefined ? place.shown : `line ${line} of ${place.shown}`
        return couldNot(`${JSON.stringify(symbol)} does not stand in ${where}. search_text finds where it does.`)
      }
      const found = await language.references(place.uri, at)
      if (found.length === 0)
        return said(`(The language service knows no references to ${symbol}; search_text may find some.)`)
      const shown = await described(workspace, found.slice(0, MOST))
      const rest = found.length - shown.length
      return said(
        shown.join('\n') + (rest > 0 ? `\n(${rest} more. search_text with a path finds those in one folder.)` : ''),
      )
    },
  })
}

/** The first whole word in the line asked for, or in any. */
function positionOf(lines: readonly string[], symbol: string, line: number | undefined): Position | undefined {
  const letter = /[\p{L}\p{N}_$]/u
  for (const [index, text] of lines.entries()) {
    if (line !== undefined && index !== line - 1) continue
    for (let at = text.indexOf(symbol); at >= 0; at = text.indexOf(symbol, at + 1)) {
      const around = [text[at - 1] ?? '', text[at + symbol.length] ?? '']
      if (!around.some((each) => letter.test(each))) return { line: index + 1, column: at + 1 }
    }
  }
  return undefined
}

/** With the text of the line, where the file is in the workspace: what is outside is only named. */
async function described(workspace: Workspace, references: readonly Reference[]): Promise<string[]> {
  const texts = new Map<string, string[]>()
  const shown: string[] = []
  for (const { uri, line, column } of references) {
    const place = placeOfUri(workspace, uri)
    if (!place) {
      shown.push(`${uri}:${line}:${column} (outside of the workspace)`)
      continue
    }
    if (!texts.has(uri)) {
      const text = await workspace.readText(uri).then(
        (file) => file.text,
        () => '',
      )
      texts.set(uri, text.split(/\r\n|\n/))
    }
    shown.push(`${place.shown}:${line}:${column}: ${excerpt((texts.get(uri)?.[line - 1] ?? '').trim(), 200)}`)
  }
  return shown
}
