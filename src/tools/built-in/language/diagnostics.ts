/** diagnostics: what the editor's language services complain of. */
import type { Diagnostic, LanguageService, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { said } from '../../tool.ts'
import { builtIn, pathProperty } from '../define.ts'
import { locate, placeOfUri } from '../paths.ts'
import { count, head, visible } from '../text.ts'

type Input = { path?: string; severity?: Diagnostic['severity'] }

const MOST = 200
const ORDER: Diagnostic['severity'][] = ['error', 'warning', 'information', 'hint']

export function diagnostics(workspace: Workspace, language: LanguageService): Tool {
  return builtIn<Input>({
    name: 'diagnostics',
    title: 'Diagnostics',
    description:
      'The errors and warnings that the editor shows, of one file or folder or of the whole workspace. Language services may know only the files that are open; ' +
      'after an edit they take a moment. To be certain, run the project’s own check.',
    properties: {
      path: { ...pathProperty('The file or folder.'), default: '.' },
      severity: { type: 'string', enum: ORDER, default: 'warning', description: 'The least severity to tell.' },
    },
    required: [],
    effect: 'read',
    describe: ({ path = '.' }) => `Diagnostics${path === '.' ? '' : ` of ${path}`}`,
    async run({ path = '.', severity = 'warning' }) {
      const everywhere = path === '.' && workspace.roots().length > 1
      const place = everywhere ? undefined : await locate(workspace, path)
      const all = language
        .diagnostics()
        .map((diagnostic) => ({ diagnostic, at: placeOfUri(workspace, diagnostic.uri) }))
        .filter(({ at }) => at && (!place || isIn(at.uri, place.uri)))
        .filter((each) => ORDER.indexOf(each.diagnostic.severity) <= ORDER.indexOf(severity))
        .toSorted((one, other) => ORDER.indexOf(one.diagnostic.severity) - ORDER.indexOf(other.diagnostic.severity))
      if (all.length === 0) return said(`(The editor knows no ${severity === 'error' ? 'errors' : 'problems'} there.)`)
      const lines = all.slice(0, MOST).map(({ diagnostic, at }) => described(diagnostic, at?.shown ?? ''))
      const rest = all.length - lines.length
      return said(
        lines.join('\n') + (rest > 0 ? `\n(${count(rest, 'more problem')}: give a path or a higher severity.)` : ''),
      )
    },
  })
}

const isIn = (uri: string, above: string): boolean =>
  uri === above || uri.startsWith(above.endsWith('/') ? above : `${above}/`)

function described({ severity, line, column, message, source, code }: Diagnostic, path: string): string {
  const from = [source, code].filter(Boolean).join(' ')
  const text = head(visible(message).replace(/\s*\n\s*/g, ' '), 600)
  return `${path}:${line}:${column}: ${severity}: ${text}${from ? ` [${visible(from)}]` : ''}`
}
