/** A window without VS Code: real sessions, answers and store, a provider driven by the test, and the page's end of the wire. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarking } from '../../src/host/benchmark/index.ts'
import { Answers } from '../../src/host/answers.ts'
import type { AnswerParts } from '../../src/host/answers.ts'
import type { Connected } from '../../src/host/connections.ts'
import { Counting } from '../../src/host/counting.ts'
import { WindowFitting } from '../../src/host/fitting/index.ts'
import { KeptFiles } from '../../src/host/kept-files.ts'
import { Likes } from '../../src/host/likes.ts'
import { noFailover } from '../../src/host/settings/failover.ts'
import { defaultKinds } from '../../src/host/settings/instructions.ts'
import { noTelemetry } from '../../src/host/settings/telemetry.ts'
import { LiveLog } from '../../src/host/live-log.ts'
import { Questions } from '../../src/host/mcp/questions.ts'
import { WindowMoney } from '../../src/host/money/index.ts'
import { interruption } from '../../src/host/money/interrupted.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { ResilienceParts } from '../../src/host/resilience/resilience.ts'
import { Notices } from '../../src/host/services.ts'
import type { Services } from '../../src/host/services.ts'
import { receive } from '../../src/host/receive.ts'
import { Session } from '../../src/host/session.ts'
import { SideWaits } from '../../src/host/side-waits.ts'
import { rank } from '../../src/host/suggest/rank.ts'
import { Suggestions } from '../../src/host/suggest/suggestions.ts'
import type { ChatRequest, Provider } from '../../src/llm/types.ts'
import type { Settings } from '../../src/host/settings.ts'
import { defaultRetry } from '../../src/resilience/schedule.ts'
import { defaultTimeouts } from '../../src/resilience/timeouts.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import type {
  Batch,
  Chosen,
  RequestBody,
  RequestName,
  ResponseBody,
  Snapshot,
  ToWebview,
} from '../../src/shared/protocol.ts'
import type { Budgets } from '../../src/usage/budgets.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import type { Credits } from '../../src/usage/credits.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'

/** A provider whose stream the test writes, event by event. */
export class FakeProvider implements Provider {
  readonly id = 'anthropic'
  readonly requests: ChatRequest[] = []
  /** How many of them it has answered with headers that refuse nothing. */
  taken = 0
  /** A provider counts where the test gives it a way to. */
  declare countTokens?: NonNullable<Provider['countTokens']>
  #queue: StreamEvent[] = []
  #wake: (() => void) | undefined

  listModels(): Promise<never[]> {
    return Promise.resolve([])
  }

  send(...events: StreamEvent[]): void {
    this.#queue.push(...events)
    this.#wake?.()
  }

