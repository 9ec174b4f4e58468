/** document_symbols: what a file defines. */
import type { LanguageService, SymbolInfo, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, pathProperty } from '../define.ts'
import { locate } from '../paths.ts'
import { excerpt } from '../text.ts'
import { whatIsThere } from '../files/similar.ts'

type Input = { path: string }

const MOST = 800

export function documentSymbols(workspace: Workspace, language: LanguageService): Tool {
  return builtIn<Input>({
    name: 'document_symbols',
    title: 'Document symbols',
    description:
      'Outlines one file by its language’s service: classes, functions, headings, keys, each with its lines. Cheaper than reading a long file whole.',
    properties: { path: pathProperty('The file.') },
    required: ['path'],
    effect: 'read',
    timeoutMs: 60_000,
    describe: ({ path }) => `Outline ${path}`,
    async run({ path }) {
      const place = await locate(workspace, path)
      const stat = await workspace.stat(place.uri)
      if (stat?.kind !== 'file')
        return couldNot(stat ? `${place.shown} is a folder.` : await whatIsThere(workspace, place))
      const symbols = await language.symbols(place.uri)
      if (!symbols) return couldNot(`No language service outlines ${place.shown}. read_file and search_text read it.`)
      const lines = symbols.flatMap((symbol) => outlined(symbol, ''))
      if (lines.length === 0) return said(`(${place.shown} defines nothing.)`)
      const rest = lines.length - MOST
      return said(lines.slice(0, MOST).join('\n') + (rest > 0 ? `\n(${rest} more. search_text finds them.)` : ''))
    },
  })
}

function outlined({ name, kind, detail, line, endLine, children }: SymbolInfo, indent: string): string[] {
  const lines = line === endLine ? `${line}` : `${line}-${endLine}`
  const words = [kind, excerpt(oneLine(name), 200), ...(detail ? [excerpt(oneLine(detail), 100)] : [])].join(' ')
  return [`${indent}${words} (${lines})`, ...children.flatMap((child) => outlined(child, `${indent}  `))]
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
