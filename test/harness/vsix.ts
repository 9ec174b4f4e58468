/** Packs Panelist as a person gets it, and installs it. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { step, withLock } from '../../scripts/cache.mjs'
import { ensureServer, root } from './environment.ts'

const run = promisify(execFile)

/** What the VSIX is made of. */
const sources = ['src', 'webview', 'media', 'esbuild.mjs', 'package.json', 'package-lock.json', '.vscodeignore']
const pages = ['README.md', 'CHANGELOG.md', 'LICENSE']

/** When the newest file at or below `entry` changed, ms since 1970; 0 where there is none. */
function lastChange(entry: string): number {
  const stat = statSync(entry, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(entry).map((name) => lastChange(path.join(entry, name))))
}

/** The path of a VSIX of the present sources; packs one when the last is older than they are. */
export async function buildVsix(): Promise<string> {
  const vsix = path.join(root, 'out', 'panelist.vsix')
  const newest = Math.max(...[...sources, ...pages].map((name) => lastChange(path.join(root, name))))
  if (lastChange(vsix) > newest) return vsix
  mkdirSync(path.dirname(vsix), { recursive: true })
  const program = path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce')
  await step('packing the extension', () =>
    run(process.execPath, [program, 'package', '--no-dependencies', '--out', vsix], { cwd: root }),
  )
  return vsix
}

/**
 * Installs a VSIX into an extensions folder by the server's own command line, replacing what was there;
 * does nothing where this very file is installed already.
 */
export async function installVsix(vsix: string, extensions: string): Promise<void> {
  const mark = path.join(extensions, '.panelist-installed')
  const { mtimeMs, size } = statSync(vsix)
  const wanted = `${vsix} ${size} ${mtimeMs}`
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  const server = await ensureServer()
  rmSync(extensions, { recursive: true, force: true })
  mkdirSync(extensions, { recursive: true })
  const scratch = `${extensions}-install`
  const folders = ['--extensions-dir', extensions, '--server-data-dir', scratch, '--user-data-dir', scratch]
  await run(process.execPath, ['out/server-main.js', '--install-extension', vsix, '--force', ...folders], {
    cwd: server,
  })
  rmSync(scratch, { recursive: true, force: true })
  writeFileSync(mark, wanted)
}

/** Another run may still use what an earlier VSIX was installed into; after this time, ms, it has ended. */
const inUse = 60 * 60 * 1000

/** An extensions folder, shared by all who only read it, that holds the VSIX of the present sources. */
export async function installedPanelist(): Promise<string> {
  return withLock('vsix', async () => {
    const vsix = await buildVsix()
    const { mtimeMs, size } = statSync(vsix)
    const all = path.join(root, 'out', 'extensions')
    const extensions = path.join(all, `${Math.round(mtimeMs)}-${size}`)
    await installVsix(vsix, extensions)
    for (const name of readdirSync(all)) {
      const old = path.join(all, name)
      if (old !== extensions && lastChange(old) < Date.now() - inUse) rmSync(old, { recursive: true, force: true })
    }
    return extensions
  })
}