  async *stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    this.requests.push(request)
    for (;;) {
      const event = this.#queue.shift()
      if (event) yield event
      if (event?.type === 'end') return
      if (signal.aborted) return yield { type: 'end', stop: { kind: 'aborted' } }
      if (this.#queue.length > 0) continue
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}

export const text = (words: string): StreamEvent[] => [
  { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
  { type: 'block-delta', index: 0, text: words },
]
export const end = (words: string): StreamEvent[] => [
  { type: 'block-end', index: 0, block: { type: 'text', text: words } },
  { type: 'usage', usage: { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0 } },
  { type: 'end', stop: { kind: 'done', raw: 'end_turn' } },
]

export const chosen: Chosen = {
  provider: 'anthropic',
  model: 'claude-test',
  origin: 'user',
  providerLabel: 'Anthropic',
  key: 'set',
  info: {
    id: 'claude-test',
    provider: 'anthropic',
    name: 'Claude Test',
    source: 'provider',
    price: { input: 3, output: 15 },
  },
  outputLimit: 4096,
}

/** Settings nobody has touched. */
export const noSettings: Settings = {
  origin: 'default',
  systemPrompt: '',
  titles: 'words',
  countTokens: 'provider',
  providers: {},
  models: [],
  keyProfiles: {},
  tools: { enabled: true, readsUnasked: true, fromExtensions: false, allowedHosts: [], limits: { steps: 50 } },
  timeouts: defaultTimeouts,
  // What is tried again has tests of its own: elsewhere a failure is one.
  retry: { ...defaultRetry, attempts: 0 },
  failover: noFailover,
  neverSendTo: [],
  rateLimits: [],
  context: { strategy: 'slide' },
  budgets: noBudgets,
  agentsFolder: '',
  telemetry: noTelemetry,
  instructions: defaultKinds,
  problems: [],
}

/** Asks once. */
export const askOnce = new Resilience({ settings: () => noSettings, log: { info: () => undefined } })

/** No tool, and nobody who allows one. */
export const noTools: Pick<AnswerParts, 'tools' | 'approvals'> = {
  tools: () => Promise.resolve(new Toolbox([])),
  approvals: { judge: () => Promise.reject(new Error('no tool is here')), settle: () => false },
}

/** What VS Code keeps over restarts, here for as long as the test runs. */
export function memory(): { get<T>(key: string): T | undefined; update(key: string, value: unknown): Promise<void> } {
  const values = new Map<string, unknown>()
  return { get: (key) => values.get(key) as never, update: async (key, value) => void values.set(key, value) }
}

const noGrants: Services['tools']['approvals'] = { list: () => [], revoke: () => undefined, forget: () => undefined }

/** No agents and no instructions. */
const noAgents: Services['customising'] = {
  all: () => Promise.resolve({ agents: [], prompts: [], instructions: [], problems: [] }),
  find: () => Promise.resolve(undefined),
  of: () => Promise.resolve({}),
  picked: () => Promise.resolve(),
  systemFor: () => Promise.resolve({ text: noSettings.systemPrompt, instructions: [] }),
  trusted: true,
  isNamed: false,
  fill: () => Promise.resolve(''),
  argumentsOf: (_prompt, extra) => Promise.resolve({ inputs: {}, extra }),
  create: () => Promise.resolve(),
  write: () => Promise.resolve(),
  configure: () => Promise.resolve(),
  open: () => Promise.resolve(),
}

type FakeWindowParts = {
  customising?: Services['customising']
  path?: string
  toolSet?: Services['tools']
  mcp?: Services['mcp']
  resilience?: Omit<ResilienceParts, 'settings' | 'log'>
} & Partial<Pick<AnswerParts, 'tools' | 'approvals' | 'choose' | 'connect' | 'watch' | 'memory'>>

export class FakeWindow {
  readonly provider = new FakeProvider()
  readonly inserted: string[] = []
  readonly saved: { name: string; bytes: Uint8Array }[] = []
  readonly services: Services
  readonly money: WindowMoney
  readonly path: string
  choice: Chosen | undefined = chosen
  allStored = true
  /** Whether the person sees the chats, what the editor told them where not, and which they had it show. */
  seen = true
  readonly told: string[] = []
  readonly shown: string[] = []
  /** What happens where a conversation is too long. */
  context: Settings['context'] = { strategy: 'slide' }
  /** How often a request is tried, and for how long. */
  trying: Pick<Settings, 'retry' | 'timeouts'> = noSettings
  /** What may be spent, of what, and the name of the key that is used. */
  budgets: Budgets = noBudgets
  credits: Record<string, Credits> = {}
  keyProfile: string | undefined
  /** What an agent says of that. */
  agentStrategy: Settings['context']['strategy'] | undefined
  /** Who writes summaries, where the settings name somebody. */
  summariser: Chosen | undefined
  readonly writer = new FakeProvider()
  readonly waits = new SideWaits()
  /** Every line of the log. */
  readonly logged: string[] = []
  /** Where set, who answers is found out by this. */
  chooses: Promise<Chosen | undefined> | undefined
  #store: Store

  constructor({
    path = join(mkdtempSync(join(tmpdir(), 'panelist-')), 'panelist.db'),
    toolSet,
    mcp,
    customising,
    resilience,
    ...parts
  }: FakeWindowParts = {}) {
    this.path = path
    this.#store = openStore({ path, interrupted: interruption }).store
    this.#store.journal.recover()
    const write = (line: string): void => void this.logged.push(line)
    const log = new LiveLog({ trace: write, debug: write, info: write, warn: write, error: write })
    const store = (): Store => this.#store
    const connected: Connected = {
      info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
      provider: this.provider,
      accepted: () => this.provider.taken,
      status: 'set',
    }
    const remembered = memory()
    const notices = new Notices()
    const money = (this.money = new WindowMoney({
      store,
      budgets: () => this.budgets,
      credits: () => this.credits,
      nameOf: (_, model) => (model === undefined ? 'Anthropic' : 'Claude Test'),
      memory: remembered,
      log: log.from('request'),
      notices,
      running: (conversation) => this.services.answers.running(conversation) !== undefined,
      changed: (conversation) => this.services.answers.tell(conversation, { type: 'changed' }),
      unseen: {
        isSeen: () => this.seen,
        tell: (words) => Promise.resolve(this.told.push(words) > 0),
        show: (conversation) => void this.shown.push(conversation),
      },
    }))
    const keyed = (): Connected => {
      const payer = money.paidBy('anthropic', this.keyProfile)
      return { ...connected, ...(this.keyProfile && { keyProfile: this.keyProfile }), ...(payer && { paidBy: payer }) }
    }
    const fitting = new WindowFitting({
      store,
      log,
      resilience: new Resilience({ settings: () => noSettings, log: log.from('request'), gates: [money.gate] }),
      settings: () => ({ ...noSettings, context: this.context }),
      memory: remembered,
      choose: (_, model) => Promise.resolve(model ? (this.summariser ?? this.choice) : this.choice),
      connect: (provider) => Promise.resolve(this.summariser?.provider === provider ? this.writes(connected) : keyed()),
      endpoint: () => '',
      strategyOf: () => Promise.resolve(this.agentStrategy),
      waits: this.waits,
      changed: (conversation) => this.services.answers.tell(conversation, { type: 'changed' }),
    })
    this.services = {
      store,
      log,
      notices,
      chatsChanged: () => undefined,
      chooser: {
        choose: () => Promise.resolve(this.choice),
        needsKey: () => Promise.resolve(this.choice === undefined),
        remember: () => Promise.resolve(),
        modelOf: () => Promise.resolve(undefined),
      },
      failover: { barred: () => [], standIn: () => Promise.resolve(undefined), useFirst: () => undefined },
      models: { groups: () => Promise.resolve([]) },
      likes: new Likes(memory()),
      benchmark: benchmarking({
        store,
        log: log.from('request'),
        resilience: askOnce,
        connect: () => Promise.resolve(connected),
        info: () => Promise.resolve(undefined),
        workspace: () => undefined,
        changed: () => undefined,
        approvals: () => Promise.resolve(noTools.approvals),
        desk: {
          read: (usual) => Promise.resolve(usual()),
          edit: () => Promise.resolve(),
          trusted: () => false,
        },
      }),
      usage: { experience: () => ({ speeds: [], health: {} }) },
      firstRun: { find: () => Promise.resolve([]), take: () => Promise.resolve() },
      providers: {
        cards: () => Promise.resolve([]),
        test: () => Promise.resolve(undefined),
        act: () => Promise.resolve(),
        add: () => Promise.resolve(undefined),
      },
      mcp: mcp ?? {
        view: () => Promise.resolve({ servers: [], problems: [] }),
        act: () => Promise.resolve(),
        switchTool: () => Promise.resolve(),
        add: () => Promise.resolve(undefined),
        questions: new Questions(),
        offers: {
          isOurs: () => false,
          read: () => Promise.resolve([]),
          picked: () => '',
          follow: () => undefined,
        },
      },
      customising: customising ?? noAgents,
      tools: toolSet ?? { all: () => Promise.resolve([]), whyNone: undefined, approvals: noGrants },
      keptFiles: new KeptFiles(),
      suggestions: new Suggestions({ log: log.from('panel'), load: () => Promise.resolve({ sources: [], rank }) }),
      context: {
        factorOf: () => 1,
        current: { follow: () => Promise.resolve(null), read: () => Promise.resolve(null) },
      },
      fitting,
      sideWaits: this.waits,
      money,
      counting: new Counting({
        store,
        settings: () => noSettings,
        memory: remembered,
        fitting: fitting.fitting,
        counts: fitting.counts,
        choose: () => Promise.resolve(this.choice),
        tools: parts.tools ?? noTools.tools,
        busy: (conversation) => this.services.answers.running(conversation) !== undefined,
      }),
      desk: {
        workspace: () => 'file:///project',
        insert: async (words) => void this.inserted.push(words),
        copy: async () => undefined,
        openLink: async () => undefined,
        located: (uri) => uri,
        saveFile: async (name, bytes) => void this.saved.push({ name, bytes }),
        act: async () => undefined,
        transfer: async () => undefined,
      },
      answers: new Answers({
        store,
        fitting: fitting.fitting,
        log: log.from('request'),
        toolLog: log.from('tool'),
        settings: () => ({ ...noSettings, origin: 'user' }),
        resilience: new Resilience({
          gates: [money.gate],
          ...resilience,
          settings: () => this.trying,
          log: log.from('request'),
        }),
        choose: () => this.chooses ?? Promise.resolve(this.choice),
        connect: () => Promise.resolve(keyed()),
        whyNone: () => Promise.resolve(undefined),
        stored: (all) => void (this.allStored = all),
        outcome: () => undefined,
        ...noTools,
        ...parts,
      }),
    }
  }

  /** The provider of the one who writes summaries, at another address than that of the answers. */
  writes(connected: Connected): Connected {
    return { ...connected, provider: this.writer }
  }

  close(): void {
    this.#store.close()
  }
}

/** The page's end: asks, and keeps every batch it is sent, as the structured clone VS Code would deliver. */
export class FakePage {
  readonly batches: Batch[] = []
  readonly session: Session
  readonly #port = { post: (message: ToWebview): void => this.#receive(structuredClone(message)) }
  #next = 0
  readonly #waiting = new Map<number, { resolve(body: unknown): void; reject(error: Error): void }>()

  constructor(window: FakeWindow, conversation?: string) {
    this.session = new Session(window.services, this.#port, { kind: 'sidebar' }, conversation)
  }

  ask<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ResponseBody<Name>> {
    const id = ++this.#next
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    void receive(this.session, this.#port, structuredClone({ type: 'request', id, name, body }) as never)
    return answer as Promise<ResponseBody<Name>>
  }

  say(words: string): Promise<{ message: string }> {
    return this.ask('send', { content: [{ type: 'text', text: words }] })
  }

  ready(): Promise<Snapshot> {
    return this.ask('ready', {})
  }

  /** Waits until what has been told so far satisfies this. */
  async until(done: (events: Batch['events']) => boolean): Promise<void> {
    for (let waited = 0; !done(this.batches.flatMap(({ events }) => events)); waited += 5) {
      if (waited > 30_000) throw new Error(`never came; told so far: ${JSON.stringify(this.batches)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  #receive(message: ToWebview): void {
    if (message.type === 'batch') return void this.batches.push(message)
    const waiting = this.#waiting.get(message.id)
    if (message.type === 'response') waiting?.resolve(message.body)
    else waiting?.reject(new Error(message.message))
  }
}
