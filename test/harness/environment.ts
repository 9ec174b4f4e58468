/** What the rig needs of the machine: the cache, a desktop VS Code or a VS Code server, and a Chromium. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { installOnce, step, withLock } from '../../scripts/cache.mjs'
import { npm } from '../../scripts/npm.mjs'

const run = promisify(execFile)

/** The project's root folder. */
export const root = path.resolve(import.meta.dirname, '../..')

/**
 * The npm package whose `lib/vscode` is a build of the VS Code server. 4.139.1 holds VS Code 1.139.1. It is a program
 * the rig runs, not something Panelist uses, hence here and not in package.json.
 */
const serverPackage = 'code-server'
const serverVersion = '4.139.1'

/** The folder that holds the VS Code server's `out/server-main.js`; installed on first use. */
export async function ensureServer(): Promise<string> {
  const inside = (folder: string) => path.join(folder, 'node_modules', serverPackage, 'lib', 'vscode')
  const folder = await installOnce(
    `vscode-server-${serverVersion}`,
    (candidate) => existsSync(path.join(candidate, 'whole')),
    async (partial) => {
      writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n')
      await step(`installing the VS Code server (${serverPackage} ${serverVersion})`, () =>
        npm(process.execPath, ['install', '--ignore-scripts', `${serverPackage}@${serverVersion}`], partial),
      )
      await step("installing the VS Code server's own packages", () =>
        npm(process.execPath, ['install', '--omit=dev', '--ignore-scripts'], inside(partial)),
      )
      writeFileSync(path.join(partial, 'whole'), '')
    },
  )
  return inside(folder)
}

/** The first of `names` that is an executable on PATH. */
export function onPath(...names: string[]): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean)
  return firstExecutable(
    names.flatMap((name) => folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)))),
  )
}

function firstExecutable(candidates: string[]): string | undefined {
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const programFolders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
  .map((name) => process.env[name])
  .filter((folder) => folder !== undefined)

function findChromium(): string | undefined {
  const stated = process.env['CHROME']
  if (stated) {
    if (existsSync(stated)) return stated
    throw new Error(`CHROME is set to ${stated}, which does not exist.`)
  }
  const known =
    process.platform === 'darwin'
      ? ['Google Chrome', 'Chromium', 'Microsoft Edge'].flatMap((name) => [
          `/Applications/${name}.app/Contents/MacOS/${name}`,
          path.join(os.homedir(), `Applications/${name}.app/Contents/MacOS/${name}`),
        ])
      : programFolders.flatMap((folder) => [
          path.join(folder, 'Google/Chrome/Application/chrome.exe'),
          path.join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ])
  return onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') ?? firstExecutable(known)
}

/** A Chromium's executable: `CHROME`, one that is installed, or Debian's own, installed on first use where we may. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium()
  if (found) return found
  if (process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')) {
    return withLock('chromium', async () => {
      const meanwhile = findChromium()
      if (meanwhile) return meanwhile
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      await step('installing chromium with apt-get', async () => {
        await run('apt-get', ['update', '-q'], { env, maxBuffer: 1e8 })
        await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env, maxBuffer: 1e8 })
      })
      const installed = findChromium()
      if (!installed) throw new Error('apt-get installed chromium, but no chromium is on PATH.')
      return installed
    })
  }
  throw new Error('No Chromium was found. Install Chromium or Google Chrome, or set CHROME to its executable.')
}

/** The command line of a desktop VS Code that is installed here, or undefined. */
export function findDesktop(): string | undefined {
  const known =
    process.platform === 'darwin'
      ? ['/Applications', path.join(os.homedir(), 'Applications')].map((folder) =>
          path.join(folder, 'Visual Studio Code.app/Contents/Resources/app/bin/code'),
        )
      : process.platform === 'win32'
        ? programFolders.flatMap((folder) => [
            path.join(folder, 'Microsoft VS Code/bin/code.cmd'),
            path.join(folder, 'Programs/Microsoft VS Code/bin/code.cmd'),
          ])
        : ['/usr/share/code/bin/code', '/snap/bin/code']
  return onPath('code') ?? firstExecutable(known)
}

/** True where a window can be shown. */
export function hasDisplay(): boolean {
  if (process.env['CI'] || process.env['PANELIST_HEADLESS']) return false
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'])
}
