/**
 * All that a window of VS Code has of Panelist, put together once. Nothing is opened, loaded or asked before it is first
 * used; what is made later than what needs it is reached through a function.
 */
import * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import { wireStore } from './backup/index.ts'
import { windowBenchmark } from './benchmark/wire.ts'
import { Chooser } from './choice.ts'
import type { Connections } from './connections.ts'
import type { Came } from './exchange.ts'
import { promptSource } from './customisation/prompt-source.ts'
import { windowCustomising } from './customisation/wire.ts'
import { desk } from './desk.ts'
import { compactCommand } from './fitting/compact-command.ts'
import { FirstRun } from './first-run.ts'
import { KeptFiles } from './kept-files.ts'
import type { Keys } from './keys.ts'
import { Likes } from './likes.ts'
import { WindowHistory } from './history/index.ts'
import type { LiveLog } from './live-log.ts'
import type { WindowMcp } from './mcp/index.ts'
import { windowMoney } from './money/wire.ts'
import { Panels } from './panels.ts'
import { windowResilience } from './resilience/wire.ts'
import { SideRequests } from './side-requests.ts'
import { SideWaits } from './side-waits.ts'
import { Notices } from './services.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'
import { checkedSettings } from './settings/checked.ts'
import { changeProviders } from './settings/write.ts'
import { windowSuggestions } from './suggest/wire.ts'
import { wireTelemetry } from './telemetry/wire.ts'
import { windowUsage } from './usage/index.ts'
import { windowAnswers } from './window/answers.ts'
import { windowProviders } from './window/providers.ts'
import { windowTools } from './window/tools.ts'

/** What is registered with the editor, and what tests in the extension host may reach. */
export type PanelistWindow = {
  services: Services
  panels: Panels
  keys: Keys
  connections: Connections
  mcp: WindowMcp
  keysChanged(provider: ProviderInfo): void
  settingsChanged(): void
  showUsage(panel: vscode.WebviewPanel): void
  disposables: vscode.Disposable[]
  /** Stores what is being written, and ends what runs. */
  close(): Promise<void>
}

