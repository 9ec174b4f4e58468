#!/usr/bin/env node
/**
 * Stands in for desktop VS Code: `runTests` of @vscode/test-electron starts it with the flags it would give the
 * desktop, and it runs the extension tests in a VS Code server with a headless Chromium. Prints what the tests print
 * and exits with their code. With `PANELIST_RESTRICTED` set the workspace is not trusted; with `PANELIST_DESKTOP` set
 * to a desktop VS Code it starts that one, for the pass in Restricted Mode.
 *
 *   scripts/launcher.ts --extensionDevelopmentPath=<folder> --extensionTestsPath=<file> [--user-data-dir=<folder>]
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser, openPage } from '../test/harness/browser.ts'
import { root } from '../test/harness/environment.ts'
import { installHelper } from '../test/harness/helper.ts'
import { alone, makeProfile } from '../test/harness/profile.ts'
import { developmentPayload, startServer } from '../test/harness/server.ts'

/** The longest a test run may take, ms. A suite that waits for something that never comes ends here. */
const limit = Number(process.env['PANELIST_TEST_TIMEOUT_MS'] ?? 240_000)

const restricted = process.env['PANELIST_RESTRICTED'] !== undefined

const { values } = parseArgs({
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
  strict: false, // flags that only the desktop knows are passed over
  allowPositionals: true,
})

const mark = '[test] '

/**
 * The tests' reporter marks its lines; everything else on the console is mostly the editor's own and goes to a file.
 * `PANELIST_VERBOSE` shows it.
 */
function printer(logFile: string): (type: string, values: unknown[]) => void {
  const log = openSync(logFile, 'w')
  return (type, values) => {
    const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ')
    if (text.startsWith(mark)) process.stdout.write(`${text.slice(mark.length)}\n`)
    else if (process.env['PANELIST_VERBOSE']) process.stderr.write(`${text}\n`)
    writeSync(log, `${type}: ${text}\n`)
  }
}

/** Runs the tests at `tests` with the extension at `extension` in a VS Code server and gives their exit code. */
async function runInServer(extension: string, tests: string): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-tests-'))
  const logFile = path.join(root, 'out', 'reports', restricted ? 'extension-restricted.log' : 'extension.log')
  mkdirSync(path.dirname(logFile), { recursive: true })
  const profile = makeProfile(folder, { settings: alone, trust: !restricted })
  installHelper(profile.extensions)
  const server = await startServer(profile)
  const browser = await launchBrowser()
  const { promise, resolve } = Promise.withResolvers<number>()
  const timer = setTimeout(() => {
    console.error(`The extension tests did not end within ${limit / 1000} s.`)
    resolve(1)
  }, limit)
  browser.on('disconnected', () => resolve(1))
  try {
    await openPage(browser, server, {
      payload: developmentPayload(server, extension, tests),
      prepare: async (page) => {
        await page.exposeFunction('codeAutomationLog', printer(logFile))
        await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code))
      },
    })
    const code = await promise
    if (code !== 0) console.error(`The editor's own output is in ${path.relative(root, logFile)}.`)
    return code
  } finally {
    clearTimeout(timer)
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Hands over to a desktop VS Code, without the flag that would trust every workspace. */
function runInDesktop(executable: string): Promise<number> {
  const flags = process.argv.slice(2).filter((flag) => flag !== '--disable-workspace-trust')
  const child = spawn(executable, flags, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const { extensionDevelopmentPath: extension, extensionTestsPath: tests } = values
if (typeof extension !== 'string' || typeof tests !== 'string') {
  console.error('Both --extensionDevelopmentPath and --extensionTestsPath are needed.')
  process.exit(2)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
const desktop = process.env['PANELIST_DESKTOP']
process.exit(await (desktop ? runInDesktop(desktop) : runInServer(path.resolve(extension), path.resolve(tests))))
