/** Fills in the variables of a definition, as VS Code does. */
import { homedir } from 'node:os'
import path from 'node:path'
import { McpError } from '../errors.ts'
import { definitionHash } from '../hash.ts'
import { oneLine } from '../text.ts'
import type { ConfiguredServer, McpInput, RemoteDefinition, StdioDefinition } from './definition.ts'
import { parseEnvFile } from './env-file.ts'
import type { ResolvedDefinition } from './resolved.ts'

export type ResolvePorts = {
  /** The workspace's folders, the first of them first. `path`: of the file system. */
  folders(): readonly { name: string; path: string }[]
  /** A variable of the host's environment. */
  env(name: string): string | undefined
  /** What a person gives, or gave and was kept: secrets where secrets are kept. Undefined where they leave. */
  ask(server: string, input: McpInput, signal: AbortSignal): Promise<string | undefined>
  /** The text of a file. */
  readFile(file: string): Promise<string>
}

/** Throws an `McpError` that names the variable; never one that holds a value. */
export async function resolveDefinition(
  server: ConfiguredServer,
  ports: ResolvePorts,
  signal: AbortSignal,
): Promise<ResolvedDefinition> {
  const filler = new Filler(server, ports, signal)
  const { definition } = server
  return definition.transport === 'stdio' ? program(definition, filler, ports) : remote(definition, filler)
}

async function program(definition: StdioDefinition, filler: Filler, ports: ResolvePorts): Promise<ResolvedDefinition> {
  const base = ports.folders()[0]?.path ?? homedir()
  const cwd = path.resolve(base, definition.cwd === undefined ? '.' : home(await filler.fill(definition.cwd)))
  const command = home(await filler.fill(definition.command))
  const args = await Promise.all(definition.args.map((each) => filler.fill(each)))
  const env: Record<string, string | null> = {}
  if (definition.envFile !== undefined) {
    const file = path.resolve(base, home(await filler.fill(definition.envFile)))
    const text = await ports.readFile(file).catch(() => filler.fail(`its “envFile” ${file} cannot be read.`))
    Object.assign(env, parseEnvFile(text))
  }
  for (const [name, value] of Object.entries(definition.env))
    env[name] = value === null ? null : await filler.fill(value)
  return { transport: 'stdio', program: { command, args, env, cwd } }
}

async function remote(definition: RemoteDefinition, filler: Filler): Promise<ResolvedDefinition> {
  const url = URL.parse(await filler.fill(definition.url))
  if (!url || !/^https?:$/.test(url.protocol))
    return filler.fail('its “url” is no address that begins with http: or https:.')
  if (url.username || url.password) return filler.fail('its “url” holds a name or a password. Put them into “headers”.')
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(definition.headers)) {
    const value = await filler.fill(text)
    try {
      new Headers([[name, value]])
    } catch {
      return filler.fail(`its header ${oneLine(name, 60)} has a name or a value that no header can have.`)
    }
    headers[name] = value
  }
  const { clientId, clientSecret } = definition.oauth ?? {}
  if (clientId === undefined) return { transport: definition.transport, url, headers }
  const oauth = {
    clientId: await filler.fill(clientId),
    ...(clientSecret ? { clientSecret: await filler.fill(clientSecret) } : {}),
  }
  return { transport: definition.transport, url, headers, oauth }
}

/**
 * What an approval of this server is for, as it stands now: its definition, and the text of its `envFile`, which decides
 * what runs as well. See `definitionHash`. Never throws.
 */
export async function approvalHash(server: ConfiguredServer, ports: ResolvePorts): Promise<string> {
  const { definition } = server
  if (definition.transport !== 'stdio' || definition.envFile === undefined) return definitionHash(server)
  const unasked = new Filler(server, { ...ports, ask: async () => undefined }, new AbortController().signal)
  const base = ports.folders()[0]?.path ?? homedir()
  const text = await unasked
    .fill(definition.envFile)
    .then((file) => ports.readFile(path.resolve(base, home(file))))
    .catch(() => undefined)
  return definitionHash(server, text)
}

/** Fills in one definition: each input is asked for once, and what is filled in is not looked through again. */
class Filler {
  readonly #server: ConfiguredServer
  readonly #ports: ResolvePorts
  readonly #signal: AbortSignal
  readonly #asked = new Map<string, Promise<string | undefined>>()
  /** One question at a time: a person has one box to answer in. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(server: ConfiguredServer, ports: ResolvePorts, signal: AbortSignal) {
    this.#server = server
    this.#ports = ports
    this.#signal = signal
  }

  fail(why: string): never {
    const { name } = this.#server
    const todo = 'Correct its configuration.'
    throw new McpError({ code: 'configuration', server: name, what: `${name} cannot start: ${why}`, todo })
  }

  async fill(text: string): Promise<string> {
    const pieces = text.split(/\$\{([^{}]*)\}/)
    // Every second piece is the name of a variable.
    const filled = await Promise.all(pieces.map((piece, index) => (index % 2 ? this.#value(piece) : piece)))
    return filled.join('')
  }

  async #value(variable: string): Promise<string> {
    const [, kind = '', rest = ''] = /^([^:]*):?(.*)$/s.exec(variable) ?? []
    if (kind === 'env' && variable.includes(':')) return this.#ports.env(rest) ?? ''
    if (kind === 'input') return this.#input(rest)
    if (kind === 'workspaceFolder') return this.#folder(rest).path
    if (variable === 'workspaceFolderBasename') return path.basename(this.#folder('').path)
    if (variable === 'userHome') return homedir()
    if (variable === 'pathSeparator' || variable === '/') return path.sep
    return this.#server.origin === 'project'
      ? this.#shell(variable)
      : this.fail(`it uses \${${oneLine(variable, 60)}}, which means nothing here.`)
  }

  /** `.mcp.json` writes `${NAME}` and `${NAME:-otherwise}`. */
  #shell(variable: string): string {
    const [, name, otherwise] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(variable) ?? []
    if (name === undefined) return this.fail(`it uses \${${oneLine(variable, 60)}}, which means nothing here.`)
    return this.#ports.env(name) || (otherwise ?? this.fail(`the environment variable ${name} is not set.`))
  }

  #folder(name: string): { path: string } {
    const folders = this.#ports.folders()
    const folder = name ? folders.find((each) => each.name === name) : folders[0]
    return (
      folder ?? this.fail(name ? `there is no folder ${oneLine(name, 60)} in the workspace.` : 'no folder is open.')
    )
  }

  async #input(id: string): Promise<string> {
    const input = this.#server.inputs.find((each) => each.id === id)
    if (!input) return this.fail(`it uses \${input:${oneLine(id, 60)}}, and there is no such input.`)
    let asked = this.#asked.get(id)
    if (!asked) {
      asked = this.#last.then(() => this.#ports.ask(this.#server.name, input, this.#signal))
      this.#asked.set(id, asked)
      this.#last = asked.catch(() => {})
    }
    const value = await asked
    if (value !== undefined) return value
    const what = `${this.#server.name} was not started: it needs a value for ${oneLine(id, 60)}.`
    throw new McpError({ code: 'configuration', server: this.#server.name, what, todo: 'Start it again and give one.' })
  }
}

function home(file: string): string {
  return file === '~' || file.startsWith('~/') ? path.join(homedir(), file.slice(1)) : file
}
