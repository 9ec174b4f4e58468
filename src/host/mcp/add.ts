/** Adding a server to the person's own settings, in boxes of the editor. */
import type { Objection } from '../provider-page/boxes.ts'
import type { McpDesk } from './desk.ts'

/** The name of what was added; undefined where the person left. */
export async function addServer(desk: McpDesk, taken: ReadonlySet<string>): Promise<string | undefined> {
  const kinds = [
    { label: 'Command line', description: 'a program on this machine (stdio)', value: 'command' as const },
    { label: 'Address', description: 'a server that is reached by HTTP', value: 'address' as const },
  ]
  const { boxes } = desk
  const kind = await boxes.pick(kinds, { title: 'Add an MCP Server', placeHolder: 'How is it reached?' })
  if (!kind) return undefined
  const definition = await boxes.ask(kind.value === 'command' ? COMMAND : ADDRESS)
  if (definition === undefined) return undefined
  const entry = kind.value === 'command' ? program(definition) : { type: 'http', url: definition.trim() }
  const name = await boxes.ask({
    title: 'Add an MCP Server: Name',
    prompt: 'What it is called here; models see it before the names of its tools',
    value: freeName(suggestion(definition), taken),
    check: (text) => nameProblem(text, taken),
  })
  if (name === undefined) return undefined
  await desk.write((entries) => ({ ...entries, [name.trim()]: entry }))
  return name.trim()
}

const COMMAND = {
  title: 'Add an MCP Server: Command Line',
  prompt: 'As in a terminal; words with spaces in quotes. It runs with your rights, without a shell.',
  placeHolder: 'npx -y @modelcontextprotocol/server-memory',
  check: (text: string): Objection => {
    const words = wordsOf(text)
    if (!words) return 'A quote is not closed.'
    return words.length === 0 ? 'Give a command.' : undefined
  },
}

const ADDRESS = {
  title: 'Add an MCP Server: Address',
  prompt: 'As its documentation gives it. Headers and the like can be added in the settings.',
  placeHolder: 'https://host.example/mcp',
  check: (text: string): Objection => {
    const url = URL.parse(text.trim())
    if (!url || !/^https?:$/.test(url.protocol)) return 'Give an address that begins with https:// or http://.'
    if (url.username || url.password) return 'Leave the name and the password out: add a header in the settings.'
    return undefined
  },
}

function program(line: string): Record<string, unknown> {
  const [command = '', ...args] = wordsOf(line) ?? []
  return { command, args }
}

/**
 * The words of a command line as they are typed: quotes hold words together, a backslash stands for itself but before a
 * quote. Undefined where a quote is not closed.
 */
export function wordsOf(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    const next = line.charAt(at + 1)
    if (character === '\\' && quote !== "'" && (next === '"' || next === "'")) {
      word = (word ?? '') + next
      at++
    } else if (quote) {
      if (character === quote) quote = ''
      else word = (word ?? '') + character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quote) return undefined
  return word === undefined ? words : [...words, word]
}

/** The last word of a command that looks like a package or a file, or the host of an address. */
function suggestion(definition: string): string {
  const host = URL.parse(definition.trim())?.hostname
  const words = wordsOf(definition) ?? []
  const meant = host ?? words.find((word) => /server|mcp/i.test(word)) ?? words[0] ?? ''
  const last =
    host ??
    meant
      .split(/[\\/]/)
      .filter((part) => !/^(index|dist|build|src)(\.\w+)?$/.test(part))
      .at(-1) ??
    ''
  return (
    last
      .replace(/^(mcp-)?server-|\.\w+$|@[\d.]+$/g, '')
      .replace(/[^\w-]+/g, '-')
      .slice(0, 40) || 'server'
  )
}

function freeName(wished: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wished : `${wished}-${count}`
    if (!taken.has(name)) return name
  }
}

function nameProblem(text: string, taken: ReadonlySet<string>): Objection {
  const name = text.trim()
  if (!/^[\w-]{1,40}$/.test(name)) return 'Use at most 40 letters, digits, - and _.'
  return taken.has(name) ? `There is an MCP server ${name} already.` : undefined
}
