/** search_text: lines that hold a text or match a pattern. */
import type { Match, Place, Search, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { nameOf } from '../paths.ts'
import { count, pictured } from '../text.ts'
import { startsOf } from './find-files.ts'
import { whatIsThere } from './similar.ts'
import { searchByWalking } from './walking-search.ts'

type Input = {
  pattern: string
  path?: string
  include?: string
  regex?: boolean
  case_sensitive?: boolean
  include_ignored?: boolean
  limit?: number
}

const MOST = 500
/** UTF-16 units of one answer. */
const BUDGET = 30_000

export function searchText(workspace: Workspace, search: Search | undefined): Tool {
  return builtIn<Input>({
    name: 'search_text',
    title: 'Search text',
    description:
      'Searches the files of the workspace, as they are on the disk, for lines that hold a text, or match a regular expression in the syntax of ripgrep where “regex” is true. ' +
      'Gives “path:line:text” of each line. Binary files, and what .gitignore files or the editor’s files.exclude hide, are left out.',
    properties: {
      pattern: { type: 'string', minLength: 1, maxLength: 1000, description: 'What to look for, within one line.' },
      path: { ...pathProperty('The folder or file to look in.'), default: '.' },
      include: {
        type: 'string',
        minLength: 1,
        maxLength: 500,
        description: 'Only files that match this glob, relative to “path”. Example: “**/*.{ts,tsx}”.',
      },
      regex: { type: 'boolean', default: false, description: 'Whether “pattern” is a regular expression.' },
      case_sensitive: { type: 'boolean', default: false, description: 'Whether case matters.' },
      include_ignored: { type: 'boolean', default: false, description: 'Also what .gitignore and files.exclude hide.' },
      limit: integerProperty('How many lines at most.', { minimum: 1, maximum: MOST, default: 100 }),
    },
    required: ['pattern'],
    effect: 'read',
    timeoutMs: 60_000,
    describe: ({ pattern, path = '.', include }) =>
      `Search for ${JSON.stringify(pattern)}${include ? ` in ${include}` : ''}${path === '.' ? '' : ` in ${path}`}`,
    async run(input, { signal }) {
      const limit = input.limit ?? 100
      const lines: string[] = []
      let [length, full] = [0, false]
      for (const from of await startsOf(workspace, input.path ?? '.')) {
        if (full) break
        if (!(await workspace.stat(from.uri))) return couldNot(await whatIsThere(workspace, from))
        for await (const { path, line, text } of matchesIn(workspace, search, from, input, signal)) {
          const shown = `${pictured(nameOf(workspace, from.root, path))}:${line}:${text}`
          full = lines.length >= limit || length + shown.length > BUDGET
          if (full) break
          lines.push(shown)
          length += shown.length + 1
        }
      }
      if (lines.length === 0)
        return said(`(No line ${input.regex ? 'matches' : 'holds'} ${JSON.stringify(input.pattern)}.)`)
      if (!full) return said(lines.join('\n'))
      const note = `(There are more than these ${count(lines.length, 'line')}: give a narrower pattern, path or include${limit < MOST ? ', or a higher limit' : ''}.)`
      return said(`${lines.join('\n')}\n${note}`)
    },
  })
}

/** Paths relative to the root. */
async function* matchesIn(
  workspace: Workspace,
  search: Search | undefined,
  from: Place,
  input: Input,
  signal: AbortSignal,
): AsyncGenerator<Match> {
  const options = {
    pattern: input.pattern,
    regex: input.regex ?? false,
    caseSensitive: input.case_sensitive ?? false,
    ignored: input.include_ignored ?? false,
    ...(input.include !== undefined && { include: input.include }),
  }
  if (from.root.folder === undefined || !search) {
    yield* searchByWalking(workspace, from, options, signal)
    return
  }
  const exclude = options.ignored ? [] : workspace.excludes(from.uri)
  yield* search.search({ ...options, folder: from.root.folder, path: from.path, exclude }, signal)
}
