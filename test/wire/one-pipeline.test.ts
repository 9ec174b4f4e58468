/** Every way of asking, whatever provider is asked, over real HTTP and a whole window: gates, timers, records and costs. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Chooser } from '../../src/host/choice.ts'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import { WindowFailover } from '../../src/host/resilience/failover.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { ProviderSettings, Settings } from '../../src/host/settings.ts'
import { offer } from '../../src/host/vscode-models/offer.ts'
import { providers } from '../../src/llm/index.ts'
import type { Asking, Gate, Outcome } from '../../src/resilience/admission.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import { costOf } from '../../src/usage/cost.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { fakes } from '../harness/fakes/index.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from '../host/fake-editor.ts'
import { FakePage, FakeWindow, memory, noSettings } from '../host/fakes.ts'
import { SideWindow } from '../host/side-window.ts'
import type { Inner } from '../host/side-window.ts'
import { FakeModel, FakeWindow as FakeEditor, TextPart } from '../host/vscode-models/fake-api.ts'

type Attempt = 'answers' | 'fails' | 'says nothing'

/** What is asked: `id` in the settings, `fake` on the wire. The editor's models have no wire. */
type Asked = { id: string; fake?: keyof typeof fakes; settings?: Pick<ProviderSettings, 'demo' | 'dialect'> }
const kinds: Record<string, Asked> = {
  anthropic: { id: 'anthropic', fake: 'anthropic' },
  openai: { id: 'openai', fake: 'openai' },
  google: { id: 'google', fake: 'google' },
  openrouter: { id: 'openrouter', fake: 'openrouter' },
  ollama: { id: 'ollama', fake: 'ollama' },
  litellm: { id: 'litellm', fake: 'litellm' },
  compatible: { id: 'compatible', fake: 'compatible' },
  'compatible in the format of OpenAI’s responses': {
    id: 'compatible',
    fake: 'openai',
    settings: { dialect: 'openai-responses' },
  },
  'compatible in the format of Anthropic': {
    id: 'compatible',
    fake: 'compatible-anthropic',
    settings: { dialect: 'anthropic' },
  },
  'the demonstration': { id: 'anthropic', fake: 'anthropic', settings: { demo: true } },
  'the editor’s models': { id: 'vscode' },
}

const PRICE = { input: 3, output: 15 }

/** Notes who enters and how each ticket is settled. */
class CountingGate implements Gate {
  readonly name = 'counting'
  readonly entered: { asking: Asking; settled: Outcome[] }[] = []

  enter(asking: Asking): ReturnType<Gate['enter']> {
    const entry = { asking, settled: [] as Outcome[] }
    this.entered.push(entry)
    return Promise.resolve({ settle: (outcome) => void entry.settled.push(outcome) })
  }
}

class KindWindow implements Inner {
  readonly gate = new CountingGate()
  readonly window = new FakeWindow()
  readonly page: FakePage
  readonly connections: Connections
  readonly chooser: Chooser
  readonly models: Models
  readonly failover: WindowFailover
  readonly resilience: Resilience
  settings: Settings

  constructor(settings: Settings, keys: Keys, editor: ReturnType<typeof offer>) {
    this.settings = settings
    const { log, store } = this.window.services
    const now = (): Settings => this.settings
    this.connections = new Connections({ keys, settings: now, editor: [editor] })
    this.models = new Models({ connections: this.connections, settings: now, store, log, changed: () => undefined })
    this.chooser = new Chooser(this.connections, this.models, now, memory())
    this.failover = new WindowFailover({
      settings: now,
      store,
      connections: () => this.connections,
      models: () => this.models,
      chooser: () => this.chooser,
      agentOf: () => Promise.resolve(undefined),
      rest: (target) => this.resilience.restOf(target),
    })
    this.resilience = new Resilience({ settings: now, log, alternatives: this.failover, gates: [this.gate] })
    Object.assign(this.window.services, { chooser: this.chooser, models: this.models, failover: this.failover })
    this.page = new FakePage(this.window)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.window.services.answers.stopAll()
    this.page.session.dispose()
    this.window.close()
  }
}

type Ways = Record<string, (window: SideWindow<KindWindow>, model: string, other: string) => Promise<unknown>>

/** Each asks `model` once, and is over when nothing more is asked. */
const ways: Ways = {
  'an answer': async (window) => {
    await window.inner.page.say('Hello')
    await over(window)
  },
  'a lane of a comparison': async (window, model, other) => {
    const { provider } = window.inner.settings
    const lanes = [model, other].map((one) => ({ provider: provider!, model: one }))
    await window.inner.page.ask('compare', { content: [{ type: 'text', text: 'Which?' }], lanes })
    await over(window)
  },
  'a title': async (window) => window.titles.write(await window.past(1)),
  'a summary': async (window) => {
    await window.past(2)
    await window.inner.page.ask('summarise', {}).catch(() => undefined)
  },
  'a sample for a server': (window) => window.sample().catch(() => undefined),
  'a comparison of models by prompts': async (window, model) => {
    const models = [{ provider: window.inner.settings.provider!, model }]
    await window.benchmark.start({ models, prompts: ['Fact'], repeats: 1 })
    while ((await window.benchmark.view()).running) await sleep(2)
  },
}

async function over({ inner }: SideWindow<KindWindow>): Promise<void> {
  while (inner.window.services.answers.count > 0) await sleep(2)
}

