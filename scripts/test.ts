/**
 * npm test                      every level, in the order below
 * npm test -- unit ui           those levels
 * npm test -- all               every level, and the suite against a real LiteLLM proxy (`npm run test:litellm`)
 * npm test -- ui --grep reload  what follows the levels goes to mocha; the words after --grep are one pattern
 * npm test -- unit --slowest    names the tests and files of each level that took longest
 *
 * The last line is `N passed, N failed`. A level that crashes or runs nothing counts as a failure; what cannot run on
 * this machine is named before it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import path from 'node:path'
import { root } from '../test/harness/environment.ts'
import type { Report } from '../test/harness/reporter.ts'
import { say, step } from './cache.mjs'
import { deal, inLanes } from './test/lanes.ts'
import { atLeastOne, join, nothing, reported, slowest, sum } from './test/reports.ts'
import { runExtensionTests } from '../test/harness/extension-tests.ts'
import { ensureLitellm, NoLitellm } from '../test/harness/litellm.ts'
import { installedPanelist } from '../test/harness/vsix.ts'

/**
 * `lane`: levels of one lane follow each other, and the two lanes run side by side, because none of them keeps a machine of
 * two cores busy; `either` is run in `parts` by the lane that is free; those without one run alone, at last. `named`: runs only where it is asked for by its name, or as one of
 * `all`; `part`: by its name alone, as another level holds it.
 */
