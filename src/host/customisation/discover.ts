/** Finds and reads everything people have: agents, prompts and instructions, of the workspace and their own. */
import type { Agent, FileProblem } from '../../shared/agent.ts'
import { parseAgent } from './agent-file.ts'
import type { InstructionFile, InstructionKind } from './instruction-file.ts'
import { parseInstructions } from './instruction-file.ts'
import type { CustomisationFiles, Root } from './ports.ts'
import type { PromptFile } from './prompt-file.ts'
import { parsePrompt } from './prompt-file.ts'

export type Customisations = {
  /** In the order they are offered: the workspace's, then the person's, each by name. */
  agents: Agent[]
  prompts: PromptFile[]
  /** In the order they stand in a request. */
  instructions: InstructionFile[]
  /** What could not be read, in sentences. */
  problems: string[]
}

export type Kinds = Record<InstructionKind, boolean>

/** Longer files are no text a person wrote for a model, in bytes. */
export const LARGEST_FILE = 256 * 1024
/** More files of one kind in one folder are not read. */
const MOST_FILES = 200

const AGENT_FOLDERS = ['.github/agents', '.github/chatmodes']
const AGENT_FILE = /\.(?:agent|chatmode)\.md$/i
const PROMPT_FILE = /\.prompt\.md$/i
const INSTRUCTION_FILE = /\.instructions\.md$/i

export async function discover(files: CustomisationFiles, kinds: Kinds): Promise<Customisations> {
  const reader = new Reader(files)
  const folders = files.trusted() ? files.folders() : []
  const own = files.own()
  const roots = [...folders, own]
  const prefix = (root: Root): string => (root.place === 'workspace' && folders.length > 1 ? `${root.name}/` : '')
  const agents: Agent[] = []
  const prompts: PromptFile[] = []
  const instructions: InstructionFile[] = []
  for (const root of roots) {
    const before = prefix(root)
    agents.push(...(await reader.agents(root, before)))
    prompts.push(...(await reader.prompts(root, before)))
    instructions.push(...(await reader.instructions(root, before, kinds)))
  }
  return {
    agents: withoutTwins(agents),
    prompts: named(prompts),
    instructions: withoutCopies(instructions, reader.reals),
    problems: reader.problems,
  }
}

class Reader {
  readonly problems: string[] = []
  /** Where each file really is, by its URI. */
  readonly reals = new Map<string, string>()
  readonly #files: CustomisationFiles

  constructor(files: CustomisationFiles) {
    this.#files = files
  }

  async agents(root: Root, prefix: string): Promise<Agent[]> {
    const folders = root.place === 'user' ? [''] : AGENT_FOLDERS
    const found = await this.#all(root, folders, AGENT_FILE, false)
    return found.map(({ path, uri, text, problem }) => {
      const stem = nameOf(path, AGENT_FILE)
      const id = `${root.place}:${prefix}${stem}`
      const agent = parseAgent(text, { id, name: stem, place: root.place, path: prefix + path, uri })
      return problem ? { ...agent, problems: [problem] } : agent
    })
  }

  async prompts(root: Root, prefix: string): Promise<PromptFile[]> {
    const folder = root.place === 'user' ? '' : '.github/prompts'
    const found = await this.#all(root, [folder], PROMPT_FILE, false)
    return found.map(({ path, uri, text, problem }) => {
      const source = { name: nameOf(path, PROMPT_FILE), place: root.place, path: prefix + path, uri }
      const prompt = parsePrompt(text, source)
      return problem ? { ...prompt, problems: [problem] } : prompt
    })
  }

