/** The tools of this window, and what the person has allowed them. Nothing is loaded before a model is told of tools. */
import type { Conversation } from '../shared/conversation.ts'
import type { Grant } from '../tools/approvals.ts'
import { Approvals } from '../tools/approvals.ts'
import type { Tool } from '../tools/tool.ts'
import { Toolbox } from '../tools/toolbox.ts'
import type { BuiltIn } from './built-in-tools.ts'
import type { Memory } from './choice.ts'
import { namedTools } from './customisation/tool-names.ts'
import type { Settings } from './settings.ts'

/** Kept for the whole editor, where no workspace can write. */
const GRANTS = 'panelist.grants'

export type ToolSetParts = {
  memory: Memory
  settings: () => Settings
  /** False in Restricted Mode: then there are no tools. */
  trusted(): boolean
  /** A text without what looks like a key. */
  redact(text: string): string
  /** Folder URI. */
  workspace(): string | undefined
  load(): Promise<BuiltIn>
  /** Of servers and other extensions, in an order that stays. */
  others(): Promise<Tool[]>
  /** The names of the only tools that the agent of this conversation has, as its file says them. */
  named?(conversation: Conversation | undefined): Promise<readonly string[] | undefined>
}

export class ToolSet {
  readonly approvals: Approvals
  readonly #parts: ToolSetParts
  #loading: Promise<BuiltIn> | undefined
  #builtIn: BuiltIn | undefined

  constructor(parts: ToolSetParts) {
    this.#parts = parts
    const windows = process.platform === 'win32'
    const nowhere = { roots: [], windows, realPath: () => Promise.resolve({ kind: 'missing' as const }) }
    this.approvals = new Approvals(
      {
        // Before anything is loaded nothing can be asked for; a path would count as outside.
        paths: () => this.#builtIn?.paths() ?? nowhere,
        shell: () => this.#builtIn?.shell() ?? 'other',
        workspace: () => parts.workspace(),
        readsUnasked: () => parts.settings().tools.readsUnasked,
        redact: (text) => parts.redact(text),
        save: (grants) => void parts.memory.update(GRANTS, grants),
      },
      () => parts.memory.get<Grant[]>(GRANTS) ?? [],
    )
  }

  /** Why no model is told of any tool, where that is so. */
  get whyNone(): 'untrusted' | 'off' | undefined {
    if (!this.#parts.trusted()) return 'untrusted'
    return this.#parts.settings().tools.enabled ? undefined : 'off'
  }

  /** Everything there is now. */
  async all(): Promise<Tool[]> {
    if (this.whyNone) return []
    const own = await this.#own()
    return [...own.tools(), ...(await this.#parts.others())]
  }

  /** Those who judge, once they know which paths are protected. */
  async judges(): Promise<Approvals> {
    await this.#own()
    return this.approvals
  }

  /** What the agent of this conversation has of them: it can only have less. */
  async allowed(conversation: Conversation | undefined): Promise<Tool[]> {
    const [tools, names] = await Promise.all([this.all(), this.#parts.named?.(conversation)])
    return namedTools(tools, names)
  }

  /** What the models of this conversation may call now. */
  async toolbox(conversation: Conversation | undefined): Promise<Toolbox> {
    const off = new Set(conversation?.choice?.toolsOff ?? [])
    const tools = await this.allowed(conversation)
    return new Toolbox(tools.filter(({ name }) => !off.has(name)))
  }

  async #own(): Promise<BuiltIn> {
    this.#loading ??= this.#parts.load()
    // What failed to load is tried again the next time.
    this.#loading.catch(() => (this.#loading = undefined))
    return (this.#builtIn = await this.#loading)
  }

  dispose(): void {
    this.#builtIn?.dispose()
  }
}
