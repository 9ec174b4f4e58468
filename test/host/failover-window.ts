/** A window with several providers over real HTTP: real keys, chooser, failover, limits of rate and answers. */
import { Answers } from '../../src/host/answers.ts'
import { Chooser } from '../../src/host/choice.ts'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import { WindowFailover } from '../../src/host/resilience/failover.ts'
import { Forbidden } from '../../src/host/resilience/forbidden.ts'
import { windowRate } from '../../src/host/resilience/rate.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { Settings } from '../../src/host/settings.ts'
import type { Agent } from '../../src/shared/agent.ts'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { FakePage, FakeWindow, memory, noSettings, noTools } from './fakes.ts'

const MODELS = [
  { provider: 'anthropic', id: 'claude-test', name: 'Claude', tools: true, images: true, contextWindow: 200_000 },
  { provider: 'litellm', id: 'gpt-test', name: 'GPT', tools: true, images: true, contextWindow: 128_000 },
  { provider: 'litellm', id: 'tiny-test', name: 'Tiny', contextWindow: 600 },
]

export class FailoverWindow implements AsyncDisposable {
  readonly first: FakeProvider
  readonly second: FakeProvider
  readonly window: FakeWindow
  readonly page: FakePage
  readonly connections: Connections
  readonly chooser: Chooser
  readonly models: Models
  readonly keys: Keys
  readonly failover: WindowFailover
  readonly resilience: Resilience
  settings: Settings
  agent: Agent | undefined
  /** Of the limits of rate alone. */
  readonly clock = new FakeClock(Date.now())
  /** What the clock of failover adds to the time, in milliseconds. */
  later = 0

  private constructor(first: FakeProvider, second: FakeProvider) {
    this.first = first
    this.second = second
    this.settings = {
      ...noSettings,
      provider: 'anthropic',
      model: 'claude-test',
      origin: 'user',
      providers: { anthropic: first.setting, litellm: second.setting },
      models: MODELS,
      retry: { attempts: 1, baseDelay: 1, maxWait: 2_000 },
      failover: { ...noSettings.failover, chain: [{ provider: 'litellm', model: 'gpt-test' }] },
    }
    this.window = new FakeWindow()
    const { log, store, fitting } = this.window.services
    const settings = (): Settings => this.settings
    this.keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
    const forbidden = new Forbidden(store)
    this.connections = new Connections({ keys: this.keys, settings, forbidden: (id) => forbidden.of(id) })
    this.models = new Models({ connections: this.connections, settings, store, log, changed: () => undefined })
    const ofAgent = { of: () => Promise.resolve(this.agent ? { agent: this.agent } : {}), keyOf: () => undefined }
    this.chooser = new Chooser(this.connections, this.models, settings, memory(), ofAgent)
    const failover = (this.failover = new WindowFailover({
      settings,
      store,
      connections: () => this.connections,
      models: () => this.models,
      chooser: () => this.chooser,
      agentOf: () => Promise.resolve(this.agent),
      rest: (target) => this.resilience.restOf(target),
      now: () => Date.now() + this.later,
    }))
    const rate = windowRate({
      settings,
      failover: () => failover,
      store,
      connections: () => this.connections,
      log,
      clock: this.clock,
    })
    const resilience = (this.resilience = new Resilience({ settings, log, alternatives: failover, gates: [rate] }))
    const answers = new Answers({
      ...noTools,
      fitting: fitting.fitting,
      store,
      log,
      toolLog: log,
      settings,
      resilience,
      choose: (conversation) => this.chooser.choose(conversation, true),
      chooseInstead: (conversation, target) => this.chooser.chooseInstead(conversation, target),
      kept: (conversation, chosen, asks) => failover.keptOf(conversation, chosen, asks),
      connect: (provider, profile, conversation) => this.connections.open(provider, profile, conversation),
      whyNone: (conversation) => this.chooser.whyNone(conversation),
      stored: () => undefined,
      outcome: () => undefined,
    })
    Object.assign(this.window.services, { answers, chooser: this.chooser, models: this.models, failover })
    this.page = new FakePage(this.window)
  }

  static async open(): Promise<FailoverWindow> {
    const opened = new FailoverWindow(await startFakeProvider('anthropic'), await startFakeProvider('litellm'))
    for (const [provider, key, profile] of [
      ['anthropic', 'sk-ant-work-1', 'work'],
      ['anthropic', 'sk-ant-personal-1', 'personal'],
      ['anthropic', 'sk-ant-client-1', 'client'],
      ['litellm', 'sk-lite-1', undefined],
    ] as const) {
      const info = opened.connections.info(provider)!
      await opened.keys.set(info, opened.connections.settingsOf(provider), key, profile)
    }
    opened.settings = { ...opened.settings, keyProfiles: { anthropic: 'work' } }
    await opened.page.ready()
    return opened
  }

  /** Waits for the answer that ends after so many have. */
  async answer(count = 1): Promise<StoredMessage & { message: AssistantMessage }> {
    const settled = (): number =>
      this.page.batches.flatMap(({ events }) => events).filter(({ type }) => type === 'settled').length
    await this.page.until(() => settled() >= count && this.window.services.answers.count === 0)
    const { page } = await this.page.ready()
    return page.messages.at(-1) as StoredMessage & { message: AssistantMessage }
  }

  /** The first first. */
  records(): RequestRecord[] {
    return this.window.services.store().requests.list().reverse()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.window.services.answers.stopAll()
    this.page.session.dispose()
    this.window.close()
    await this.first.close()
    await this.second.close()
  }
}

export const said = ({ message }: { message: AssistantMessage }): string => textOf(message.content)