type Level = {
  name: string
  run: (mochaArguments: string[]) => Promise<Report>
  lane?: 'rooms' | 'editor' | 'either'
  parts?: () => Level[]
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
  { name: 'webview', run: (args) => mocha('webview', WEBVIEW(), args), lane: 'either', parts: webviewParts },
  { name: 'extension', run: extension, lane: 'editor' },
  { name: 'ui', run: ui, lane: 'editor' },
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

const WEBVIEW = (): string[] => files('test/webview/**/*.test.ts')

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
  const report = nothing()
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

async function mocha(level: string, testFiles: string[], args: string[]): Promise<Report> {
  return atLeastOne(level, await runMocha(level, testFiles, args))
}

function runMocha(name: string, testFiles: string[], args: string[], more?: Record<string, string>): Promise<Report> {
  const program = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const reporter = path.join(root, 'test', 'harness', 'reporter.ts')
  // Our reporter judges pending tests.
  const options = ['--reporter', reporter, '--no-forbid-pending']
  const run = [program, ...options, ...args, ...testFiles]
  return reported(name, (env) => execute(process.execPath, run, { ...env, ...more }))
}

/** How many runs of mocha the webview's tests are dealt to: so many that the lanes end within a minute of each other. */
const WEBVIEW_PARTS = 4

/** What is tested is built once for all of them. */
function webviewParts(): Level[] {
  let built: Promise<number> | undefined
  const parts = deal(WEBVIEW(), WEBVIEW_PARTS, (file) => statSync(path.join(root, file)).size)
  return parts.map((some, at) => ({
    name: `webview, part ${at + 1} of ${parts.length}`,
    run: async (args) => {
      const code = await (built ??= execute(process.execPath, ['test/webview/harness/build.ts']))
      if (code !== 0) return nothing('the webview does not build')
      return runMocha(`webview-${at + 1}`, some, args, { PANELIST_WEBVIEW_BUILT: '1' })
    },
  }))
}

/** Two passes over the extension tests: in a trusted workspace and in Restricted Mode. */
async function extension(args: string[]): Promise<Report> {
  const built = await execute(process.execPath, ['esbuild.mjs', '--tests'])
  if (built !== 0) return nothing('the extension does not build')
  const grep = args[args.indexOf('--grep') + 1]
  const pattern: Record<string, string> = args.includes('--grep') && grep ? { PANELIST_GREP: grep } : {}
  const passes: Report[] = []
  for (const trusted of [true, false]) {
    const name = trusted ? 'extension' : 'extension-restricted'
    say(trusted ? 'in a trusted workspace' : 'in a workspace that is not trusted (Restricted Mode)')
    const report = await reported(name, (env) => runExtensionTests({ trusted, env: { ...pattern, ...env } }))
    passes.push(atLeastOne(name, report))
  }
  return sum(passes)
}

/**
 * How long a test may take, or the start of a VS Code before the first of a file, in milliseconds: for what hangs alone. What
 * each waits for on the way has a limit of its own, by which a failure names it.
 */
const UI_PATIENCE = 180_000

/** Panelist is packed and installed before, so that the first test that needs it has its minute for itself. */
async function ui(args: string[]): Promise<Report> {
  await installedPanelist()
  return mocha('ui', UI(), ['--timeout', `${UI_PATIENCE}`, ...args])
}

/** The provider `litellm` against a real proxy, where one can be installed. */
async function litellm(args: string[]): Promise<Report> {
  try {
    await ensureLitellm()
  } catch (error) {
    if (!(error instanceof NoLitellm)) throw error
    omitted.push(`The LiteLLM suite was not run, because ${error.message}.`)
    return nothing()
  }
  return mocha('litellm', files('test/litellm/*.test.ts'), ['--timeout', '30000', ...args])
}

/** Not one of mocha's own: its `--slow` says from when on it marks a test. */
const SLOWEST = '--slowest'

/** The options for mocha. A bare `--` would make files of all that follows; the words of a pattern may come unquoted. */
function optionsFor(args: readonly string[]): string[] {
  const options: string[] = []
  let pattern = false
  for (const argument of args) {
    if (argument === '--' || argument === SLOWEST) continue
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

/** `beside`: another lane prints as well, so that what this one prints is told when it is over. */
async function run(level: Level, beside: boolean): Promise<Report> {
  const printed: Buffer[] | undefined = beside ? [] : undefined
  const work = (): Promise<Report> => output.run(printed, () => level.run(mochaArguments))
  const report = await step(level.name, work).catch((error: unknown) => {
    say(String(error))
    return nothing(`${level.name}: ${String(error)}`)
  })
  if (printed) process.stdout.write(Buffer.concat(printed))
  return report
}

function tell(name: string, report: Report): Report {
  say(`${name}: ${report.passed} passed, ${report.failed} failed`)
  if (process.argv.includes(SLOWEST)) for (const line of slowest(report)) say(line)
  return report
}

/** Those that run beside others. */
async function runBeside(some: readonly Level[]): Promise<Report[]> {
  const reports: Report[] = []
  const split = some.length > 1 ? some.filter(({ lane }) => lane === 'either') : []
  const own = Map.groupBy(
    some.filter((level) => !split.includes(level)),
    ({ lane }) => lane,
  )
  const parts = split.map((level) => ({ level, all: level.parts?.() ?? [level], reports: [] as Report[] }))
  const lanes = split.length > 0 ? [own.get('rooms') ?? [], own.get('editor') ?? []] : [...own.values()]
  const runOne = async (level: Level): Promise<void> => {
    const report = await run(level, lanes.length > 1)
    const whole = parts.find(({ all }) => all.includes(level))
    if (!whole) return void reports.push(tell(level.name, report))
    whole.reports.push(report)
    if (whole.reports.length < whole.all.length) return
    reports.push(tell(whole.level.name, join(whole.level.name, whole.reports)))
  }
  await inLanes(
    lanes,
    parts.flatMap(({ all }) => all),
    runOne,
  )
  return reports
}

const wanted = levels.filter(isWanted)
const reports = await runBeside(wanted.filter(({ lane }) => lane !== undefined))
for (const level of wanted.filter(({ lane }) => lane === undefined)) {
  reports.push(tell(level.name, await run(level, false)))
}
const total = sum(reports)
for (const failure of total.failures) say(`failed: ${failure}`)
for (const sentence of omitted) say(sentence)
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
