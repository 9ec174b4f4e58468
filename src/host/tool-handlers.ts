/** Which tools there are, and what has been allowed to them, as the page lists it. */
import type { GrantView, ToolGroup, ToolView } from '../shared/protocol.ts'
import type { ToolSource } from '../shared/tool-state.ts'
import type { Grant } from '../tools/approvals.ts'
import type { Tool } from '../tools/tool.ts'
import { Toolbox, tokensOf } from '../tools/toolbox.ts'
import { namedTools } from './customisation/tool-names.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'

export const toolHandlers: Pick<Handlers, 'tools' | 'grants' | 'revoke'> = {
  async tools(session) {
    const { tools } = session.services
    const every = await tools.all()
    const { agent } = await session.services.customising.of(session.stored())
    const all = namedTools(every, agent?.tools)
    const off = new Set(session.stored()?.choice?.toolsOff ?? [])
    return {
      groups: groupsOf(all, off),
      ...(tools.whyNone && { whyNone: tools.whyNone }),
      ...(agent && all.length < every.length && { narrowedBy: { agent: agent.name, of: every.length } }),
    }
  },

  async grants(session) {
    const { approvals } = session.services.tools
    return [...approvals.list(session.conversation), ...approvals.list()].map((grant) => viewOf(session, grant))
  },

  async revoke(session, { id }) {
    session.services.tools.approvals.revoke(id)
    return {}
  },
}

/** In the order of the tools. A tool's cost is that of what a model is told of it. */
function groupsOf(tools: readonly Tool[], off: ReadonlySet<string>): ToolGroup[] {
  const { specs } = new Toolbox(tools)
  const groups = new Map<string, ToolGroup>()
  for (const [at, tool] of tools.entries()) {
    const { source } = tool
    const group = groups.get(JSON.stringify(source)) ?? { label: labelOf(source), source, tools: [] }
    groups.set(JSON.stringify(source), group)
    group.tools.push(toolView(tool, specs[at] ?? tool, !off.has(tool.name)))
  }
  return [...groups.values()]
}

/** Longer descriptions are for the model, in UTF-16 units. */
const LONGEST = 400

function toolView(
  { name, title, description, effect }: Tool,
  spec: Parameters<typeof tokensOf>[0],
  on: boolean,
): ToolView {
  const cut = description.length > LONGEST ? `${description.slice(0, LONGEST).toWellFormed()}…` : description
  return { name, title, description: cut, effect, tokens: tokensOf(spec), on }
}

function labelOf(source: ToolSource): string {
  if (source.kind === 'built-in') return 'Panelist'
  return source.kind === 'mcp' ? (source.label ?? source.server) : source.label
}

function viewOf(session: Session, grant: Grant): GrantView {
  const { id, title, sentence, grantedAt, workspace, conversation } = grant
  const exactly = grant.exactly ?? exactlyOf(grant.scope)
  return {
    id,
    title,
    sentence,
    ...(exactly !== undefined && { exactly }),
    grantedAt,
    here: workspace === session.services.desk.workspace(),
    ...(workspace !== undefined && { workspace }),
    ...(conversation !== undefined && { conversation: true as const }),
  }
}

/** Of a grant that was kept before the text was kept beside it. */
function exactlyOf(scope: Grant['scope']): string | undefined {
  if (scope.kind === 'command') return scope.words.join(' ')
  if (scope.kind === 'address') return scope.url
  return scope.kind === 'files' && scope.paths.length > 1 ? scope.paths.join('\n') : undefined
}
