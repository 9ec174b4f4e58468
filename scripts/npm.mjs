/** Calls npm, under whichever Node is asked for. Plain built-ins only, like all of the bootstrap. */
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'

/** npm's own script: the npm that started us, else the one beside this Node, else the first on PATH. */
function npmScript() {
  if (/npm-cli\.js$/.test(process.env.npm_execpath ?? '')) return process.env.npm_execpath
  const folders = [path.dirname(process.execPath), ...(process.env.PATH ?? '').split(path.delimiter)].filter(Boolean)
  for (const folder of folders) {
    for (const relative of ['node_modules/npm/bin/npm-cli.js', '../lib/node_modules/npm/bin/npm-cli.js']) {
      if (existsSync(path.join(folder, relative))) return path.join(folder, relative)
    }
    const npm = path.join(folder, 'npm')
    if (existsSync(npm) && /npm-cli\.js$/.test(realpathSync(npm))) return realpathSync(npm)
  }
  throw new Error('npm was not found. Install Node.js with npm, or run this through `npm start` or `npm test`.')
}

/**
 * Runs npm with `args` in `cwd` under the Node at `node`. Its output is shown only when it fails.
 * What npm told this process about its own run (`npm_*`) is not handed on: it would act on the wrong package.
 */
export function npm(node, args, cwd) {
  const env = { PATH: '' }
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^npm_(package|lifecycle|command|config_local_prefix)/.test(name)) env[name] = value
  }
  env.PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`
  return new Promise((resolve, reject) => {
    const child = spawn(node, [npmScript(), ...args, '--no-audit', '--no-fund'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`npm ${args.join(' ')} failed with code ${code}:\n${output.trim()}`))
    })
  })
}
