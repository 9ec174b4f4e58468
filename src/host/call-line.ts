/** What the log says of a tool call: never its arguments, what it printed, or what it came to. */
import type { CallState } from '../shared/tool-state.ts'
import type { Toolbox } from '../tools/toolbox.ts'

/** A name that is no tool's is in the model's own words, and stays out. */
export function callLine(name: string, tools: Toolbox | undefined, state: CallState): string {
  const tool = tools?.get(name)
  return `${tool ? `${name} (${tool.effect})` : 'an unknown tool'}: ${stateOf(state)}`
}

function stateOf(state: CallState): string {
  switch (state.kind) {
    case 'waiting':
      return 'waits'
    case 'asking':
      return 'asks the person'
    case 'running':
      return 'runs'
    case 'done':
      return `done in ${Math.round(state.durationMs)} ms`
    case 'failed': {
      const { why, durationMs } = state
      return `failed (${why})${durationMs === undefined ? '' : ` after ${Math.round(durationMs)} ms`}`
    }
  }
}
