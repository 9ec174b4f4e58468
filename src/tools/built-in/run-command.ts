/** run_command: a command line in the person's shell. */
import type { Place, Ran, Terminal, Workspace } from '../ports.ts'
import type { Tool } from '../tool.ts'
import { couldNot, said } from '../tool.ts'
import { builtIn, integerProperty, pathProperty } from './define.ts'
import { locate } from './paths.ts'
import { count, head, printed, tail } from './text.ts'

type Input = { command: string; cwd?: string; timeout_seconds?: number }

const LONGEST_SECONDS = 3600
/** UTF-16 units of the beginning and of the end that are kept: what matters of a log is mostly at its end. */
const FIRST = 8_000
const LAST = 22_000

export function runCommand(workspace: Workspace, terminal: Terminal): Tool {
  const folderOf = async (cwd = '.'): Promise<string> => {
    const [root] = workspace.roots()
    const place: Place = await locate(workspace, cwd === '.' && root && workspace.roots().length > 1 ? root.name : cwd)
    if (place.file === undefined)
      throw new Error('Commands run only on this machine, and this workspace’s files are elsewhere.')
    if ((await workspace.stat(place.uri))?.kind !== 'folder') throw new Error(`${place.shown} is no folder.`)
    return place.file
  }
  return builtIn<Input>({
    name: 'run_command',
    title: 'Run command',
    description:
      `Runs one command line in a terminal the person sees, with their shell (${terminal.shell}), and gives its exit code and what it wrote. ` +
      'Nobody answers questions: pass options like --yes, and no pagers, editors or programs that wait for keys. ' +
      'What should go on running must be put in the background by the command itself. Each command may need the person’s consent, so prefer the other tools to cat, ls, find, grep and sed.',
    properties: {
      command: {
        type: 'string',
        minLength: 1,
        maxLength: 20_000,
        description: 'The command line. Example: “npm test -- --grep parser”.',
      },
      cwd: { ...pathProperty('The folder to run in.'), default: '.' },
      timeout_seconds: integerProperty('When to end it, with all it started.', {
        minimum: 1,
        maximum: LONGEST_SECONDS,
        default: 120,
      }),
    },
    required: ['command'],
    effect: 'run',
    timeoutMs: (LONGEST_SECONDS + 60) * 1000,
    describe: ({ command, cwd = '.' }) => `Run ${command}${cwd === '.' ? '' : ` in ${cwd}`}`,
    async preview({ command, cwd }) {
      refuseKeys(command)
      return { kind: 'command', command, cwd: await folderOf(cwd) }
    },
    async run({ command, cwd, timeout_seconds: seconds = 120 }, { signal, onOutput }) {
      refuseKeys(command)
      const folder = await folderOf(cwd)
      const ran = await terminal.run({ command, folder, timeoutMs: seconds * 1000, signal, onOutput })
      const text = [sentence(ran, seconds), ran.note, shown(ran.output)].filter(Boolean).join('\n')
      return ran.ended === 'exit' ? said(text) : couldNot(text)
    },
  })
}

/** A terminal takes these for keys: the person would not have seen what they do. */
function refuseKeys(command: string): void {
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(command))
    throw new Error('The command holds control characters.')
}

function sentence({ ended, exitCode }: Ran, seconds: number): string {
  if (ended === 'stopped') return 'The person stopped it. It was ended with all it had started.'
  if (ended === 'timeout') {
    return `It did not end within ${count(seconds, 'second')} and was ended with all it had started. A larger timeout_seconds gives it longer.`
  }
  return exitCode === undefined ? 'It ended; the terminal did not tell its exit code.' : `Exit code ${exitCode}.`
}

function shown(output: string): string {
  const text = printed(output).trimEnd()
  if (text === '') return '(It wrote nothing.)'
  if (text.length <= FIRST + LAST) return text
  const left = text.length - FIRST - LAST
  return `${head(text, FIRST)}\n[${count(left, 'character')} left out. To see them, run it again with its output in a file and read that, or filter it.]\n${tail(text, LAST)}`
}
