#!/usr/bin/env node
/**
 * The bootstrap behind `npm start`, `npm test` and `npm run bench`:
 *
 *   node scripts/run.mjs <command> [arguments]      runs scripts/<command>.ts
 *
 * A fresh clone has no node_modules and perhaps only an old Node, so this file uses plain built-ins and runs on Node 18.
 * It makes sure of Node 24, of node_modules as package-lock.json asks, and hands over.
 */
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { installOnce, step, withLock } from './cache.mjs'
import { npm } from './npm.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/**
 * Node 24 is what VS Code ships and what its server asks for; it runs .ts files as they are, and its node:sqlite has
 * FTS5. Under Node 20 npm would also pick older majors of several SDKs.
 */
const neededNode = 24

/** The Node that everything runs under: this one where it is new enough, else one from npm in the cache. */
async function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= neededNode) return process.execPath
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const binary = (folder) =>
    path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const folder = await installOnce(
    'node',
    (candidate) => existsSync(binary(candidate)),
    (partial) =>
      step(`installing Node ${neededNode} (this is ${process.version})`, async () => {
        writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n')
        await npm(process.execPath, ['install', '--ignore-scripts', `${name}@${neededNode}`], partial)
      }),
  )
  return binary(folder)
}

/** True when node_modules holds every package of package-lock.json in its version; npm writes its own list last. */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages
  try {
    const installed = packages('node_modules/.package-lock.json')
    return Object.entries(packages('package-lock.json')).every(
      ([name, wanted]) => name === '' || wanted.optional || installed[name]?.version === wanted.version,
    )
  } catch {
    return false
  }
}

async function ensurePackages(node) {
  if (isInstalled()) return
  // npm would empty the folder that the link leads to, which is another checkout's.
  const folder = path.join(root, 'node_modules')
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(`${folder} is a link, and what it leads to is not what package-lock.json asks for.`)
  }
  const checkout = `packages-${Buffer.from(root).toString('base64url').slice(-60)}`
  await withLock(checkout, async () => {
    if (isInstalled()) return
    await step('installing the packages of package-lock.json', () => npm(node, ['ci', '--ignore-scripts'], root))
  })
}

/** Becomes scripts/<command>.ts: same terminal, same signals, same exit code. */
function handOver(node, script, args) {
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  // Ctrl+C reaches the child by the terminal; here it must not end the parent before the child has cleaned up.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', fail)
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

function fail(error) {
  process.stderr.write(`[panelist] ${error.message}\n`)
  process.exit(1)
}

const commands = readdirSync(path.join(root, 'scripts'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
const [command = '', ...args] = process.argv.slice(2)
if (commands.includes(command)) {
  try {
    const node = await ensureNode()
    await ensurePackages(node)
    handOver(node, path.join(root, 'scripts', `${command}.ts`), args)
  } catch (error) {
    fail(error)
  }
} else {
  fail(new Error(`Usage: node scripts/run.mjs <${commands.join('|')}> [arguments]`))
}
