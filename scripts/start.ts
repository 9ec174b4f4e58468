/**
 * npm start                    a real VS Code with Panelist: your desktop VS Code, else a VS Code server in a browser
 * npm start -- <folder>        the same, with your folder open
 * npm start -- --browser       the server, even where a desktop VS Code is installed
 * npm start -- --no-demo       no demo provider, although no key is in the environment
 * npm start -- --check         headless: sends one message to the demo provider, prints the reply, and ends
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { findDesktop, hasDisplay } from '../test/harness/environment.ts'
import { freePort } from '../test/harness/processes.ts'
import { changeSettings, makeProfile, readSettings } from '../test/harness/profile.ts'
import type { Profile } from '../test/harness/profile.ts'
import { startServer } from '../test/harness/server.ts'
import type { Server } from '../test/harness/server.ts'
import { installFolder } from '../test/harness/unpacked.ts'
import { buildVsix, installVsix } from '../test/harness/vsix.ts'
import { cacheFolder, say, step } from './cache.mjs'
import { startDemoProvider } from './demo-provider.ts'
import { check } from './start/check.ts'
import { demoOff, demoOn, keysInEnvironment } from './start/demo-settings.ts'
import { closeDesktop, openDesktop } from './start/desktop.ts'
import { openGate } from './start/gate.ts'

const { values: flags, positionals } = parseArgs({
  options: { check: { type: 'boolean' }, browser: { type: 'boolean' }, demo: { type: 'boolean' } },
  allowNegative: true,
  allowPositionals: true,
})

/** What to undo at the end, last first. */
const endings: (() => unknown)[] = []

async function end(code: number): Promise<never> {
  for (const ending of endings.reverse()) await ending()
  process.exit(code)
}

/** The folder that keeps this start's data. A check leaves nothing behind and finds nothing. */
function profileFolder(kind: 'desktop' | 'server'): string {
  if (!flags.check) return path.join(cacheFolder(), `start-${kind}`)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-check-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

function prepareProfile(kind: 'desktop' | 'server'): Profile {
  const workspace = positionals[0] === undefined ? undefined : path.resolve(positionals[0])
  if (workspace !== undefined && !existsSync(workspace)) throw new Error(`There is no folder ${workspace}.`)
  return makeProfile(profileFolder(kind), { ...(workspace === undefined ? {} : { workspace }) })
}

/** Starts the demo provider where no key is configured, and says which it will be. */
async function chooseProviders(profile: Profile): Promise<void> {
  const settings = readSettings(profile)
  const keys = keysInEnvironment()
  if (!flags.check && (flags.demo === false || (flags.demo === undefined && keys.length > 0))) {
    changeSettings(profile, demoOff(settings))
    say(keys.length > 0 ? `using the key in ${keys.join(' and ')}` : 'no demo: set a key with “Panelist: Set API Key”')
    return
  }
  const demo = await startDemoProvider({ pace: flags.check ? 'instant' : 'human' })
  endings.push(() => demo.stop())
  changeSettings(profile, demoOn(demo, settings))
  if (flags.check) return
  say(`no key in the environment, so a demo provider answers (${demo.settings.anthropic.baseUrl}); --no-demo for none`)
}

/** A random text or secret that stays the same from start to start. */
function kept(profile: Profile, name: string): Buffer {
  const file = path.join(profile.folder, name)
  if (!existsSync(file)) {
    mkdirSync(profile.folder, { recursive: true })
    writeFileSync(file, randomBytes(32), { mode: 0o600 })
  }
  return readFileSync(file)
}

/** The server for a person's browser, and the address that lets them in. */
async function serve(profile: Profile): Promise<{ server: Server; address: string }> {
  await step('installing Panelist into the VS Code server', async () =>
    installVsix(await buildVsix(), profile.extensions),
  )
  installFolder(path.join(import.meta.dirname, 'start', 'opener'), profile.extensions)
  const token = kept(profile, 'token').toString('hex')
  const server = await step('starting the VS Code server', () =>
    startServer(profile, { token, keepKeys: !flags.check }),
  )
  endings.push(() => server.stop())
  // Browsers keep secrets and window state by origin, so that a port that stays the same keeps them.
  const port = await freePort(flags.check ? 0 : 8123)
  const gate = await openGate({ port, serverPort: server.port, token, secret: kept(profile, 'secret') })
  endings.push(() => gate.close())
  const query = new URLSearchParams({ folder: profile.workspace, tkn: token })
  return { server, address: `http://127.0.0.1:${port}/?${query}` }
}

function openBrowser(address: string): void {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', '""'] }[process.platform as string] ?? [
    'xdg-open',
  ]
  const child = spawn(command ?? 'xdg-open', [...args, address], { stdio: 'ignore', detached: true })
  child.on('error', () => say('no browser could be opened: open the address yourself'))
  child.unref()
}

async function start(): Promise<void> {
  const desktop = flags.check || flags.browser || !hasDisplay() ? undefined : findDesktop()
  const profile = prepareProfile(desktop ? 'desktop' : 'server')
  await chooseProviders(profile)
  if (desktop) {
    endings.push(() => closeDesktop(profile))
    await openDesktop(desktop, profile, await buildVsix())
    return end(0)
  }
  const { server, address } = await serve(profile)
  if (flags.check) {
    const reply = await check(server, address)
    process.stdout.write(`${reply}\n`)
    return end(0)
  }
  say('VS Code with Panelist in its secondary side bar is at')
  process.stdout.write(`\n  ${address}\n\n`)
  say('Ctrl+C stops it')
  if (hasDisplay()) openBrowser(address)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(0))
await start().catch(async (error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  await end(1)
})
