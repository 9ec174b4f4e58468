/** The tools of one request: what the model is told of them, and which tool a name means. */
import type { JsonObject } from '../shared/json.ts'
import { estimateTokens } from '../shared/tokens.ts'
import { digestOf } from './digest.ts'
import { guidanceOf } from './guidance.ts'
import type { Tool } from './tool.ts'

/** A tool as requests name it. */
export type Spec = { name: string; description: string; inputSchema: JsonObject }

const LONGEST = 64
const DIGEST = 8

export class Toolbox {
  /** In the order given, so that a provider's cache finds them again. */
  readonly specs: readonly Spec[]
  /** What the system prompt says of where they come from; empty where there is nothing to say. */
  readonly guidance: string
  readonly #tools = new Map<string, Tool>()

  constructor(tools: readonly Tool[]) {
    const names = namesOf(tools)
    this.guidance = guidanceOf(tools)
    this.specs = tools.map((tool, at) => {
      const name = names[at] ?? tool.name
      this.#tools.set(name, tool)
      return { name, description: tool.description, inputSchema: tool.inputSchema }
    })
  }

  /** What only looks. */
  onlyReading(): Toolbox {
    return new Toolbox([...this.#tools.values()].filter(({ effect }) => effect === 'read'))
  }

  /** The tool that the model means. */
  get(name: string): Tool | undefined {
    return this.#tools.get(name)
  }

  get names(): string[] {
    return [...this.#tools.keys()]
  }

  /** What the tools take of every request, in tokens. An estimate. */
  get tokens(): number {
    return this.specs.reduce((sum, spec) => sum + tokensOf(spec), 0)
  }
}

/** What one tool takes of every request, in tokens. An estimate. */
export function tokensOf({ name, description, inputSchema }: Spec): number {
  return estimateTokens(name + description + JSON.stringify(inputSchema)) + AROUND
}

/** What providers put around each tool. */
const AROUND = 12

/**
 * A name for each tool that every provider takes. Panelist's own tools keep theirs; of others that claim one name each
 * gets a digest of who it is, so that none depends on the order of tools or passes for another.
 */
function namesOf(tools: readonly Tool[]): string[] {
  const claims = Map.groupBy(tools, ({ name }) => name)
  const owned = new Set(tools.filter(({ source }) => source.kind === 'built-in').map(({ name }) => name))
  const taken = new Set(owned)
  return tools.map((tool) => {
    const { name, source } = tool
    const built = source.kind === 'built-in'
    const alone = claims.get(name)?.length === 1 || (built && claims.get(name)?.find(isBuiltIn) === tool)
    if (isPortable(name) && alone && (built || !taken.has(name))) {
      taken.add(name)
      return name
    }
    return distinct(tool, taken)
  })
}

const isBuiltIn = ({ source }: Tool): boolean => source.kind === 'built-in'
const isPortable = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/.test(name)

function distinct({ name, source }: Tool, taken: Set<string>): string {
  const plain = name.replace(/[^a-zA-Z0-9_-]/g, '_').replace(/^(?![a-zA-Z_])/, '_')
  for (let time = 0; ; time++) {
    const given = `${plain.slice(0, LONGEST - DIGEST - 1)}_${digestOf([name, source, time]).slice(0, DIGEST)}`
    if (taken.has(given)) continue
    taken.add(given)
    return given
  }
}
