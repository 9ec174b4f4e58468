/** All that asks a model beside answers, over the real window of failover: real HTTP, keys, gates and store. */
import { Answers } from '../../src/host/answers.ts'
import { BenchmarkWindow } from '../../src/host/benchmark/window.ts'
import { windowFitting } from '../../src/host/fitting/wire.ts'
import type { WindowFitting } from '../../src/host/fitting/index.ts'
import type { Came } from '../../src/host/exchange.ts'
import { Titles } from '../../src/host/history/titles.ts'
import { Questions } from '../../src/host/mcp/questions.ts'
import { sample } from '../../src/host/mcp/sampling.ts'
import { SideRequests } from '../../src/host/side-requests.ts'
import type { SampleAnswer } from '../../src/mcp/ports.ts'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { Message, Origin } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import type { SideWaitView } from '../../src/shared/protocol.ts'
import { FailoverWindow } from './failover-window.ts'
import { memory, noTools } from './fakes.ts'

/** The window it stands on. */
export type Inner = AsyncDisposable &
  Pick<
    FailoverWindow,
    'window' | 'page' | 'settings' | 'chooser' | 'connections' | 'models' | 'failover' | 'resilience'
  >

export class SideWindow<On extends Inner = FailoverWindow> implements AsyncDisposable {
  readonly inner: On
  readonly underWay = new SideRequests()
  readonly fitting: WindowFitting
  readonly titles: Titles
  readonly benchmark: BenchmarkWindow

  constructor(inner: On) {
    this.inner = inner
    const { window, chooser, connections, models, failover, resilience } = inner
    const { store } = window.services
    const log = window.services.log.from('request')
    const settings = () => inner.settings
    const side = { store, log, resilience, underWay: this.underWay, waits: window.waits, outcome: this.outcome }
    const changed = (id: string): void => window.services.answers.tell(id, { type: 'changed' })
    const customising = { of: () => Promise.resolve({}) }
    const around = { settings, memory: memory(), chooser, connections, customising, failover, changed }
    this.fitting = windowFitting({ ...side, ...around })
    this.titles = new Titles({
      ...side,
      wanted: () => true,
      models: (provider) => models.of(provider),
      connect: (provider, profile, conversation) => connections.open(provider, profile, conversation),
      changed,
    })
    this.benchmark = new BenchmarkWindow({
      ...side,
      connect: (provider) => connections.open(provider),
      info: (provider, model) => models.info(provider, model),
      workspace: () => undefined,
      changed: () => undefined,
      approvals: () => Promise.resolve(noTools.approvals),
      desk: {
        read: () => Promise.resolve(JSON.stringify({ prompts: [{ name: 'Fact', prompt: 'Tell a fact.' }] })),
        edit: () => Promise.resolve(),
        trusted: () => false,
      },
    })
    const answers = new Answers({
      ...noTools,
      fitting: this.fitting.fitting,
      store,
      log,
      toolLog: log,
      settings,
      resilience,
      choose: (conversation) => chooser.choose(conversation, true),
      chooseInstead: (conversation, target) => chooser.chooseInstead(conversation, target),
      kept: (conversation, chosen, asks) => failover.keptOf(conversation, chosen, asks),
      connect: (provider, profile, conversation) => connections.open(provider, profile, conversation),
      whyNone: (conversation) => chooser.whyNone(conversation),
      stored: () => undefined,
      outcome: () => undefined,
    })
    Object.assign(window.services, { answers, fitting: this.fitting })
  }

  static async open(): Promise<SideWindow> {
    return SideWindow.on(await FailoverWindow.open())
  }

  static async on<On extends Inner>(inner: On): Promise<SideWindow<On>> {
    const opened = new SideWindow(inner)
    // The page hears of the answers that are written here from now on.
    await inner.page.ask('new', { keepChoice: false })
    return opened
  }

  /** Of each request: whom it went to, with which key, and what came of it. */
  readonly came: [string, string | undefined, string][] = []
  onCame: () => void = () => undefined
  readonly outcome = (provider: string, key: string | undefined, came: Came): void => {
    this.came.push([provider, key, typeof came === 'string' ? came : came.code])
    this.onCame()
  }

  /** What the page is told now of what is waited for. */
  get waits(): SideWaitView[] {
    const all = this.inner.page.batches.flatMap(({ events }) => events)
    return all.findLast((event) => event.type === 'side-waits')?.waits ?? []
  }

  /** A conversation in which so much was said already, shown in the page. */
  async past(turns: number, words = 'word '.repeat(20)): Promise<string> {
    const { window, page, settings } = this.inner
    const { provider = '', model = '', keyProfiles } = settings
    const origin = { provider, dialect: provider, model }
    const { conversations, messages } = window.services.store()
    const conversation = page.session.conversation
    conversations.create({ id: conversation, title: '' })
    let parent: string | null = null
    for (let turn = 0; turn < turns; turn++)
      for (const message of [asked(`question ${turn} ${words}`), answered(`answer ${turn} ${words}`, origin)]) {
        const id = `m${turn}${message.role}${conversation}`
        messages.append(row(id, conversation, parent, message, keyProfiles[provider]))
        parent = id
      }
    if (parent !== null) conversations.setLeaf(conversation, parent)
    await page.ready()
    return conversation
  }

  /** An MCP server asks for an answer, and the person allows that and sends it. */
  sample(signal = new AbortController().signal): Promise<SampleAnswer | undefined> {
    const { window, chooser, connections, resilience } = this.inner
    const choose = (_question: string, _detail: string, [first]: readonly string[]) => Promise.resolve(first)
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is a ring?' }] }]
    return sample(
      { server: 'files', messages, maxOutputTokens: 50, wishes: [] },
      {
        store: window.services.store,
        resilience,
        underWay: this.underWay,
        waits: window.waits,
        outcome: this.outcome,
        log: window.services.log.from('mcp'),
        boxes: { choose },
        questions: new Questions(),
        choose: () => chooser.choose(undefined, true),
        connect: (provider, profile) => connections.open(provider, profile),
        workspace: () => undefined,
      },
      signal,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.titles.dispose()
    this.benchmark.dispose()
    await this.underWay.end()
    await this.inner[Symbol.asyncDispose]()
  }
}

const asked = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const answered = (text: string, origin: Origin): Message => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  origin,
  stop: { kind: 'done' },
  usage: noUsage(),
})

const row = (
  id: string,
  conversation: string,
  parent: string | null,
  message: Message,
  keyProfile: string | undefined,
): StoredMessage => {
  const key = message.role === 'assistant' && keyProfile !== undefined ? { keyProfile } : {}
  return { id, conversation, parent, createdAt: Date.now(), state: 'done', message, ...key }
}
