/**
 * All that a window of VS Code has of Panelist, put together once. Nothing is opened, loaded or asked before it is first
 * used; what is made later than what needs it is reached through a function.
 */
import * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import type { Failure } from '../shared/failure.ts'
import type { Notice } from '../shared/protocol.ts'
import type { Tool } from '../tools/tool.ts'
import { Answers } from './answers.ts'
import { wireStore } from './backup/index.ts'
import { windowBenchmark } from './benchmark/wire.ts'
import { Chooser } from './choice.ts'
import { Connections } from './connections.ts'
import { Counting } from './counting.ts'
import { promptSource } from './customisation/prompt-source.ts'
import { windowCustomising } from './customisation/wire.ts'
import { desk } from './desk.ts'
import { look } from './discovery/here.ts'
import { compactCommand } from './fitting/compact-command.ts'
import { windowFitting } from './fitting/wire.ts'
import { FirstRun } from './first-run.ts'
import { KeptFiles } from './kept-files.ts'
import { Keys } from './keys.ts'
import { Likes } from './likes.ts'
import { WindowHistory } from './history/index.ts'
import { LiveLog } from './live-log.ts'
import type { Log } from './log.ts'
import { windowMcp } from './mcp/index.ts'
import type { WindowMcp } from './mcp/index.ts'
import { Models } from './models.ts'
import { windowMoney } from './money/wire.ts'
import { Panels } from './panels.ts'
import { ToolSet } from './tool-set.ts'
import { Present } from './presence.ts'
import { editorBoxes } from './provider-page/editor-boxes.ts'
import { ProviderPage } from './provider-page/page.ts'
import { WindowFailover } from './resilience/failover.ts'
import { Forbidden } from './resilience/forbidden.ts'
import { windowRate } from './resilience/rate.ts'
import { Resilience } from './resilience/resilience.ts'
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
import { vscodeModels } from './vscode-models/index.ts'

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
  const requestLog = Object.assign(log.from('request'), { hide: (secret: string) => log.hide(secret) })
  const notices = new Notices()
  let settings: Settings | undefined
  const currentSettings = (): Settings => (settings ??= checkedSettings(notices))
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
  const failover = new WindowFailover({
    settings: currentSettings,
    store: () => store(),
    connections: () => connections,
    models: () => models,
    chooser: () => chooser,
    agentOf: async (conversation) => (await customising.of(conversation)).agent,
    rest: (target) => resilience.restOf(target),
  })
  const rate = windowRate({
    settings: currentSettings,
    failover: () => failover,
    store: () => store(),
    connections: () => connections,
    log: requestLog,
  })
  const resilience: Resilience = new Resilience({
    settings: currentSettings,
    log: requestLog,
    gates: [money.gate, rate],
    alternatives: failover,
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
  const keys = new Keys(context.secrets, context.globalState, process.env)
  const editor = vscodeModels()
  const present: Present = new Present({
    connections: () => connections,
    editor,
    changed: (provider) => {
      const info = connections.info(provider)
      models.forget()
      if (info && present.state(provider) === 'running') void models.refresh(info)
      void panels.refreshAll()
    },
  })
  const forbidden = new Forbidden(() => store())
  const connections = new Connections({
    keys,
    settings: currentSettings,
    editor: [editor],
    presence: present,
    forbidden: (conversation) => forbidden.of(conversation),
    log: requestLog,
  })
  const models = new Models({
    connections,
    settings: currentSettings,
    store,
    log: log.from('models'),
    changed: () => void panels.refreshAll(),
    refused: (provider, keyProfile) => keys.reject(provider, keyProfile),
  })
  const custom = windowCustomising({
    context,
    memory: context.globalState,
    log: log.from('panel'),
    settings: currentSettings,
    models: () => models,
    tools: () => toolSet,
    changed: () => {
      panels.tell({ type: 'agents-changed' })
      void panels.refreshAll()
    },
  })
  const { customising } = custom
  const chooser = new Chooser(connections, models, currentSettings, context.globalState, customising)
  const toolSet: ToolSet = new ToolSet({
    memory: context.globalState,
    settings: currentSettings,
    trusted: () => vscode.workspace.isTrusted,
    redact: (text) => log.redact(text),
    workspace: () => desk.workspace(),
    load: async () => {
      const { openBuiltIn } = await import('./built-in-tools.ts')
      return openBuiltIn(
        () => currentSettings().tools.allowedHosts,
        () => vscode.env.shell,
      )
    },
    named: async (conversation) => (await customising.of(conversation)).agent?.tools,
    others: async () => [...(await mcp.hub.tools()), ...(await toolsOfExtensions(currentSettings(), log.from('tool')))],
  })
  const mcp: WindowMcp = windowMcp({
    context,
    memory: context.globalState,
    log: log.from('mcp'),
    wanted: () => toolSet.whyNone === undefined,
    whyNone: () => toolSet.whyNone,
    changed: () => panels.toolsChanged(),
    contextChanged: () => panels.tell({ type: 'context-changed' }),
    sampling: {
      store,
      resilience,
      watch,
      underWay,
      waits,
      choose: (conversation) =>
        chooser.choose(
          conversation === undefined ? panels.current?.stored() : store().conversations.get(conversation),
          true,
        ),
      connect: (provider, keyProfile, conversations) =>
        connections.open(provider, keyProfile, ...conversations, panels.current?.conversation),
      workspace: () => desk.workspace(),
    },
  })
  const fitting = windowFitting({
    store,
    log: requestLog,
    resilience,
    watch,
    underWay,
    waits,
    failover,
    settings: currentSettings,
    memory: context.globalState,
    chooser,
    connections,
    customising,
    changed: (conversation) => answers.tell(conversation, { type: 'changed' }),
  })
  const answers: Answers = new Answers({
    resilience,
    watch,
    customising,
    fitting: fitting.fitting,
    tools: (conversation) => toolSet.toolbox(conversation),
    approvals: toolSet.approvals,
    store,
    log: requestLog,
    toolLog: log.from('tool'),
    ended: (conversation) => history.ended(conversation),
    settings: currentSettings,
    choose: (conversation) => chooser.choose(conversation, true),
    chooseInstead: (conversation, target) => chooser.chooseInstead(conversation, target),
    kept: (conversation, chosen) => failover.keptOf(conversation, chosen),
    whyNone: (conversation) => chooser.whyNone(conversation),
    connect: (provider, keyProfile, conversation) => connections.open(provider, keyProfile, conversation),
    stored: (all) => (all ? notices.dismiss(NOT_STORED.id) : notices.add(NOT_STORED)),
    outcome: (provider, keyProfile, failure) => {
      const ofKey = keyProfile !== undefined && noteOutcome(keys, provider, keyProfile, failure)
      const ofProvider = providerPage.noteOutcome(provider, failure)
      if (ofKey || ofProvider) void panels.refreshAll()
      present.heard(provider, failure?.code !== 'network')
      usage.heard()
    },
  })
  const counting = new Counting({
    customising,
    store,
    settings: currentSettings,
    memory: context.globalState,
    fitting: fitting.fitting,
    counts: fitting.counts,
    choose: (conversation) => chooser.choose(conversation, false),
    busy: (conversation) => answers.running(conversation) !== undefined,
    tools: (conversation) => toolSet.toolbox(conversation),
  })
  const history: WindowHistory = new WindowHistory({
    store,
    resilience,
    watch,
    underWay,
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
    changed: () => void panels.refreshAll(),
  })
  const firstRun = new FirstRun({
    connections,
    chooser,
    models,
    discover: () => look(editor),
    addProvider: (id, value) => changeProviders((all) => ({ ...all, [id]: value })),
  })
  const providerPage = new ProviderPage({
    connections,
    keys,
    models,
    settings: currentSettings,
    boxes: editorBoxes,
    log: log.from('models'),
    write: changeProviders,
    changed: () => void panels.refreshAll(),
    // Ollama may have come up since it was last looked for.
    worked: () => void present.check(),
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
    store,
    resilience,
    watch,
    underWay,
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
    providers: providerPage,
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
    models.forget()
    present.look()
    void panels.refreshAll()
  }
  const keysChanged = (provider: ProviderInfo): void => {
    models.forget()
    providerPage.keysChanged(provider.id)
    void models.refresh(provider)
    void panels.refreshAll()
  }
  return {
    services,
    panels,
    keys,
    connections,
    keysChanged,
    settingsChanged,
    showUsage: usage.attach,
    mcp,
    disposables: [editor, mcp.disposable, custom.disposable, history, suggesting, toolSet, usage],
    close: async () => {
      benchmark.dispose()
      await Promise.all([answers.stopAll(), mcp.hub.dispose(), underWay.end()])
      store.close()
      await watch.close()
    },
  }
}

async function toolsOfExtensions({ tools }: Settings, log: Log): Promise<Tool[]> {
  if (!tools.fromExtensions) return []
  const { extensionTools } = await import('./extension-tools.ts')
  return extensionTools(vscode, (why) => log.debug(`tools of extensions: ${why}`))
}

const NOT_STORED: Notice = {
  id: 'not-stored',
  level: 'error',
  text: 'The last answer could not be written to the database. It is tried again; keep this window open, and check that the disk is not full.',
  action: 'show-logs',
}

/** True where an answer tells something new of the key it was asked with. */
function noteOutcome(keys: Keys, provider: string, profile: string, failure: Failure | undefined): boolean {
  if (failure) return failure.code === 'auth' && failure.status !== undefined && keys.reject(provider, profile)
  return keys.accept(provider, profile)
}