export function openWindow(context: vscode.ExtensionContext, log: LiveLog): PanelistWindow {
  const requestLog = log.from('request')
  const notices = new Notices()
  let settings: Settings | undefined
  const currentSettings = (): Settings => (settings ??= checkedSettings(notices))
  const refreshAll = (): void => void panels.refreshAll()
  const money = windowMoney({
    store: () => store(),
    log: requestLog,
    settings: currentSettings,
    memory: context.globalState,
    notices,
    answers: () => answers,
    connections: () => connections,
    panels: () => panels,
  })
  const { failover, resilience } = windowResilience({
    settings: currentSettings,
    store: () => store(),
    log: requestLog,
    money: money.gate,
    connections: () => providers.connections,
    models: () => providers.models,
    chooser: () => chooser,
    customising: () => custom.customising,
  })
  const underWay = new SideRequests()
  const waits = new SideWaits()
  const { watch, ...telemetry } = wireTelemetry({ context, log, settings: currentSettings })
  const store = wireStore({
    context,
    notices,
    log: log.from('store'),
    running: () => answers.count,
    replaced: () => panels.tell({ type: 'stale' }),
    chatsChanged: () => history.changed(),
  })
  /** What a request goes out with. */
  const sending = {
    store,
    resilience,
    watch,
    underWay,
    outcome: (provider: string, keyProfile: string | undefined, came: Came): void => {
      providers.heard(provider, keyProfile, came)
      usage.heard()
    },
  }
  const providers = windowProviders({ context, log, settings: currentSettings, store, changed: refreshAll })
  const { connections, models, present } = providers
  const custom = windowCustomising({
    context,
    memory: context.globalState,
    log: log.from('panel'),
    settings: currentSettings,
    models: () => models,
    tools: () => toolSet,
    changed: () => {
      panels.tell({ type: 'agents-changed' })
      refreshAll()
    },
  })
  const { customising } = custom
  const chooser = new Chooser(connections, models, currentSettings, context.globalState, customising)
  const { toolSet, mcp } = windowTools({
    context,
    log,
    settings: currentSettings,
    ...sending,
    waits,
    customising,
    chooser,
    connections,
    panels: () => panels,
  })
  const { answers, fitting, counting } = windowAnswers({
    memory: context.globalState,
    words: context.workspaceState,
    log,
    notices,
    settings: currentSettings,
    ...sending,
    waits,
    failover,
    chooser,
    connections,
    customising,
    toolSet,
    ended: (conversation) => history.ended(conversation),
  })
  const history: WindowHistory = new WindowHistory({
    ...sending,
    log: requestLog,
    panels: () => panels,
    wanted: (provider) => currentSettings().titles === 'model' && !currentSettings().providers[provider]?.demo,
    models: (provider) => models.of(provider),
    connect: (provider, keyProfile, conversation) => connections.open(provider, keyProfile, conversation),
    renamed: (conversation) => answers.tell(conversation, { type: 'changed' }),
  })
  const likes = new Likes(context.globalState)
  const usage = windowUsage({
    context,
    store,
    models: () => models.groups(false),
    budgets: async () => money.overview(desk.workspace()),
    saveFile: (name, bytes) => desk.saveFile(name, bytes),
    openChat: (conversation) => panels.openEditor(conversation),
    log: log.from('panel'),
    changed: refreshAll,
  })
  const firstRun = new FirstRun({
    connections,
    chooser,
    models,
    discover: providers.discover,
    addProvider: (id, value) => changeProviders((all) => ({ ...all, [id]: value })),
  })
  const { disposable: suggesting, ...suggestions } = windowSuggestions({
    log: log.from('panel'),
    memory: context.globalState,
    settings: currentSettings,
    offering: () => mcp.page.offers,
    tell: (event) => panels.tell(event),
    show: (...events) => panels.show(...events),
  })
  suggestions.services.suggestions.add(promptSource(customising))
  suggestions.services.suggestions.add(
    compactCommand(fitting.summaries, (conversation) => answers.running(conversation) !== undefined),
  )
  const benchmark = windowBenchmark({
    context,
    panels: () => panels,
    ...sending,
    waits,
    log: requestLog,
    connect: (provider) => connections.open(provider),
    info: (provider, model) => models.info(provider, model),
    workspace: () => desk.workspace(),
    approvals: () => toolSet.judges(),
  })
  const services: Services = {
    store,
    benchmark,
    answers,
    chooser,
    failover,
    models,
    counting,
    fitting,
    sideWaits: waits,
    money,
    customising,
    keptFiles: new KeptFiles(),
    likes,
    usage,
    firstRun,
    providers: providers.page,
    tools: toolSet,
    mcp: mcp.page,
    ...suggestions.services,
    log,
    desk,
    notices,
    chatsChanged: () => history.changed(),
  }
  const panels = new Panels(
    services,
    context.extensionUri,
    context.workspaceState,
    (anyVisible) => {
      mcp.hub.questions.see(anyVisible)
      if (anyVisible) custom.begin()
      history.see(anyVisible)
      if (anyVisible) mcp.hub.begin()
      // Loaded by the time of the first message, which must not wait for it.
      if (anyVisible) setTimeout(() => void toolSet.all().catch(() => undefined), 500)
      return anyVisible ? present.start() : present.stop()
    },
    () => present.look(),
  )
  const settingsChanged = (): void => {
    settings = undefined
    custom.settingsChanged()
    telemetry.settingsChanged()
    providers.settingsChanged()
    money.settingsChanged()
    refreshAll()
  }
  return {
    services,
    panels,
    keys: providers.keys,
    connections,
    keysChanged: providers.keysChanged,
    settingsChanged,
    showUsage: usage.attach,
    mcp,
    disposables: [providers.disposable, mcp.disposable, custom.disposable, history, suggesting, toolSet, usage],
    close: async () => {
      benchmark.dispose()
      await Promise.all([answers.stopAll(), mcp.hub.dispose(), underWay.end()])
      store.close()
      await watch.close()
    },
  }
}
