/** git_diff: what has changed. */
import type { Git, Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate } from '../paths.ts'
import { count, pictured } from '../text.ts'
import type { Scope } from './shared.ts'
import { ask, revision, scopeOf } from './shared.ts'

type Input = {
  path?: string
  staged?: boolean
  from?: string
  to?: string
  summary?: boolean
  context_lines?: number
}

export function gitDiff(workspace: Workspace, git: Git): Tool {
  return builtIn<Input>({
    name: 'git_diff',
    title: 'Git diff',
    description:
      'Shows differences by git as a unified diff: of the files on the disk to what is staged; with “staged” of what is staged to the last commit; ' +
      'with “from” of that revision to the files, or to the revision “to”. One commit: from “abc123^” to “abc123”. Files git does not know yet are named.',
    properties: {
      path: { ...pathProperty('Only this file or folder.'), default: '.' },
      staged: {
        type: 'boolean',
        default: false,
        description: 'What is staged, compared to the last commit or “from”.',
      },
      from: revision('A revision to compare from. Examples: “HEAD”, “main”, “HEAD~3”, “abc123^”.'),
      to: revision('A revision to compare to. Only with “from”.'),
      summary: { type: 'boolean', default: false, description: 'Only which files changed, and by how many lines.' },
      context_lines: integerProperty('Unchanged lines around each change.', { minimum: 0, maximum: 50, default: 3 }),
    },
    required: [],
    effect: 'read',
    timeoutMs: 60_000,
    describe: ({ path = '.', staged, from, to }) =>
      `Git diff${staged ? ' of what is staged' : ''}${from ? ` from ${from}` : ''}${to ? ` to ${to}` : ''}${path === '.' ? '' : ` of ${path}`}`,
    async run(input, { signal }) {
      const scope = await scopeOf(workspace, await locate(workspace, input.path ?? '.'))
      const { output, cut } = await ask(git, scope, argumentsFor(input, scope), signal)
      const unknown = input.staged || input.from ? [] : await untracked(git, scope, signal)
      const notes = [
        cut ? '(The diff is longer. “summary” lists the files; “path” shows one of them.)' : '',
        unknown.length > 0 ? `(Not known to git yet: ${unknown.join(', ')}.)` : '',
      ].filter(Boolean)
      return said([pictured(output).trimEnd() || '(No differences.)', ...notes].join('\n'))
    },
  })
}

function argumentsFor({ staged, from, to, summary, context_lines: context = 3 }: Input, scope: Scope): string[] {
  if (to && !from) throw new Error('“to” needs “from”.')
  if (to && staged) throw new Error('“staged” compares to what is staged, so there is no “to”.')
  return [
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--ignore-submodules=dirty',
    ...(summary ? ['--stat=160'] : ['--patch', `--unified=${context}`]),
    ...(staged ? ['--cached'] : []),
    ...[from, to].filter((each) => each !== undefined),
    '--',
    scope.pathspec,
  ]
}

const NAMED = 20

async function untracked(git: Git, scope: Scope, signal: AbortSignal): Promise<string[]> {
  const args = ['ls-files', '--others', '--exclude-standard', '--directory', '-z', '--', scope.pathspec]
  const { output, cut } = await ask(git, scope, args, signal)
  const names = output.split('\0').filter(Boolean).map(pictured)
  const rest = names.length - NAMED
  if (cut || rest <= 0) return names.slice(0, NAMED)
  return [...names.slice(0, NAMED), count(rest, 'more file')]
}
