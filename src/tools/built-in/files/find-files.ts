/** find_files: files by a glob. */
import type { Place, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate, nameOf, placeAt } from '../paths.ts'
import { count, pictured } from '../text.ts'
import { globFilter } from './ignored.ts'
import { walk } from './walk.ts'

type Input = { glob: string; path?: string; limit?: number; include_ignored?: boolean }

const MOST = 1000
/** Paths that are compared at a time. */
const BATCH = 500

export function findFiles(workspace: Workspace): Tool {
  return builtIn<Input>({
    name: 'find_files',
    title: 'Find files',
    description:
      'Finds files of the workspace by a glob: “*” stands for any part of a name, “**/” for any folders, “{a,b}” for either. ' +
      'A glob without “/” is looked for in all folders. What .gitignore files or the editor’s files.exclude hide is left out. Examples: “*.test.ts”, “src/**/*.{ts,svelte}”.',
    properties: {
      glob: { type: 'string', minLength: 1, maxLength: 500, description: 'The glob, relative to “path”.' },
      path: { ...pathProperty('The folder to look in.'), default: '.' },
      limit: integerProperty('How many files at most.', { minimum: 1, maximum: MOST, default: 200 }),
      include_ignored: { type: 'boolean', default: false, description: 'Also what .gitignore and files.exclude hide.' },
    },
    required: ['glob'],
    effect: 'read',
    describe: ({ glob, path = '.' }) => `Find ${glob}${path === '.' ? '' : ` in ${path}`}`,
    async run({ glob, path = '.', limit = 200, include_ignored: ignored = false }, { signal }) {
      const matching = globFilter(glob.includes('/') ? glob : `**/${glob}`)
      const found: string[] = []
      let complete = true
      for (const from of await startsOf(workspace, path)) {
        const stat = await workspace.stat(from.uri)
        if (stat?.kind !== 'folder') return couldNot(`There is no folder ${from.shown}.`)
        const below = from.path === '' ? 0 : from.path.length + 1
        const take = (paths: string[]): void => {
          const names = matching(paths.map((each) => each.slice(below)))
          found.push(
            ...names.map((name) => nameOf(workspace, from.root, from.path === '' ? name : `${from.path}/${name}`)),
          )
        }
        let batch: string[] = []
        const files = walk(workspace, from, { ignored, signal })
        let next = await files.next()
        for (; !next.done && found.length <= limit; next = await files.next()) {
          if (batch.push(next.value) < BATCH) continue
          take(batch)
          batch = []
        }
        take(batch)
        if (next.done) complete &&= next.value.complete
      }
      const notes = [
        found.length > limit
          ? `There are more than ${count(limit, 'file')}: give a narrower glob or a higher limit.`
          : '',
        complete ? '' : 'There are too many folders to look into all of them: give a path.',
      ].filter(Boolean)
      const shown = found.slice(0, limit).map(pictured).join('\n') || `(No file matches ${glob}.)`
      return said(notes.length > 0 ? `${shown}\n(${notes.join(' ')})` : shown)
    },
  })
}

/** The folders that a path means: `.` is each root. */
export async function startsOf(workspace: Workspace, path: string): Promise<Place[]> {
  const roots = workspace.roots()
  if (path === '.' && roots.length > 1) return roots.map((root) => placeAt(workspace, root, ''))
  return [await locate(workspace, path)]
}
