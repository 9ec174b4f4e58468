/** What can stand in the header of each kind of file, for whoever writes one. */
import type { AgentView } from '../../shared/agent.ts'

export type FieldHelp = {
  name: string
  about: string
  /** What is put behind the name, where that is more than nothing: `$1` is where the cursor goes. */
  snippet?: string
  /** What may stand there. */
  values?: readonly string[]
}

export type FileKind = 'agent' | 'prompt' | 'instructions'

export function kindOf(path: string): FileKind | undefined {
  if (/\.(?:agent|chatmode)\.md$/i.test(path)) return 'agent'
  if (/\.prompt\.md$/i.test(path)) return 'prompt'
  return /\.instructions\.md$/i.test(path) ? 'instructions' : undefined
}

const TOOLS = ['read', 'search', 'edit', 'execute', 'web', 'search/changes', 'search/usages', 'read/problems']

const description: FieldHelp = { name: 'description', about: 'What it is for, in a sentence.' }
const hint: FieldHelp = { name: 'argument-hint', about: 'What to type, shown in the empty composer.' }
const tools: FieldHelp = {
  name: 'tools',
  about:
    'The only tools the model is told of: VS Code’s names, Panelist’s own, `server/*` for those of an MCP server. `[]`: none. Without this field: all that are on.',
  snippet: '[$1]',
  values: TOOLS,
}
const model: FieldHelp = {
  name: 'model',
  about: 'A model, or a list of them to be tried in order: by id, by name, or as `provider/model`.',
}

export const FIELDS: Record<FileKind, readonly FieldHelp[]> = {
  agent: [
    { name: 'name', about: 'What it is called. Without this field: as its file.' },
    description,
    hint,
    tools,
    model,
    { name: 'user-invocable', about: '`false`: it is not offered.', values: ['true', 'false'] },
    {
      name: 'target',
      about: 'Where it is for: only `vscode`, or none, counts here.',
      values: ['vscode', 'github-copilot'],
    },
    { name: 'handoffs', about: 'What may come next, with another agent.', snippet: '\n  - label: $1\n    agent: ' },
    { name: 'panelist', about: 'What only Panelist knows; other editors pass over it.', snippet: '\n  $1' },
  ],
  prompt: [
    { name: 'name', about: 'What is typed behind the slash. Without this field: as its file.' },
    description,
    hint,
    { name: 'agent', about: 'The agent that it is for.' },
    model,
    tools,
  ],
  instructions: [
    { name: 'name', about: 'What it is called.' },
    description,
    {
      name: 'applyTo',
      about: 'The files it is for: globs with commas between. `**`: it always goes along.',
      snippet: "'$1'",
    },
  ],
}

export const OWN_FIELD_HELP: readonly FieldHelp[] = [
  { name: 'provider', about: 'The provider of all of its models, by its id.' },
  { name: 'thinking', about: 'How long the model thinks.', values: ['off', 'low', 'medium', 'high'] },
  {
    name: 'max-output-tokens',
    about: 'Most tokens of one answer. An agent of a workspace can only lower what you set.',
  },
  { name: 'budget', about: 'Most USD of one turn, where that is lower than what you set.' },
  {
    name: 'key-profile',
    about: 'The name of the key that is asked with. Of an agent of a workspace it counts once you picked the agent.',
  },
  {
    name: 'context',
    about: 'What happens where a chat is too long: the oldest turns go, they are summarised, or you are asked.',
    values: ['slide', 'summarise', 'ask'],
  },
]

/** What is there to be named: of this window. */
export type Known = { models: readonly string[]; agents: readonly Pick<AgentView, 'name'>[]; tools: readonly string[] }

/** Fields where a name stands alone, values where one stands with a colon. */
export type Help = { kind: 'fields'; fields: readonly FieldHelp[] } | { kind: 'values'; values: readonly string[] }

/** What fits at this place; undefined outside of the header. `line` and `column` are counted from 0. */
export function helpAt(
  lines: readonly string[],
  line: number,
  column: number,
  kind: FileKind,
  known: Known,
): Help | undefined {
  const first = (lines[0] ?? '').replace(/^\uFEFF/, '').trimEnd()
  const end = lines.findIndex((text, at) => at > 0 && text.trimEnd() === '---')
  if (first !== '---' || line === 0 || (end >= 0 && line >= end)) return undefined
  const before = (lines[line] ?? '').slice(0, column)
  const indented = /^\s/.test(before)
  const parent = indented ? parentOf(lines, line) : undefined
  const of = parent === undefined ? FIELDS[kind] : parent === 'panelist' && kind === 'agent' ? OWN_FIELD_HELP : []
  const value = /^\s*([\w-]+):/.exec(before)
  if (value)
    return {
      kind: 'values',
      values: valuesOf(
        of.find(({ name }) => name === value[1]),
        value[1] ?? '',
        known,
      ),
    }
  if (/^\s*-\s/.test(before)) return { kind: 'values', values: valuesOf(listed(kind, parent), parent ?? '', known) }
  if (!/^\s*[\w-]*$/.test(before)) return undefined
  const written = new Set(lines.slice(1, end < 0 ? undefined : end).map((text) => /^\s*([\w-]+):/.exec(text)?.[1]))
  return { kind: 'fields', fields: of.filter(({ name }) => !written.has(name)) }
}

const listed = (kind: FileKind, parent: string | undefined): FieldHelp | undefined =>
  FIELDS[kind].find(({ name }) => name === parent)

/** The top field that an indented line stands below. */
function parentOf(lines: readonly string[], line: number): string | undefined {
  for (let at = line - 1; at > 0; at--) {
    const found = /^([\w-]+):/.exec(lines[at] ?? '')
    if (found) return found[1]
  }
  return undefined
}

function valuesOf(
  field: FieldHelp | undefined,
  name: string,
  { models, agents, tools: own }: Known,
): readonly string[] {
  if (name === 'model') return models
  if (name === 'agent') return agents.map((agent) => agent.name)
  if (name === 'tools') return [...TOOLS, ...own]
  return field?.values ?? []
}
