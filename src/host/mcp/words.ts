/** A server's definition in words for the person who decides whether it may run. */
import type { ConfiguredServer, McpDefinition, McpOrigin } from '../../mcp/configuration/definition.ts'
import { cutAt, visible } from '../../mcp/text.ts'

/** UTF-16 units. */
const LONGEST = 3_000

export const PLACES: Record<McpOrigin, string> = {
  settings: 'User settings',
  vscode: '.vscode/mcp.json',
  project: '.mcp.json',
}

/** The line a card shows: the command as it stands, or the address without what may be meant for the server alone. */
export function inShort(definition: McpDefinition): string {
  if (definition.transport === 'stdio') return plain([definition.command, ...definition.args].map(quoted).join(' '))
  return plain(definition.url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//'))
}

/** Everything that decides what runs or what is reached, variables as they stand. Nothing is left out unsaid. */
export function inFull({ definition, inputs }: ConfiguredServer): string {
  const lines: string[] = []
  if (definition.transport === 'stdio') {
    const { command, args, env, cwd, envFile } = definition
    lines.push(`Runs: ${[command, ...args].map(quoted).join(' ')}`)
    if (cwd !== undefined) lines.push(`In: ${cwd}`)
    const variables = Object.entries(env)
    if (variables.length > 0)
      lines.push(`Environment: ${variables.map(([name, value]) => `${name}=${value ?? '(taken away)'}`).join(', ')}`)
    if (envFile !== undefined) lines.push(`Environment from: ${envFile}`)
  } else {
    lines.push(`Connects to: ${definition.url}`)
    const headers = Object.keys(definition.headers)
    if (headers.length > 0) lines.push(`Headers: ${headers.join(', ')}`)
    if (definition.oauth) lines.push(`Signs in as: ${definition.oauth.clientId}`)
  }
  if (inputs.length > 0) lines.push(`Asks you for: ${inputs.map(({ id }) => id).join(', ')}`)
  const text = lines.map((line) => plain(line)).join('\n') + (lines.some((line) => visible(line) !== line) ? HIDES : '')
  if (text.length <= LONGEST) return text
  return `${cutAt(text, LONGEST)}…\n\nIt goes on for ${text.length - LONGEST} more characters. Read the file before you allow it.`
}

const HIDES = '\nIt holds characters that nobody sees: what runs is not what it looks like.'

const plain = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

const quoted = (word: string): string => (/^[\w@%+=:,./\\${}~-]+$/.test(word) ? word : JSON.stringify(word))
