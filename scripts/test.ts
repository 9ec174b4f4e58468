/**
 * npm test                      every level, in the order below
 * npm test -- unit ui           those levels
 * npm test -- all               every level, and the suite against a real LiteLLM proxy (`npm run test:litellm`)
 * npm test -- ui --grep reload  what follows the levels goes to mocha; the words after --grep are one pattern
 *
 * The last line is `N passed, N failed`. A level that crashes or runs nothing counts as a failure; what cannot run on
 * this machine is named before it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { root } from '../test/harness/environment.ts'
import type { Report } from '../test/harness/reporter.ts'
import { say, step } from './cache.mjs'
import { runExtensionTests } from '../test/harness/extension-tests.ts'
import { ensureLitellm, NoLitellm } from '../test/harness/litellm.ts'

/**
 * `lane`: levels of one lane follow each other, and the two lanes run side by side, because none of them keeps a machine of
 * two cores busy; those without one run alone, at last. `named`: runs only where it is asked for by its name, or as one of
 * `all`; `part`: by its name alone, as another level holds it.
 */
type Level = {
  name: string
  run: (mochaArguments: string[]) => Promise<Report>
  lane?: 'rooms' | 'editor'
  named?: true
  part?: true
}

/** Where what a level prints is gathered; absent: it goes to the terminal at once. */
const output = new AsyncLocalStorage<Buffer[] | undefined>()

/** What could not run here, and why. */
const omitted: string[] = []

const levels: Level[] = [
  { name: 'check', run: check, lane: 'rooms' },
  { name: 'unit', run: (args) => mocha('unit', unitFiles(), args), lane: 'rooms' },
  { name: 'webview', run: (args) => mocha('webview', files('test/webview/**/*.test.ts'), args), lane: 'rooms' },
  { name: 'extension', run: extension, lane: 'editor' },
  { name: 'ui', run: (args) => mocha('ui', UI(), ['--timeout', '60000', ...args]), lane: 'editor' },
  { name: 'speed', run: (args) => mocha('speed', SPEED, args) },
  { name: 'litellm', run: litellm, named: true },
  { name: 'mcp-conformance', run: (args) => mocha('mcp-conformance', CONFORMANCE, args), named: true, part: true },
]

/** The official conformance suite of MCP against our client: it prints the score. Part of the unit level. */
const CONFORMANCE = ['test/mcp/conformance.test.ts']

/** What is told by the clock, and would be of a machine that does something else beside it. */
const SPEED = ['test/store/speed.test.ts', 'test/store/usage-speed.test.ts']

/** Folders of test/ whose files need a browser, an editor or a real gateway, or are no tests. */
const apart = new Set(['webview', 'extension', 'ui', 'litellm', 'bench', 'harness', 'recordings'])

const UI = (): string[] => files('test/ui/**/*.test.ts')

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: root }).sort()
}

/** The tests that need neither a browser nor an editor: the unit and the wire level of the rooms. */
function unitFiles(): string[] {
  return files('test/**/*.test.ts').filter((file) => !apart.has(file.split(path.sep)[1] ?? '') && !SPEED.includes(file))
}

/** Runs a program in the project's root with this terminal for its output, and gives its exit code. */
function execute(file: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const printed = output.getStore()
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: printed ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => printed?.push(data))
    child.on('error', (error) => {
      say(error.message)
      resolve(1)
    })
    const forward = () => child.kill('SIGTERM')
    process.once('SIGTERM', forward)
    child.on('close', (code) => {
      process.off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}

/** Types, the webview's types, lint and formatting: each counts as one test. */
async function check(): Promise<Report> {
  const report: Report = { passed: 0, failed: 0, failures: [] }
  const npmScript = process.env['npm_execpath']
  for (const name of ['check:types', 'check:webview', 'check:lint']) {
    const [file, args] = npmScript ? [process.execPath, [npmScript]] : ['npm', []]
    const code = await execute(file, [...args, 'run', '--silent', name])
    if (code === 0) report.passed++
    else {
      report.failed++
      report.failures.push(`npm run ${name}`)
    }
  }
  return report
}

/** What a run of mocha reported, or a failure in its own right where it crashed, reported nothing or ran nothing. */
async function reported(level: string, run: (env: Record<string, string>) => Promise<number>): Promise<Report> {
  const file = path.join(root, 'out', 'reports', `${level}.json`)
  mkdirSync(path.dirname(file), { recursive: true })
  rmSync(file, { force: true })
  const code = await run({ PANELIST_REPORT: file })
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { passed: 0, failed: 1, failures: [`${level} ended with code ${code} before it reported anything`] }
  }
  const addFailure = (failure: string): Report => ({
    ...report,
    failed: report.failed + 1,
    failures: [...report.failures, failure],
  })
  if (report.passed + report.failed === 0) return addFailure(`${level} ran no test`)
  if (code !== 0 && report.failed === 0) return addFailure(`${level} ended with code ${code}`)
  return report
}

