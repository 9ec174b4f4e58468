/** What models of a window may call: the built-in tools, those of other extensions, those of MCP servers. */
import * as vscode from 'vscode'
import type { Tool } from '../../tools/tool.ts'
import type { Chooser } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Customising } from '../customisation/window.ts'
import { desk } from '../desk.ts'
import type { LiveLog } from '../live-log.ts'
import type { Log } from '../log.ts'
import { windowMcp } from '../mcp/index.ts'
import type { WindowMcp, WindowMcpParts } from '../mcp/index.ts'
import type { Panels } from '../panels.ts'
import type { Settings } from '../settings.ts'
import type { Watch } from '../telemetry/watch.ts'
import { ToolSet } from '../tool-set.ts'

type Sampling = WindowMcpParts['sampling']

export type ToolsWindow = Required<Pick<Sampling, 'store' | 'resilience' | 'underWay' | 'waits' | 'outcome'>> & {
  context: vscode.ExtensionContext
  log: LiveLog
  watch: Watch
  settings: () => Settings
  customising: Customising
  chooser: Chooser
  connections: Connections
  panels: () => Panels
}

export type WindowTools = { toolSet: ToolSet; mcp: WindowMcp }

export function windowTools(window: ToolsWindow): WindowTools {
  const { context, log, settings, customising, panels } = window
  const toolSet: ToolSet = new ToolSet({
    memory: context.globalState,
    settings,
    trusted: () => vscode.workspace.isTrusted,
    redact: (text) => log.redact(text),
    workspace: () => desk.workspace(),
    load: async () => {
      const { openBuiltIn } = await import('../built-in-tools.ts')
      return openBuiltIn(
        () => settings().tools.allowedHosts,
        () => vscode.env.shell,
      )
    },
    named: async (conversation) => (await customising.of(conversation)).agent?.tools,
    others: async () => [...(await mcp.hub.tools()), ...(await toolsOfExtensions(settings(), log.from('tool')))],
  })
  const mcp: WindowMcp = windowMcp({
    context,
    memory: context.globalState,
    log: log.from('mcp'),
    wanted: () => toolSet.whyNone === undefined,
    whyNone: () => toolSet.whyNone,
    changed: () => panels().toolsChanged(),
    contextChanged: () => panels().tell({ type: 'context-changed' }),
    sampling: samplingOf(window),
  })
  return { toolSet, mcp }
}

/** How a server asks a model: that of its chat, or of the chat that is shown. */
function samplingOf({ chooser, connections, panels, ...window }: ToolsWindow): Sampling {
  const { store, resilience, watch, underWay, waits, outcome } = window
  return {
    store,
    resilience,
    watch,
    underWay,
    waits,
    outcome,
    choose: (conversation) =>
      chooser.choose(
        conversation === undefined ? panels().current?.stored() : store().conversations.get(conversation),
        true,
      ),
    connect: (provider, keyProfile, conversations) =>
      connections.open(provider, keyProfile, ...conversations, panels().current?.conversation),
    workspace: () => desk.workspace(),
  }
}

async function toolsOfExtensions({ tools }: Settings, log: Log): Promise<Tool[]> {
  if (!tools.fromExtensions) return []
  const { extensionTools } = await import('../extension-tools.ts')
  return extensionTools(vscode, (why) => log.debug(`tools of extensions: ${why}`))
}
