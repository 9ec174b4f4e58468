/** Which servers a window has: those of the person's settings, and in a trusted workspace those of its files. */
import path from 'node:path'
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { ParsedServers } from '../../mcp/configuration/parse.ts'
import { merge, parseFile, parseSettings } from '../../mcp/configuration/parse.ts'
import type { McpDesk } from './desk.ts'

/** `files`: where the server stands, for those that stand in a file. `problems`: whole sentences. */
export type McpConfiguration = {
  servers: readonly ConfiguredServer[]
  files: ReadonlyMap<ConfiguredServer, string>
  problems: readonly string[]
}

/** The files of a folder, as a glob reads them too. */
export const FILES = { vscode: '.vscode/mcp.json', project: '.mcp.json' } as const

export const noServers: McpConfiguration = { servers: [], files: new Map(), problems: [] }

/** Never throws: what cannot be used is a problem. */
export async function readConfiguration(desk: McpDesk): Promise<McpConfiguration> {
  if (!desk.trusted()) return noServers
  const files = new Map<ConfiguredServer, string>()
  const read = async (folder: string, origin: keyof typeof FILES): Promise<ParsedServers> => {
    const file = path.join(folder, FILES[origin])
    const text = await desk.readFile(file).catch(() => undefined)
    if (text === undefined) return { servers: [], problems: [] }
    const parsed = parseFile(origin, text)
    for (const server of parsed.servers) files.set(server, file)
    return parsed
  }
  const places = desk.folders().flatMap((folder) => [read(folder.path, 'vscode'), read(folder.path, 'project')])
  const { servers, problems } = merge([parseSettings(desk.entries()), ...(await Promise.all(places))])
  return { servers, files, problems: problems.map(({ message }) => message) }
}
