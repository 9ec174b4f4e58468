/** Reads servers from the settings and from the files that other programs read as well. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import { oneLine, visible } from '../text.ts'
import type { ConfiguredServer, McpDefinition, McpInput, McpOrigin } from './definition.ts'
import { defaultTimeouts } from './definition.ts'
import { Reader } from './reader.ts'
import { inputsIn, readInputs } from './inputs.ts'
import { parseJsonc } from './jsonc.ts'

/** `message`: a sentence for a person that names the place. */
export type ConfigurationProblem = { origin: McpOrigin; server?: string; message: string }
export type ParsedServers = { servers: ConfiguredServer[]; problems: ConfigurationProblem[] }

/** What a person calls each place. */
const PLACES: Record<McpOrigin, string> = {
  settings: 'the setting panelist.mcp.servers',
  vscode: '.vscode/mcp.json',
  project: '.mcp.json',
}

/** The value of `panelist.mcp.servers`: servers by their names. */
export function parseSettings(value: unknown): ParsedServers {
  return parseServers('settings', value ?? {}, [])
}

/** The text of `.vscode/mcp.json` (`{servers, inputs}`) or of `.mcp.json` (`{mcpServers}`). Never throws. */
export function parseFile(origin: 'vscode' | 'project', text: string): ParsedServers {
  const problem = (message: string) => ({
    servers: [],
    problems: [{ origin, message: `${PLACES[origin]} ${message}` }],
  })
  const value = parseJsonc(text)
  if (!isObject(value)) return problem('is no JSON object, so none of its servers can be used. Correct it.')
  const field = origin === 'vscode' ? 'servers' : 'mcpServers'
  const servers = value[field] ?? value.servers ?? value.mcpServers
  if (servers === undefined) return problem(`has no “${field}”, so there are no servers in it.`)
  return parseServers(origin, servers, readInputs(value.inputs))
}

/** One list of several: of two servers with one name the first counts, so a workspace never stands in for a person's own. */
export function merge(lists: readonly ParsedServers[]): ParsedServers {
  const servers = new Map<string, ConfiguredServer>()
  const problems = lists.flatMap((list) => list.problems)
  for (const server of lists.flatMap((list) => list.servers)) {
    const first = servers.get(server.name)
    if (!first) servers.set(server.name, server)
    else {
      const message = `There is a server ${server.name} in ${PLACES[first.origin]} already; that of ${PLACES[server.origin]} is not used.`
      problems.push({ origin: server.origin, server: server.name, message })
    }
  }
  return { servers: [...servers.values()], problems }
}

function parseServers(origin: McpOrigin, value: unknown, inputs: readonly McpInput[]): ParsedServers {
  const parsed: ParsedServers = { servers: [], problems: [] }
  if (!isObject(value)) {
    parsed.problems.push({ origin, message: `The servers of ${PLACES[origin]} are no JSON object. Correct it.` })
    return parsed
  }
  for (const [name, entry] of Object.entries(value)) {
    const reader = new Reader()
    const server = parseServer(origin, name, entry, inputs, reader)
    if (server) parsed.servers.push(server)
    else {
      const shown = oneLine(name, 80)
      const message = `The server ${shown} of ${PLACES[origin]} cannot be used: ${reader.problem ?? 'it is unclear'}.`
      parsed.problems.push({ origin, server: shown, message })
    }
  }
  return parsed
}

function parseServer(
  origin: McpOrigin,
  name: string,
  entry: Json,
  inputs: readonly McpInput[],
  reader: Reader,
): ConfiguredServer | undefined {
  if (name.trim() === '' || name.length > 100 || visible(name) !== name || /[\r\n\t]/.test(name)) {
    return reader.fail('its name is empty, too long or has characters that cannot be seen')
  }
  if (!isObject(entry)) return reader.fail('it is no JSON object')
  const definition = parseDefinition(entry, reader)
  if (!definition || reader.problem) return undefined
  const seconds = (field: string, otherwise: number) => (reader.number(entry, field) ?? otherwise / 1000) * 1000
  const timeouts = {
    start: seconds('startTimeout', defaultTimeouts.start),
    request: seconds('requestTimeout', defaultTimeouts.request),
    total: seconds('totalTimeout', defaultTimeouts.total),
  }
  const wanted = inputsIn(definition)
  const missing = wanted.find((id) => !inputs.some((input) => input.id === id))
  if (missing !== undefined)
    return reader.fail(`it uses \${input:${oneLine(missing, 40)}}, and there is no such text or pick input`)
  if (reader.problem) return undefined
  return {
    name,
    origin,
    definition,
    inputs: inputs.filter(({ id }) => wanted.includes(id)),
    timeouts,
    ...(entry.disabled === true ? { disabled: true } : {}),
  }
}

function parseDefinition(entry: JsonObject, reader: Reader): McpDefinition | undefined {
  const kind = kindOf(entry)
  if (kind === undefined)
    return reader.fail(`its type ${oneLine(String(entry.type), 40)} is none of stdio, http and sse`)
  if (kind !== 'stdio') {
    const url = reader.text(entry, 'url')
    const headers = reader.texts(entry, 'headers')
    const { oauth = {} } = entry
    if (!isObject(oauth)) return reader.fail('its “oauth” is no JSON object')
    const [clientId, clientSecret] = [reader.text(oauth, 'clientId'), reader.text(oauth, 'clientSecret')]
    if (!url || !headers) return reader.fail('it has no “url”')
    const client = clientId ? { oauth: { clientId, ...(clientSecret ? { clientSecret } : {}) } } : {}
    return { transport: kind, url, headers, ...client }
  }
  const command = reader.text(entry, 'command')
  const args = reader.list(entry, 'args')
  const env = reader.texts(entry, 'env', true)
  const [cwd, envFile] = [reader.text(entry, 'cwd'), reader.text(entry, 'envFile')]
  if (!command) return reader.fail('it has neither “command” nor “url”')
  if (!args || !env) return undefined
  if (Object.keys(env).some((name) => name === '' || name.includes('=')))
    return reader.fail('its “env” has a name that is none')
  return { transport: 'stdio', command, args, env, ...(cwd ? { cwd } : {}), ...(envFile ? { envFile } : {}) }
}

function kindOf({ type, transport, url }: JsonObject): McpDefinition['transport'] | undefined {
  const told = type ?? transport
  if (told === undefined) return url === undefined ? 'stdio' : 'http'
  if (told === 'stdio' || told === 'http' || told === 'sse') return told
  return told === 'streamable-http' || told === 'streamableHttp' ? 'http' : undefined
}
