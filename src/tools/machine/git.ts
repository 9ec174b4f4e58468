/** The git of this machine, so that reading a repository runs nothing that the repository names. */
import { spawn } from 'node:child_process'
import type { Git, GitRan } from '../ports.ts'
import { which } from './which.ts'

/**
 * Configuration can name programs: monitors, pagers, signature checkers, diff drivers, transports for what a partial
 * clone lacks. All are off. Filters have names of their own and are switched off one by one.
 */
const SAFE = [
  '--no-pager',
  '--no-optional-locks',
  '--literal-pathspecs',
  ...[
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.pager=cat',
    'core.quotePath=false',
    'log.showSignature=false',
    'diff.external=',
    'diff.submodule=short',
    'color.ui=false',
    'protocol.allow=never',
    'safe.bareRepository=explicit',
  ].flatMap((setting) => ['-c', setting]),
]

const FILTERS = ['config', '--null', '--name-only', '--get-regexp', '^filter\\..*\\.(clean|smudge|process)$']

export class LocalGit implements Git {
  #program: string | undefined

  /** `program`: absolute. Without it git is looked for in PATH. */
  constructor(program?: string) {
    this.#program = program
  }

  async run(folder: string, args: readonly string[], limit: number, signal: AbortSignal): Promise<GitRan | undefined> {
    const program = (this.#program ??= which('git'))
    if (program === undefined) return undefined
    const listed = await execute(program, folder, FILTERS, {}, 1_000_000, signal)
    return execute(program, folder, args, withoutFilters(listed.output), limit, signal)
  }
}

/** As variables, because a filter’s name may hold what `-c` would split. */
function withoutFilters(listed: string): Record<string, string> {
  const drivers = new Set(
    listed
      .split('\0')
      .filter(Boolean)
      .map((key) => key.replace(/\.[^.]*$/, '')),
  )
  const settings = [...drivers].flatMap((driver) => [
    [`${driver}.clean`, ''],
    [`${driver}.smudge`, ''],
    [`${driver}.process`, ''],
    [`${driver}.required`, 'false'],
  ])
  const pairs = settings.flatMap(([key = '', value = ''], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(settings.length) }
}

/** The person’s variables for git mean their own shell: a GIT_DIR of theirs would be another repository. */
function environment(more: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') && name !== 'PAGER')
  return { ...Object.fromEntries(own), LC_ALL: 'C.UTF-8', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', ...more }
}

function execute(
  program: string,
  folder: string,
  args: readonly string[],
  env: Record<string, string>,
  limit: number,
  signal: AbortSignal,
): Promise<GitRan> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...SAFE, ...args], {
      cwd: folder,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      signal,
      killSignal: 'SIGKILL',
    })
    let [output, complaint, cut] = ['', '', false]
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (cut) return
      output += text
      cut = output.length > limit
      if (cut) child.kill('SIGKILL')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(0, 4000)))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code: cut ? 0 : (code ?? -1), output: output.slice(0, limit), cut, complaint }),
    )
  })
}