describe('every provider streams through the same pipeline', function () {
  this.timeout(180_000)

  it('whichever there is', () => {
    const known = Object.values(kinds).map(({ id }) => id)
    assert.deepEqual(
      providers.filter(({ id }) => !known.includes(id)),
      [],
    )
  })

  for (const [kind, { id, fake, settings: more }] of Object.entries(kinds)) {
    const [model, other] = id === 'vscode' ? ['acme/x', 'acme/y'] : ['model-x', 'model-y']

    describe(kind, () => {
      let server: ScriptedServer | undefined
      let script: Attempt[] = []
      /** How often the model was asked, where the request ended up. */
      let asked = 0

      const next = (of: string): Attempt => {
        if (of !== model) return 'answers'
        asked++
        return script.shift() ?? 'answers'
      }
      const editor = offer(
        new FakeEditor(
          ...[model, other].map((name) => {
            const reply = async function* ({ token }: Parameters<FakeModel['reply']>[0]): AsyncGenerator {
              const attempt = next(name)
              if (attempt === 'fails') throw new Error('The service is overloaded')
              if (attempt === 'answers') return yield new TextPart('Here it is.')
              while (!token.isCancellationRequested) await sleep(5)
            }
            return new FakeModel('acme', name.replace('acme/', ''), { reply, capabilities: {} })
          }),
        ).api,
      )

      before(async () => {
        if (fake === undefined) return
        const speaker = fakes[fake]
        server = await startScriptedServer(async (request) => {
          const told = speaker.reply(request.request)
          if (told !== undefined) return request.json(200, told)
          const turn = new FakeTurn(request, speaker)
          const attempt = next(turn.model)
          if (attempt === 'fails') turn.fail(503, 'overloaded_error', 'Overloaded')
          else if (attempt === 'answers') await turn.answer('Here it is.')
          else await turn.closed
        })
      })
      after(() => server?.close())

      const open = async (changes: Partial<Settings> = {}): Promise<SideWindow<KindWindow>> => {
        const priced = [model, other].map((one) => ({
          provider: id,
          id: one,
          name: one,
          contextWindow: 200_000,
          price: PRICE,
        }))
        const baseUrl = fake && server!.origin + fakes[fake].basePath
        const settings = {
          ...noSettings,
          provider: id,
          model,
          countTokens: 'estimate' as const,
          providers: baseUrl === undefined ? {} : { [id]: { baseUrl, ...more } },
          models: priced,
          retry: { attempts: 3, baseDelay: 1, maxWait: 5 },
          ...changes,
        }
        const keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
        const opened = new KindWindow(settings as Settings, keys, editor)
        const info = opened.connections.info(id)!
        if (fake && !info.keyless) await keys.set(info, settings.providers[id], 'sk-canary-0123456789')
        asked = 0
        return SideWindow.on(opened)
      }
      /** Of the model, the first first. */
      const rows = ({ inner }: SideWindow<KindWindow>): RequestRecord[] =>
        inner.window.services
          .store()
          .requests.list()
          .filter((one) => one.model === model)
          .sort((one, two) => one.attempt - two.attempt)
      const entered = ({ inner }: SideWindow<KindWindow>): CountingGate['entered'] =>
        inner.gate.entered.filter(({ asking }) => asking.target.model === model)

      for (const [way, ask] of Object.entries(ways)) {
        it(`${way}: each attempt passes the gates once, is a row, and has its cost`, () =>
          fc.assert(
            fc.asyncProperty(fc.integer({ min: 0, max: 4 }), async (failures) => {
              script = Array<Attempt>(failures).fill('fails')
              const count = Math.min(failures + 1, 4)
              await using window = await open()
              await ask(window, model!, other!)
              script = []
              assert.equal(asked, count, 'asked')
              const gates = entered(window)
              assert.equal(gates.length, count, 'the gates')
              assert.deepEqual(
                gates.map(({ settled }) => settled.length),
                Array(count).fill(1),
                'each settled once',
              )
              assert.ok(gates.every(({ asking }) => asking.target.provider === id && asking.inputTokens > 0))
              const all = rows(window)
              assert.deepEqual(
                all.map(({ attempt, outcome, provider }) => [attempt, outcome, provider]),
                gates.map((_, at) => [at + 1, at < failures ? 'failed' : 'done', id]),
              )
              if (failures > 3) return
              const { cost, ...last } = all.at(-1)!
              const told = gates.at(-1)!.settled[0]!
              assert.equal(told.cost, cost)
              assert.ok(cost !== undefined && cost > 0, 'its cost')
              if (id !== 'litellm' && id !== 'openrouter') assert.equal(cost, costOf(last, PRICE))
              assert.ok(last.output > 0)
            }),
            { numRuns: 3, examples: [[0], [4]] },
          ))

        it(`${way}: is ended by the same timers, and that is a row as well`, async () => {
          await using window = await open({
            retry: { ...noSettings.retry, attempts: 0 },
            timeouts: { connect: 0, firstToken: 150, idle: 0, total: 0 },
          })
          script = ['says nothing']
          const since = performance.now()
          await ask(window, model!, other!)
          assert.ok(performance.now() - since < 30_000)
          assert.equal(asked, 1)
          assert.deepEqual(
            rows(window).map(({ outcome, failureCode }) => [outcome, failureCode]),
            [['failed', 'timeout']],
          )
          assert.deepEqual(
            entered(window).map(({ settled }) =>
              settled.map(({ failure }) => /panelist\.timeouts\.\w+/.exec(failure?.message ?? '')?.[0]),
            ),
            [['panelist.timeouts.firstToken']],
          )
        })
      }
    })
  }
})