function mocha(level: string, testFiles: string[], args: string[]): Promise<Report> {
  const program = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const reporter = path.join(root, 'test', 'harness', 'reporter.ts')
  // Our reporter judges pending tests.
  const options = ['--reporter', reporter, '--no-forbid-pending']
  return reported(level, (env) => execute(process.execPath, [program, ...options, ...args, ...testFiles], env))
}

/** Two passes over the extension tests: in a trusted workspace and in Restricted Mode. */
async function extension(args: string[]): Promise<Report> {
  const built = await execute(process.execPath, ['esbuild.mjs', '--tests'])
  if (built !== 0) return { passed: 0, failed: 1, failures: ['the extension does not build'] }
  const grep = args[args.indexOf('--grep') + 1]
  const env: Record<string, string> = args.includes('--grep') && grep ? { PANELIST_GREP: grep } : {}
  const passes: Report[] = []
  for (const trusted of [true, false]) {
    const name = trusted ? 'extension' : 'extension-restricted'
    say(trusted ? 'in a trusted workspace' : 'in a workspace that is not trusted (Restricted Mode)')
    passes.push(await reported(name, (report) => runExtensionTests({ trusted, env: { ...env, ...report } })))
  }
  return sum(passes)
}

/** The provider `litellm` against a real proxy, where one can be installed. */
async function litellm(args: string[]): Promise<Report> {
  try {
    await ensureLitellm()
  } catch (error) {
    if (!(error instanceof NoLitellm)) throw error
    omitted.push(`The LiteLLM suite was not run, because ${error.message}.`)
    return { passed: 0, failed: 0, failures: [] }
  }
  return mocha('litellm', files('test/litellm/*.test.ts'), ['--timeout', '30000', ...args])
}

function sum(reports: Report[]): Report {
  return {
    passed: reports.reduce((total, report) => total + report.passed, 0),
    failed: reports.reduce((total, report) => total + report.failed, 0),
    failures: reports.flatMap((report) => report.failures),
  }
}

/** The options for mocha. A bare `--` would make files of all that follows; the words of a pattern may come unquoted. */
function optionsFor(args: readonly string[]): string[] {
  const options: string[] = []
  let pattern = false
  for (const argument of args) {
    if (argument === '--') continue
    const [, inline] = /^--grep=(.*)$/s.exec(argument) ?? []
    if (argument === '--grep' || argument === '-g') options.push('--grep')
    else if (inline !== undefined) options.push('--grep', inline)
    else if (pattern && !argument.startsWith('-') && options.at(-1) !== '--grep') {
      options.push(`${options.pop()} ${argument}`)
    } else options.push(argument)
    pattern = options.at(-2) === '--grep' || options.at(-1) === '--grep'
  }
  return options
}

const firstOption = process.argv.findIndex((argument, index) => index > 1 && argument.startsWith('-'))
const names = process.argv.slice(2, firstOption === -1 ? undefined : firstOption)
const mochaArguments = firstOption === -1 ? [] : optionsFor(process.argv.slice(firstOption))
const unknown = names.filter((name) => name !== 'all' && !levels.some((level) => level.name === name))
if (unknown.length > 0) {
  say(`There is no level ${unknown.join(', ')}. Levels: ${levels.map((level) => level.name).join(', ')}, all.`)
  process.exit(2)
}

function isWanted({ name, named, part }: Level): boolean {
  return names.length === 0 ? !named : names.includes(name) || (names.includes('all') && !part)
}

/** One after the other. What a level prints is told when it is over, where another lane prints beside it. */
async function run(some: readonly Level[], beside: boolean): Promise<Report[]> {
  const reports: Report[] = []
  for (const level of some) {
    const printed: Buffer[] | undefined = beside ? [] : undefined
    const work = (): Promise<Report> => output.run(printed, () => level.run(mochaArguments))
    const report = await step(level.name, work).catch((error: unknown) => {
      say(String(error))
      return { passed: 0, failed: 1, failures: [`${level.name}: ${String(error)}`] }
    })
    if (printed) process.stdout.write(Buffer.concat(printed))
    say(`${level.name}: ${report.passed} passed, ${report.failed} failed`)
    reports.push(report)
  }
  return reports
}

const wanted = levels.filter(isWanted)
const lanes = [
  ...Map.groupBy(
    wanted.filter(({ lane }) => lane !== undefined),
    ({ lane }) => lane,
  ).values(),
]
const beside = await Promise.all(lanes.map((lane) => run(lane, lanes.length > 1)))
const alone = await run(
  wanted.filter(({ lane }) => lane === undefined),
  false,
)
const total = sum([...beside.flat(), ...alone])
for (const failure of total.failures) say(`failed: ${failure}`)
for (const sentence of omitted) say(sentence)
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
