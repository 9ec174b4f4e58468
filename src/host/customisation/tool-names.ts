/** The tools an agent or a prompt names, in the words of VS Code's files, and which of ours each word means. */
import type { Tool } from '../../tools/tool.ts'
import { toolName } from '../../mcp/names.ts'
import { extensionToolName } from '../extension-tool-name.ts'

const READS = ['read_file', 'list_directory', 'document_symbols', 'diagnostics']
const SEARCHES = ['find_files', 'search_text', 'list_directory', 'find_references', 'document_symbols']
const EDITS = ['edit_file', 'write_file']

/** VS Code's names of tool sets and tools, those of its older releases, and those of Claude's files. */
const MEANINGS: Record<string, readonly string[]> = {
  read: READS,
  readfile: ['read_file'],
  problems: ['diagnostics'],
  search: SEARCHES,
  codebase: ['search_text', 'find_files', 'list_directory'],
  textsearch: ['search_text'],
  filesearch: ['find_files'],
  findtextinfiles: ['search_text'],
  findfiles: ['find_files'],
  listdirectory: ['list_directory'],
  listdir: ['list_directory'],
  usages: ['find_references'],
  changes: ['git_diff', 'git_log'],
  edit: EDITS,
  editfiles: EDITS,
  createfile: ['write_file'],
  new: ['write_file'],
  execute: ['run_command'],
  runcommands: ['run_command'],
  runcommand: ['run_command'],
  runinterminal: ['run_command'],
  runtasks: ['run_command'],
  shell: ['run_command'],
  bash: ['run_command'],
  web: ['fetch_url'],
  fetch: ['fetch_url'],
  webfetch: ['fetch_url'],
  grep: ['search_text'],
  glob: ['find_files'],
  write: ['write_file'],
  multiedit: ['edit_file'],
}

function meaningOf(word: string): readonly string[] {
  const name = word.toLowerCase()
  return Object.hasOwn(MEANINGS, name) ? (MEANINGS[name] ?? []) : []
}

/** Sets whose tools are named behind a slash: `search/codebase`. */
const SETS = new Set(['read', 'search', 'edit', 'execute', 'web', 'vscode'])

/** Those of the tools that are named, in their order; all where no names are given. A name nobody knows names nothing. */
export function namedTools(tools: readonly Tool[], names: readonly string[] | undefined): Tool[] {
  if (names === undefined || names.includes('*')) return [...tools]
  return tools.filter((tool) => names.some((name) => isMeant(tool, name)))
}

/** The names that mean none of these tools. */
export function unknownNames(tools: readonly Tool[], names: readonly string[]): string[] {
  return names.filter((name) => name !== '*' && !tools.some((tool) => isMeant(tool, name)))
}

function isMeant(tool: Tool, name: string): boolean {
  const { source } = tool
  if (tool.name === name) return true
  const slash = name.lastIndexOf('/')
  const owner = name.slice(0, Math.max(0, slash))
  const word = name.slice(slash + 1)
  if (source.kind === 'mcp') return isOfServer(tool, source, owner, word)
  if (source.kind === 'extension') return tool.name === extensionToolName(word)
  if (owner !== '' && !SETS.has(owner)) return false
  return meaningOf(word).includes(tool.name)
}

/** `server/*`, `server/tool`; a server alone is all of its tools. */
function isOfServer(
  tool: Tool,
  { server, label }: { server: string; label?: string },
  owner: string,
  word: string,
): boolean {
  const isServer = (name: string): boolean => name === server || name === label
  if (owner === '') return isServer(word) && meaningOf(word).length === 0
  return isServer(owner) && (word === '*' || tool.name === toolName(server, word))
}
