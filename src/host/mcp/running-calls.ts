/** The calls of servers' tools that run now: what a server asks meanwhile belongs to them. */
import type { McpTool } from '../../mcp/tools.ts'
import type { ToolContext } from '../../tools/tool.ts'

export type RunningCall = Pick<ToolContext, 'callId' | 'conversation' | 'signal' | 'aside'>

export class RunningCalls {
  readonly #calls = new Map<string, Set<RunningCall>>()
  readonly #ended: () => void

  /** `ended`: told whenever a call is over. */
  constructor(ended: () => void) {
    this.#ended = ended
  }

  of(server: string): RunningCall[] {
    return [...(this.#calls.get(server) ?? [])]
  }

  /** The time of a question is none of the calls' that may have led to it. */
  aside<T>(server: string, question: Promise<T>): Promise<T> {
    return this.of(server).reduce((asked, { aside }) => aside?.(asked) ?? asked, question)
  }

  has(call: RunningCall): boolean {
    return [...this.#calls.values()].some((calls) => calls.has(call))
  }

  /** The same tool, whose calls are known while they run. */
  watched(tool: McpTool): McpTool {
    const { server } = tool.source
    return {
      ...tool,
      run: async (input, context) => {
        const { callId, conversation, signal, aside } = context
        const call = { callId, conversation, signal, ...(aside && { aside }) }
        const calls = this.#calls.get(server) ?? new Set()
        this.#calls.set(server, calls.add(call))
        try {
          return await tool.run(input, context)
        } finally {
          calls.delete(call)
          this.#ended()
        }
      },
    }
  }
}
