/**
 * Whole windows against upstreams that fail in every way at every point, over real HTTP: sessions, turns, store and
 * records are the ones a person uses, only the waits are short. `CHAOS_SEED` repeats what went wrong.
 */
import assert from 'node:assert/strict'
import type { Connected } from '../../src/host/connections.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { Provider } from '../../src/llm/index.ts'
import { systemClock } from '../../src/resilience/clock.ts'
import { textOfAnswers } from '../../src/shared/join.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import type { FakeKind } from '../harness/fakes/index.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { chosen, FakePage, FakeWindow } from '../host/fakes.ts'
import { Books, Counted, credits, phases, price } from './chaos-money.ts'
import { kinds, Run, seeded, startUpstream } from './chaos.ts'

const RUNS = Number(process.env['CHAOS_RUNS'] ?? 1000)
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_121)
const LANES = 20
const KEY = 'sk-canary-0123456789'
const path: Partial<Record<FakeKind, string>> = {
  openai: '/v1',
  openrouter: '/api/v1',
  litellm: '/v1',
  compatible: '/v1',
}

describe('answers of upstreams that fail in every way at every point', function () {
  this.timeout(120_000)
  const runs = new Map<number, Run>()
  const servers = new Map<FakeKind, ScriptedServer>()
  let window: FakeWindow
  let books: Books
  const gate = new Counted(() => window.money.gate)
  const asked = new Map<string, Run>()
  const providerOf = (kind: FakeKind): Provider =>
    createProvider(kind, { baseUrl: servers.get(kind)!.origin + (path[kind] ?? ''), apiKey: KEY })

  before(async () => {
    for (const kind of kinds) {
      servers.set(kind, await startUpstream(kind, runs))
      // The SDK of each is loaded with its first request, which takes longer than the limits of these tests.
      await providerOf(kind).listModels(new AbortController().signal)
    }
    window = new FakeWindow({
      resilience: {
        gates: [gate],
        clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal) },
      },
      choose: ({ id }) => {
        const run = asked.get(id)!
        const { provider } = run
        const model = { provider, model: 'model-x', info: { ...chosen.info!, provider, price } }
        return Promise.resolve({ ...chosen, ...model, keyProfile: `run-${run.id}` })
      },
      connect: (provider, keyProfile): Promise<Connected> => {
        const kind = provider.replace('team-', '') as FakeKind
        const paidBy = window.money.paidBy(provider, keyProfile)
        return Promise.resolve({
          info: { id: provider, label: provider, dialect: kind, defaultBaseUrl: '' },
          provider: providerOf(kind),
          status: 'set',
          keyProfile: keyProfile!,
          ...(paidBy && { paidBy }),
        })
      },
    })
    books = new Books(window.services.store)
    window.credits = credits
    window.trying = {
      retry: { attempts: 3, baseDelay: 1, maxWait: 60_000 },
      timeouts: { connect: 0, firstToken: 2_000, idle: 1_200, total: 0 },
    }
  })
  after(async () => {
    await window.services.answers.stopAll()
    window.close()
    await Promise.all([...servers.values()].map((server) => server.close()))
  })

  it(`end whole, or partial with a true failure, ${RUNS} times`, async () => {
    const random = seeded(SEED)
    const waiting = Array.from({ length: RUNS }, (_, id) => {
      const run = new Run(
        id,
        kinds[Math.floor(random() * kinds.length)]!,
        Math.floor(random() * 2 ** 32),
        random() < 0.3,
      )
      // Some are stopped, at whatever moment.
      return { run, stopAfter: random() < 0.05 ? random() * 20 : undefined }
    })
    // In each phase of so many runs other budgets hold.
    const [free, wide, tight] = [0.4, 0.3, 0.3].map((share) => waiting.splice(-Math.round(RUNS * share)))
    const came = { whole: 0, partial: 0, nothing: 0, stopped: 0, asked: 0, requests: 0, resumed: 0 }
    const lane = async (waiting: Planned[]): Promise<void> => {
      const page = new FakePage(window)
      await page.ready()
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const { run, stopAfter } = next
        runs.set(run.id, run)
        const ended = await play(page, run, stopAfter).catch((error: unknown) => {
          throw new Error(`run ${run.id} (${run.kind}, seed ${SEED}): ${JSON.stringify(run.faults)}`, { cause: error })
        })
        came[ended.how]++
        came.resumed += ended.rows - 1
        came.asked += ended.asked
        came.requests += run.done.length
        runs.delete(run.id)
      }
      page.session.dispose()
    }
    for (const [budgets, planned] of [
      [phases.free, free!],
      [phases.wide, wide!],
      [phases.tight, tight!],
    ] as const) {
      window.budgets = budgets
      await Promise.all(Array.from({ length: LANES }, () => lane(planned)))
    }
    assert.equal(gate.settled, gate.given, 'every ticket is settled')
    assert.equal(gate.twice, 0, 'and none twice')
    books.holdAll(gate.given, window.path)
    assert.equal(window.services.answers.count, 0)
    console.log(`      ${JSON.stringify(came)}`)
  })

  type Planned = { run: Run; stopAfter: number | undefined }
  type Ended = { how: 'whole' | 'partial' | 'nothing' | 'stopped'; rows: number; asked: number }

  async function play(page: FakePage, run: Run, stopAfter: number | undefined): Promise<Ended> {
    await page.ask('new', { keepChoice: false })
    const { conversation } = page.session
    asked.set(conversation, run)
    page.batches.length = 0
    const indicator = new Indicator(run)
    const person = new Person(window, run)
    const unlisten = window.services.answers.listen(conversation, (event) => {
      indicator.hear(event)
      person.look(conversation)
    })
    await page.say(run.question)
    if (stopAfter !== undefined) setTimeout(() => window.services.answers.stop(conversation), stopAfter)
    while (window.services.answers.running(conversation)) await new Promise((resolve) => setTimeout(resolve, 1))
    await Promise.all(run.turns.map(({ closed }) => closed))
    const { page: shown } = await page.ready()
    unlisten()
    indicator.isOff()
    asked.delete(conversation)

    const rows = shown.messages.slice(1)
    const answers = rows.map(({ message }) => message as AssistantMessage)
    const last = answers.at(-1)!
    const text = textOfAnswers(answers)
    const { asked: times } = person
    holdEvents(page.batches.flatMap(({ events }) => events))
    const records = window.services.store().requests.list({ conversation })
    const made = records
      .map(({ attempt, outcome, failureCode }) => [attempt, outcome, failureCode].join(' '))
      .join(', ')
    assert.ok(
      records.length <= run.done.length + (stopAfter === undefined ? 0 : 1),
      `a record for each attempt: ${made}`,
    )
    if (stopAfter === undefined) assert.equal(records.length, run.done.length, 'and no attempt without one')
    books.holdRun(
      run,
      conversation,
      rows.reduce((sum, { cost = 0 }) => sum + cost, 0),
    )
    assert.ok(run.done.length <= 4, `${run.done.length} requests`)
    const finalAt = run.done.findIndex((fault) => fault?.final)
    if (finalAt >= 0) assert.equal(finalAt, run.done.length - 1, 'nothing is tried after what cannot pass')

    if (last.stop.kind === 'aborted') {
      assert.ok(stopAfter !== undefined, 'nobody stopped it')
      assert.ok(run.whole.startsWith(text), `told: ${text}`)
      return { how: 'stopped', rows: rows.length, asked: times }
    }
    if (last.stop.kind === 'done') {
      assert.equal(text, run.whole)
      assert.equal(run.done.at(-1), undefined)
      return { how: 'whole', rows: rows.length, asked: times }
    }
    assert.ok(last.stop.kind === 'failed', last.stop.kind)
    const { failure } = last.stop
    const isTrue = failure.code === 'budget' ? person.stopped : run.done.at(-1)?.codes.includes(failure.code)
    assert.ok(isTrue, `${failure.code} is no true failure: ${failure.message}`)
    assert.match(failure.message, /^[A-Z0-9][^{}]+\.$/, 'whole sentences, no JSON')
    assert.doesNotMatch(failure.message, /\bat .+:\d+:\d+|sk-canary/)
    assert.ok(run.whole.startsWith(text), `told: ${text}`)
    return { how: text === '' ? 'nothing' : 'partial', rows: rows.length, asked: times }
  }
})

