/**
 * The cache folder that the rig fills once and every checkout on this machine shares: Node 24, the VS Code server,
 * profiles of `npm start`. Plain built-ins only: the bootstrap runs this before anything is installed.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** The cache folder: `PANELIST_CACHE`, or `panelist` where this platform keeps caches. */
export function cacheFolder() {
  if (process.env.PANELIST_CACHE) return path.resolve(process.env.PANELIST_CACHE)
  if (process.platform === 'win32') {
    return path.join(process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local'), 'panelist')
  }
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'panelist')
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'panelist')
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** True while a process of this id runs. */
function runs(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** A lock is a folder with its owner's pid. One whose owner is gone, or never wrote its name, is nobody's. */
function isAbandoned(lock) {
  try {
    return !runs(Number(readFileSync(path.join(lock, 'pid'), 'utf8')))
  } catch {
    try {
      return Date.now() - statSync(lock).mtimeMs > 10_000
    } catch {
      return false
    }
  }
}

/** Runs `work` while no other process holds `name` in the cache. */
export async function withLock(name, work) {
  const lock = path.join(cacheFolder(), `${name}.lock`)
  mkdirSync(path.dirname(lock), { recursive: true })
  for (let waited = 0; ; waited += 200) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true })
      else if (waited === 2_000) say(`waiting for another process that prepares ${name} (${lock})`)
      await pause(200)
    }
  }
  writeFileSync(path.join(lock, 'pid'), String(process.pid))
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/**
 * The folder `name` in the cache. `fill` builds it in a folder beside it, which takes the name only when it is whole:
 * so a folder that exists is a folder that is finished.
 */
export async function installOnce(name, isWhole, fill) {
  const folder = path.join(cacheFolder(), name)
  if (isWhole(folder)) return folder
  return withLock(name, async () => {
    if (isWhole(folder)) return folder
    const partial = `${folder}.partial`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    await fill(partial)
    if (!isWhole(partial)) throw new Error(`${name} was installed into ${partial}, but is not whole there.`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
    return folder
  })
}

/** One short line of progress. Goes to stderr, so that stdout stays the answer. */
export function say(line) {
  process.stderr.write(`[panelist] ${line}\n`)
}

/** Runs `work` and says what it was and how long it took. */
export async function step(label, work) {
  say(`${label} ...`)
  const started = performance.now()
  const result = await work()
  say(`${label}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}