  /** What holds for all stands first, and never moves. */
  async instructions(root: Root, prefix: string, kinds: Kinds): Promise<InstructionFile[]> {
    const { place } = root
    const wanted: { kind: InstructionKind; path: string }[] = []
    if (place === 'workspace') {
      if (kinds.copilot) wanted.push({ kind: 'copilot', path: '.github/copilot-instructions.md' })
      if (kinds.agents) wanted.push({ kind: 'agents', path: 'AGENTS.md' })
      if (kinds.claude)
        wanted.push({ kind: 'claude', path: 'CLAUDE.md' }, { kind: 'claude', path: '.claude/CLAUDE.md' })
      if (kinds.agents && kinds.nestedAgents)
        wanted.push(...(await this.#nested(root)).map((path) => ({ kind: 'nestedAgents' as const, path })))
    }
    if (kinds.instructions) {
      const folder = place === 'user' ? '' : '.github/instructions'
      const paths = (await this.#files.list(root, folder, place === 'workspace')).filter((path) =>
        INSTRUCTION_FILE.test(path),
      )
      wanted.push(...sorted(paths).map((path) => ({ kind: 'instructions' as const, path })))
    }
    const read = await Promise.all(wanted.map(async ({ kind, path }) => ({ kind, file: await this.#read(root, path) })))
    return read.flatMap(({ kind, file }) => {
      if (!file || file.problem) return []
      const source = { kind, place, path: prefix + file.path, uri: file.uri }
      return [parseInstructions(file.text, source)]
    })
  }

  async #nested(root: Root): Promise<string[]> {
    const found = await this.#files.find(root, 'AGENTS.md')
    return sorted(found.filter((path) => path.includes('/'))).slice(0, MOST_FILES)
  }

  async #all(root: Root, folders: string[], ending: RegExp, deep: boolean): Promise<Found[]> {
    const lists = await Promise.all(folders.map((folder) => this.#files.list(root, folder, deep)))
    const paths = lists.flatMap((list) => sorted(list.filter((path) => ending.test(path)))).slice(0, MOST_FILES)
    const found = await Promise.all(paths.map((path) => this.#read(root, path)))
    return found.filter((file) => file !== undefined)
  }

  /** Undefined where there is no such file. */
  async #read(root: Root, path: string): Promise<Found | undefined> {
    const read = await this.#files.read(root, path, LARGEST_FILE)
    const uri = this.#files.uriOf(root, path)
    if ('text' in read) {
      this.reals.set(uri, read.real)
      return { path, uri, text: read.text }
    }
    if (read.why === 'missing') return undefined
    const message = `${path} ${WHY[read.why]}`
    this.problems.push(message)
    return { path, uri, text: '', problem: { message } }
  }
}

type Found = { path: string; uri: string; text: string; problem?: FileProblem }

const WHY = {
  outside: 'is a link that leads out of this workspace, so it is not read.',
  large: `is larger than ${LARGEST_FILE / 1024} kB, so it is not read.`,
  unreadable: 'could not be read.',
}

const nameOf = (path: string, ending: RegExp): string => path.slice(path.lastIndexOf('/') + 1).replace(ending, '')
/** By code units, so that the order is the same on every machine. */
const sorted = (paths: readonly string[]): string[] => [...new Set(paths)].sort()

/** Of an agent that stands in both folders the newer format counts; the other is told of it. */
function withoutTwins(agents: readonly Agent[]): Agent[] {
  const known = new Map<string, Agent>()
  for (const agent of agents) {
    const first = known.get(agent.id)
    if (!first) known.set(agent.id, agent)
    else first.problems.push({ message: `${agent.path} has the same name and does not count.` })
  }
  return [...known.values()]
}

/** A prompt of the workspace stands before one of the person's with the same name, which goes by its folder then. */
function named(prompts: readonly PromptFile[]): PromptFile[] {
  const taken = new Set<string>()
  return prompts.map((prompt) => {
    let name = prompt.name
    for (let time = 2; taken.has(name); time++) name = `${prompt.name}-${time}`
    taken.add(name)
    return { ...prompt, name }
  })
}

/** People keep one text under several names, as a link or as a copy: it is sent once. */
function withoutCopies(files: readonly InstructionFile[], reals: ReadonlyMap<string, string>): InstructionFile[] {
  const seen = new Set<string>()
  return files.filter((file) => {
    if (file.text === '') return false
    const real = `at ${reals.get(file.uri) ?? file.uri}`
    const same = `of ${JSON.stringify([file.always, file.globs, file.text])}`
    if (seen.has(real) || seen.has(same)) return false
    seen.add(real).add(same)
    return true
  })
}
