/** git_log: what was committed. */
import type { Git, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate } from '../paths.ts'
import { count, pictured } from '../text.ts'
import { ask, revision, scopeOf } from './shared.ts'

type Input = { path?: string; from?: string; limit?: number; skip?: number; messages?: boolean }

const SHORT = '%h %ad %an: %s'
const LONG = 'commit %H%nby %an <%ae>, %aI%n%n%w(0,4,4)%B%w(0,0,0)'

export function gitLog(workspace: Workspace, git: Git): Tool {
  return builtIn<Input>({
    name: 'git_log',
    title: 'Git log',
    description:
      'Lists commits, the newest first: short hash, date, author and first line; with “messages” whole. git_diff shows what a commit changed.',
    properties: {
      path: { ...pathProperty('Only commits that touch this file or folder.'), default: '.' },
      from: revision('The revision to begin at. Without it: HEAD.'),
      limit: integerProperty('How many commits.', { minimum: 1, maximum: 200, default: 20 }),
      skip: integerProperty('How many commits to pass over first.', { minimum: 0, maximum: 1_000_000, default: 0 }),
      messages: { type: 'boolean', default: false, description: 'Whole messages.' },
    },
    required: [],
    effect: 'read',
    timeoutMs: 60_000,
    describe: ({ path = '.', from }) => `Git log${from ? ` from ${from}` : ''}${path === '.' ? '' : ` of ${path}`}`,
    async run({ path = '.', from, limit = 20, skip = 0, messages = false }, { signal }) {
      const scope = await scopeOf(workspace, await locate(workspace, path))
      const { output, cut } = await ask(
        git,
        scope,
        [
          'log',
          '--no-ext-diff',
          '--no-textconv',
          '--no-color',
          '--no-show-signature',
          '--date=short',
          `--format=tformat:${messages ? LONG : SHORT}`,
          `--max-count=${limit}`,
          `--skip=${skip}`,
          from ?? 'HEAD',
          '--',
          ...(path === '.' ? [] : [scope.pathspec]),
        ],
        signal,
      )
      const text = pictured(output).trimEnd()
      if (text === '') return said('(No commits.)')
      const commits = messages ? text.split(/^commit /m).length - 1 : text.split('\n').length
      if (cut) return said(`${text}\n(There is more: ask for fewer commits at a time.)`)
      return said(
        commits < limit ? text : `${text}\n(${count(limit, 'commit')} shown. Go on with skip ${skip + limit}.)`,
      )
    },
  })
}