/** Answers what is asked of budgets, one way or another. */
class Person {
  readonly #window: FakeWindow
  readonly #random: () => number
  asked = 0
  stopped = false

  constructor(window: FakeWindow, { id }: Run) {
    this.#window = window
    this.#random = seeded(id)
  }

  look(conversation: string): void {
    const { questions } = this.#window.services.money
    const question = questions.of(conversation)
    if (!question) return
    setImmediate(() => {
      const decision = (['send', 'send-all', 'stop'] as const)[Math.floor(this.#random() * 3)]!
      if (!questions.decide(conversation, question.id, decision)) return
      this.asked++
      this.stopped = decision === 'stop'
    })
  }
}

/** The streaming indicator is on from the first words of an answer to its end, or until it waits to be asked for again. */
class Indicator {
  readonly #run: Run
  #on: string | undefined
  #waits = false

  constructor(run: Run) {
    this.#run = run
  }

  hear(event: Parameters<Parameters<FakeWindow['services']['answers']['listen']>[1]>[0]): void {
    if (event.type === 'stream') {
      assert.ok(!this.#waits, 'nothing streams while it waits')
      this.#on = event.event.type === 'end' ? undefined : event.id
      if (event.event.type === 'block-delta') assert.ok(this.#run.turns.length > 0, 'words without a stream')
    } else if (event.type === 'waiting') {
      this.#waits = event.waiting !== undefined
      if (this.#waits) this.#on = undefined
    } else if (event.type === 'settled') {
      this.#on = undefined
    }
  }

  isOff(): void {
    assert.equal(this.#on, undefined, 'the indicator is off')
    assert.equal(this.#waits, false, 'and nothing is waited for')
  }
}

/** Each answer is settled once, and nothing of it comes after that. */
function holdEvents(events: readonly PanelEvent[]): void {
  const settled = new Set<string>()
  for (const event of events) {
    if (event.type === 'stream') assert.ok(!settled.has(event.id), 'no event after the end')
    else if (event.type === 'message') assert.ok(!settled.has(event.message.id), 'no row after the end')
    else if (event.type === 'settled') {
      assert.ok(!settled.has(event.id), 'settled once')
      settled.add(event.id)
    }
  }
}
