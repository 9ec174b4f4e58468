/** For models and servers that call no tools. */
import { refusesTools } from './refused-tools.ts'
import type { Relief } from './relief.ts'
import { without } from './relief.ts'

/** The conversation goes on without tools, unless the caller insists on one. */
export const noTools: Relief = {
  name: 'no-tools',
  helps: (body, refusal) =>
    refusesTools(refusal) && 'tools' in body && [undefined, 'auto'].includes(body.tool_choice as string | undefined),
  apply: (body) => ['tools', 'tool_choice', 'parallel_tool_calls'].reduce(without, body),
}
