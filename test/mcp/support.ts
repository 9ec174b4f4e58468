/** Sets of servers as a window would hold them, with the person and the log played by the test. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConfiguredServer, McpDefinition, McpTimeouts } from '../../src/mcp/configuration/definition.ts'
import { defaultTimeouts } from '../../src/mcp/configuration/definition.ts'
import type { ResolvedDefinition } from '../../src/mcp/configuration/resolved.ts'
import type { McpPorts } from '../../src/mcp/ports.ts'
import type { McpServer } from '../../src/mcp/server.ts'
import type { McpServersOptions } from '../../src/mcp/servers.ts'
import { McpServers } from '../../src/mcp/servers.ts'
import type { McpTool } from '../../src/mcp/tools.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { freePort, processTree } from '../harness/processes.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** The program of an official server, which is a package. */
export function packaged(name: 'everything' | 'filesystem' | 'memory'): string {
  return path.join(root, 'node_modules/@modelcontextprotocol', `server-${name}`, 'dist/index.js')
}

/** One of our own misbehaving servers. */
export const misbehaving = (name: string): string => path.join(import.meta.dirname, 'servers', `${name}.ts`)

export function node(file: string, ...args: string[]): McpDefinition {
  return { transport: 'stdio', command: process.execPath, args: [file, ...args], env: {} }
}

export function configured(
  name: string,
  definition: McpDefinition,
  timeouts: Partial<McpTimeouts> = {},
): ConfiguredServer {
  return { name, origin: 'settings', definition, inputs: [], timeouts: { ...defaultTimeouts, ...timeouts } }
}

/** Fills in nothing: what the tests configure holds no variables. */
export async function asItStands({ definition }: ConfiguredServer): Promise<ResolvedDefinition> {
  if (definition.transport !== 'stdio') {
    return { ...definition, url: new URL(definition.url) }
  }
  const { command, args, env, cwd = root } = definition
  return { transport: 'stdio', program: { command, args, env, cwd } }
}

export type Desk = { servers: McpServers; log: string[]; changes: string[] }

/** A set of servers, none of them started. What is logged and what changed is kept as lines. */
export async function desk(
  list: readonly ConfiguredServer[],
  options: Partial<Omit<McpServersOptions, 'ports'>> & { ports?: Partial<McpPorts> } = {},
): Promise<Desk & AsyncDisposable> {
  const log: string[] = []
  const changes: string[] = []
  const { ports, ...rest } = options
  const servers = new McpServers({
    client: { name: 'panelist-tests', version: '0.0.0' },
    resolve: asItStands,
    ...rest,
    ports: {
      roots: () => [],
      onLog: ({ server, level, source, text }) => log.push(`${server} ${level} ${source} ${text}`),
      ...ports,
    },
  })
  servers.onChange((change) => {
    const kind = change.kind === 'state' ? servers.server(change.server).state.kind : change.kind
    changes.push(`${change.server} ${kind}`)
  })
  await servers.configure(list)
  return { servers, log, changes, [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() }
}

/** The tool that a server calls so. */
export function toolOf(servers: McpServers, name: string): McpTool {
  const tool = servers.tools().find((each) => each.tool === name)
  assert.ok(
    tool,
    `no tool ${name} among ${servers
      .tools()
      .map((each) => each.tool)
      .join(', ')}`,
  )
  return tool
}

export function context(more: Partial<ToolContext> = {}): ToolContext {
  return {
    signal: new AbortController().signal,
    callId: 'call',
    conversation: 'conversation',
    onOutput: () => {},
    onProgress: () => {},
    ...more,
  }
}

/** Waits until `happened` gives something, and fails with `what` after `withinMs`. */
export async function until<T>(happened: () => T | undefined | false, what: string, withinMs = 45_000): Promise<T> {
  for (const end = Date.now() + withinMs; ; await pause(20)) {
    const value = happened()
    if (value) return value
    if (Date.now() > end) assert.fail(`did not happen: ${what}`)
  }
}

/** True while the process runs; one that ended and was not yet collected does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes below this one whose command holds `text`. */
export function processesOf(text: string): number[] {
  return processTree(process.pid)
    .filter(({ pid, command }) => pid !== process.pid && command.includes(text))
    .map(({ pid }) => pid)
}

export type Listening = AsyncDisposable & { port: number; url: string; child: ChildProcess; kill(): Promise<void> }

/** The everything server over HTTP, in a process of its own. */
export async function everythingOver(kind: 'streamableHttp' | 'sse', wished?: number): Promise<Listening> {
  const port = wished ?? (await freePort())
  const child = spawn(process.execPath, [packaged('everything'), kind], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  await until(() => /listening on port|running on port/i.test(said), `server on port ${port}: ${said}`)
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const url = `http://127.0.0.1:${port}/${kind === 'sse' ? 'sse' : 'mcp'}`
  return { port, url, child, kill, [Symbol.asyncDispose]: kill }
}

export const stateOf = (server: McpServer): string => server.state.kind
