/** A real VS Code server on a port of its own, for tests and for `npm start`. */
import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ensureServer } from './environment.ts'
import { endTree, freePort, killTree, processTree } from './processes.ts'
import type { Profile } from './profile.ts'

export type ServerOptions = {
  /** Default: any free port. */
  port?: number
  /** Added to the environment that extensions see; `undefined` removes a variable. */
  env?: Record<string, string | undefined>
  /** Keep the API keys of this process's environment. Tests leave them out: a person's key is not theirs to spend. */
  keepKeys?: boolean
  /** Leaves VS Code's own telemetry to its setting. What it would tell its makers goes to this address. */
  telemetry?: string
  /** What a browser must show to be let in. Tests do without: their server lives for seconds on a port nobody knows. */
  token?: string
}

export type Server = {
  port: number
  /** The origin, without a slash at the end. */
  url: string
  pid: number
  profile: Profile
  logFile: string
  /** The process id of the extension host that started last, or undefined while there is none. */
  extensionHost(): number | undefined
  /** Ends the server and everything it started. */
  stop(): Promise<void>
}

/** Starts the server for `profile` and waits until it answers. */
export async function startServer(profile: Profile, options: ServerOptions = {}): Promise<Server> {
  const folder = await ensureServer()
  const port = options.port ?? (await freePort())
  const logFile = path.join(profile.folder, 'server.log')
  const log = openSync(logFile, 'w')
  const child = spawn(
    process.execPath,
    [path.join(folder, 'out', 'server-main.js'), ...flags(profile, port, options)],
    {
      cwd: folder,
      env: environment(profile, options),
      stdio: ['ignore', log, log],
    },
  )
  const pid = child.pid
  if (pid === undefined) throw new Error('The VS Code server did not start.')
  const atExit = () => killTree(pid)
  process.once('exit', atExit)
  const url = `http://127.0.0.1:${port}`
  for (let waited = 0; !(await answers(url)); waited += 50) {
    if (child.exitCode !== null || waited > 30_000) {
      killTree(pid)
      throw new Error(`The VS Code server does not answer on ${url}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`)
    }
    await pause(50)
  }
  return {
    port,
    url,
    pid,
    profile,
    logFile,
    extensionHost: () => processTree(pid).findLast((entry) => entry.command.includes('--type=extensionHost'))?.pid,
    stop: async () => {
      process.off('exit', atExit)
      await endTree(pid)
    },
  }
}

function flags(profile: Profile, port: number, { token, telemetry }: ServerOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...(token === undefined ? ['--without-connection-token'] : ['--connection-token', token]),
    '--accept-server-license-terms',
    ...['--server-data-dir', profile.data, '--user-data-dir', profile.data],
    ...['--extensions-dir', profile.extensions],
    ...['--default-folder', profile.workspace],
    ...(telemetry === undefined ? ['--disable-telemetry'] : []),
    '--enable-smoke-test-driver', // without it the page ignores the extension test parameters of its address
  ]
}

const editorVariables = /^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|NODE_ENV$)/
const keyVariables = /^(ANTHROPIC|OPENAI|GOOGLE|GEMINI|OPENROUTER|OLLAMA|LITELLM)_/

function environment(profile: Profile, options: ServerOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !editorVariables.test(name) && (options.keepKeys || !keyVariables.test(name)),
  )
  const home = options.keepKeys ? {} : { HOME: profile.home, USERPROFILE: profile.home }
  const told = options.telemetry === undefined ? {} : { CS_TELEMETRY_URL: options.telemetry }
  return { ...Object.fromEntries(inherited), ...home, ...told, ...options.env }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/version`)).ok
  } catch {
    return false
  }
}

/** Query parameters that make the page load the extension at `extension`, and run `tests` in its extension host. */
export function developmentPayload(server: Server, extension: string, tests?: string): string {
  const remote = (file: string) => `vscode-remote://127.0.0.1:${server.port}${file}`
  const payload = [['extensionDevelopmentPath', remote(extension)]]
  if (tests !== undefined) payload.push(['extensionTestsPath', remote(tests)])
  return JSON.stringify(payload)
}
