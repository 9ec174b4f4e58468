/** Search by the ripgrep that VS Code ships. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Match, Search, SearchQuery } from '../ports.ts'
import { excerpt } from '../built-in/text.ts'
import { isProgram } from './which.ts'

/** Where the versions of VS Code keep it: the desktop's archive, the server, and the package for all platforms. */
export function shippedRipgrep(appRoot: string): string | undefined {
  const program = process.platform === 'win32' ? 'rg.exe' : 'rg'
  const platform = `${process.platform}-${process.arch}`
  for (const modules of ['node_modules', 'node_modules.asar.unpacked']) {
    const scope = path.join(appRoot, modules, '@vscode')
    const packages = namesIn(scope).filter((name) => name.startsWith('ripgrep'))
    for (const name of packages) {
      for (const bin of ['bin', path.join('bin', platform)]) {
        const file = path.join(scope, name, bin, program)
        if (isProgram(file)) return file
      }
    }
  }
  return undefined
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export class Ripgrep implements Search {
  readonly #program: string

  constructor(program: string) {
    this.#program = program
  }

  async *search(query: SearchQuery, signal: AbortSignal): AsyncGenerator<Match> {
    signal.throwIfAborted()
    const child = spawn(this.#program, argumentsFor(query), {
      cwd: query.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: withoutConfiguration(),
    })
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
    ended.catch(() => {})
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(0, 2000)))
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const match = matchOf(line)
        if (match) yield match
      }
      const code = await ended
      signal.throwIfAborted()
      if (code === 2 && complaint) throw new Error(complaint.trim().replace(/^rg: /, ''))
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
    }
  }
}

function argumentsFor(query: SearchQuery): string[] {
  const { path: below, include, exclude } = query
  const scoped = include?.includes('/')
    ? `/${[plain(below), include.replace(/^\.?\//, '')].filter(Boolean).join('/')}`
    : include
  return [
    '--json',
    '--no-config',
    '--no-messages',
    '--no-require-git',
    '--hidden',
    '--max-filesize=20M',
    query.regex ? '--regexp' : '--fixed-strings',
    ...(query.regex ? [query.pattern] : ['--regexp', query.pattern]),
    query.caseSensitive ? '--case-sensitive' : '--ignore-case',
    ...(query.ignored ? ['--no-ignore'] : []),
    ...(scoped === undefined ? [] : ['--glob', scoped]),
    ...exclude.flatMap((glob) => ['--glob', `!${glob.startsWith('**') ? glob : `/${glob}`}`]),
    '--glob',
    '!.git',
    '--',
    below === '' ? '.' : `./${below}`,
  ]
}

/** A path as a glob that stands for nothing else. */
const plain = (text: string): string => text.replace(/[*?[\]{}!\\]/g, '\\$&')

function withoutConfiguration(): NodeJS.ProcessEnv {
  const { RIPGREP_CONFIG_PATH: _, ...env } = process.env
  return env
}

type Words = { text?: string; bytes?: string }
type Event = {
  type: string
  data: { path?: Words; lines?: Words; line_number?: number; submatches?: { start: number }[] }
}

function matchOf(line: string): Match | undefined {
  let event: Event
  try {
    event = JSON.parse(line) as Event
  } catch {
    return undefined
  }
  if (event.type !== 'match') return undefined
  const { path: file, lines, line_number: number, submatches } = event.data
  if (!file || !lines || number === undefined) return undefined
  const text = wordsOf(lines).replace(/\r?\n$/, '')
  // Ripgrep counts bytes.
  const at = Buffer.from(text)
    .subarray(0, submatches?.[0]?.start ?? 0)
    .toString().length
  const found = wordsOf(file).split(path.sep).join('/')
  return { path: found.replace(/^\.\//, ''), line: number, text: excerpt(text, 300, at) }
}

/** What is not UTF-8 comes in base64. */
function wordsOf({ text, bytes }: Words): string {
  return text ?? Buffer.from(bytes ?? '', 'base64').toString()
}
