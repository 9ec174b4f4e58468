/** Comparisons over real HTTP: who is asked when, what comes of it, how it is stopped, and what is kept. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connected } from '../../src/host/connections.ts'
import { BenchmarkWindow } from '../../src/host/benchmark/window.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { BenchmarkPlan } from '../../src/shared/benchmark.ts'
import type { ApprovalDecision, ApprovalRequest } from '../../src/shared/tool-state.ts'
import type { BenchmarkView } from '../../src/shared/protocol.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import { SteadyTime } from '../harness/steady.ts'
import { approvals } from '../harness/turn.ts'
import type { Approvals } from '../../src/tools/approvals.ts'
import type { FakeProvider, FakeTurn } from '../harness/fake-providers.ts'
import { until } from '../mcp/support.ts'
import { noSettings } from './fakes.ts'

const PROMPTS = {
  prompts: [
    { name: 'Fact', prompt: 'Capital of Australia?', checks: [{ contains: 'Canberra' }] },
    { name: 'Judged', prompt: 'Explain a bridge.', checks: [{ judge: 'It is clear.' }, { command: 'grep -q bridge' }] },
  ],
}
const sonnet = { provider: 'anthropic', model: 'sonnet' }
const haiku = { provider: 'anthropic', model: 'haiku' }
const gpt = { provider: 'compatible', model: 'gpt' }

describe('a comparison of models', function () {
  this.timeout(90_000)
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-benchmark-'))
  const file = path.join(folder, 'panelist.db')
  let anthropic: FakeProvider
  let other: FakeProvider
  let store: Store
  let prompts: string
  let onRead = (): void => undefined
  let attempts: number
  let window: BenchmarkWindow
  let granted: Approvals
  let trusted: boolean

  const fresh = (): BenchmarkWindow =>
    new BenchmarkWindow({
      store: () => store,
      log: { trace: noWords, debug: noWords, info: noWords, warn: noWords, error: noWords },
      resilience: new Resilience({
        settings: () => ({ ...noSettings, retry: { ...noSettings.retry, attempts, baseDelay: 1 } }),
        log: { info: noWords },
      }),
      connect: (provider) => Promise.resolve(connected(provider)),
      info: (provider, model) => {
        const price = { input: 1, output: 10 }
        return Promise.resolve({
          id: model,
          provider,
          name: model.toUpperCase(),
          source: 'settings',
          ...(model !== 'gpt' && { price }),
        })
      },
      workspace: () => 'file:///project',
      changed: () => undefined,
      approvals: () => Promise.resolve(granted),
      desk: {
        read: () => {
          const read = Promise.resolve(prompts)
          onRead()
          return read
        },
        edit: () => Promise.resolve(),
        trusted: () => trusted,
      },
    })
  const connected = (id: string): Connected => {
    const { setting } = id === 'anthropic' ? anthropic : other
    const provider = createProvider(id, { apiKey: 'k', ...setting })
    return { info: { id, label: id, dialect: id, defaultBaseUrl: '' }, provider, status: 'set', keyProfile: 'work' }
  }
  const noWords = (): void => undefined

  beforeEach(async () => {
    anthropic = await startFakeProvider('anthropic')
    other = await startFakeProvider('compatible')
    store = openStore({ path: file }).store
    for (const { id } of store.benchmarks.list(99)) store.benchmarks.remove(id)
    prompts = JSON.stringify(PROMPTS)
    attempts = 0
    granted = approvals()
    trusted = true
    window = fresh()
  })
  afterEach(async () => {
    window.dispose()
    store.close()
    await anthropic.close()
    await other.close()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const plan = (more: Partial<BenchmarkPlan> = {}): BenchmarkPlan => {
    return { models: [sonnet], prompts: ['Fact'], repeats: 1, ...more }
  }
  const ended = async (): Promise<BenchmarkView> => {
    for (;;) {
      const view = await window.view()
      if (!view.running) return view
      await sleep(10)
    }
  }
  /** The command that is asked about. */
  const asks = async (): Promise<ApprovalRequest> => {
    for (;;) {
      const { asking } = await window.view()
      if (asking) return asking
      await sleep(2)
    }
  }
  const says = async (decision: ApprovalDecision): Promise<ApprovalRequest> => {
    const asking = await asks()
    window.decide(asking.callId, decision)
    return asking
  }
  const words = (turn: FakeTurn): string => turn.history.map(({ text }) => text).join(' ')

  it('asks the models of one provider one after another, taking turns, and other providers meanwhile', async () => {
    assert.equal(await window.start(plan({ models: [sonnet, haiku, gpt], repeats: 2 })), true)
    const order: string[] = []
    const elsewhere = await other.next()
    for (let at = 0; at < 4; at++) {
      const turn = await anthropic.next()
      order.push(turn.model)
      await sleep(30)
      const under = anthropic.server.requests.filter(({ method }) => method === 'POST').length
      assert.equal(under, at + 1, 'a request went out before the one before it was over')
      await turn.answer('Canberra')
    }
    assert.deepEqual(order, ['sonnet', 'haiku', 'sonnet', 'haiku'])
    await elsewhere.answer('Sydney')
    await (await other.next()).answer('Canberra')
    const [run] = (await ended()).runs
    const facts = run?.rows.map(({ name, asked, failed, passed, checked }) => [name, asked, failed, passed, checked])
    assert.deepEqual(facts, [
      ['SONNET', 2, 0, 2, 2],
      ['HAIKU', 2, 0, 2, 2],
      ['GPT', 2, 0, 1, 2],
    ])
  })

  it('keeps what came of it once the database can be written, where it could not be at its end', async () => {
    await window.start(plan())
    const turn = await anthropic.next()
    const { put } = store.benchmarks
    Object.assign(store.benchmarks, { put: () => assert.fail('database is locked') })
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      void turn.answer('Canberra')
      while ((await window.view()).running) {
        mock.timers.tick(1)
        await new Promise(setImmediate)
      }
      Object.assign(store.benchmarks, { put })
      mock.timers.tick(60_000)
    } finally {
      mock.timers.reset()
    }
    const [run] = store.benchmarks.list(1)
    assert.equal(run?.results.length, 1)
    assert.ok(run.endedAt)
  })

  it('measures, prices and records each request like any other', async () => {
    await window.start(plan({ models: [sonnet, gpt] }))
    const turn = await anthropic.next()
    await sleep(60)
    await turn.say('Can')
    // It is read in a turn of the event loop of its own.
    for (let turns = 0; turns < 30; turns++) await sleep(5)
    await turn.say('berra')
    await turn.finish({ input: 1000, output: 100, cached: 0 })
    await (await other.next()).answer('Canberra')
    const [run] = (await ended()).runs
    const [row, unpriced] = run?.rows ?? []
    const [record] = store.requests.list().filter(({ provider }) => provider === 'anthropic')
    assert.deepEqual(
      [row?.firstTokenMs, row?.cost, row?.unpriced],
      [record?.firstTokenMs, 0.002, 0],
      'what is shown is not what is recorded',
    )
    assert.ok((row?.firstTokenMs ?? 0) >= 50)
    const writing = (record?.durationMs ?? 0) - (record?.firstTokenMs ?? 0)
    assert.ok(Math.abs((row?.rate ?? 0) - (100 / writing) * 1000) < 0.01)
    assert.deepEqual(
      [record?.workspace, record?.keyProfile, record?.conversation],
      ['file:///project', 'work', undefined],
    )
    assert.deepEqual([unpriced?.cost, unpriced?.unpriced], [0, 1])
  })

  it('counts what failed, says why, and goes on', async () => {
    await window.start(plan({ models: [sonnet], repeats: 2 }))
    ;(await anthropic.next()).fail(400, 'invalid_request_error', 'This model does not exist.')
    await (await anthropic.next()).answer('Canberra')
    const [run] = (await ended()).runs
    assert.deepEqual([run?.rows[0]?.asked, run?.rows[0]?.failed, run?.rows[0]?.checked], [2, 1, 1])
    const [failed] = window.results(run?.id ?? '')
    assert.equal(failed?.failure?.code, 'invalid-request')
    assert.deepEqual(failed?.checks, [], 'what failed was checked')
  })

  it('counts attempts that failed before one worked', async () => {
    attempts = 2
    window = fresh()
    await window.start(plan())
    ;(await anthropic.next()).fail(529, 'overloaded_error', 'Overloaded')
    await (await anthropic.next()).answer('Canberra')
    const [run] = (await ended()).runs
    assert.deepEqual([run?.rows[0]?.failed, run?.rows[0]?.retried, run?.rows[0]?.passed], [0, 1, 1])
  })

  it('closes the connections at once when it is stopped, and keeps and checks what there is', async () => {
    await window.start(plan({ models: [sonnet, gpt], repeats: 3 }))
    await (await anthropic.next()).answer('Canberra')
    const [turn, silent] = await Promise.all([anthropic.next(), other.next()])
    await turn.say('Can')
    using time = new SteadyTime()
    const began = performance.now()
    window.stop()
    assert.deepEqual([(await turn.closed).aborted, (await silent.closed).aborted], [true, true])
    assert.ok(time.between(began) < 500)
    const view = await ended()
    const [run] = view.runs
    assert.deepEqual([run?.stopped, run?.rows.map(({ asked }) => asked), run?.rows[0]?.passed], [true, [1, 0], 1])
    await sleep(50)
    const posts = [anthropic, other].flatMap(({ server }) => server.requests.filter(({ method }) => method === 'POST'))
    assert.equal(posts.length, 3, 'something was asked after the stop')
  })

  it('lets a model judge when nothing is asked any more, and says what that cost', async () => {
    const started = window.start(plan({ models: [haiku], prompts: ['Judged'], judge: sonnet }))
    await says({ kind: 'once' })
    assert.equal(await started, true)
    await (await anthropic.next()).answer('A bridge hangs.', { input: 100, output: 10, cached: 0 })
    const judge = await anthropic.next()
    assert.equal(judge.model, 'sonnet')
    for (const part of ['It is clear.', 'Explain a bridge.', 'A bridge hangs.'])
      assert.ok(words(judge).includes(part), part)
    await judge.answer('{"score": 9, "why": "Short and clear."}', { input: 1000, output: 100, cached: 0 })
    const [run] = (await ended()).runs
    assert.deepEqual([run?.judgedBy, run?.judgeCost, run?.rows[0]?.score], ['SONNET', 0.002, 9])
    assert.deepEqual([run?.rows[0]?.cost, run?.rows[0]?.passed, run?.rows[0]?.checked], [0.0002, 1, 1])
  })

  describe('with commands', () => {
    const two = {
      prompts: [
        { name: 'Run', prompt: 'Explain.', checks: [{ command: 'grep -q bridge' }, { command: 'wc -l | grep 1' }] },
      ] as const,
    }
    beforeEach(() => void (prompts = JSON.stringify(two)))
    const begin = (): Promise<boolean> => window.start(plan({ prompts: ['Run'] }))

    it('asks for each of them, exactly as it runs, and begins nothing before', async () => {
      const started = begin()
      const first = await says({ kind: 'once' })
      assert.deepEqual(first.preview, { kind: 'command', command: 'grep -q bridge', cwd: tmpdir() })
      assert.deepEqual([first.tool.effect, first.offers.conversation], ['run', undefined])
      assert.match(
        first.offers.always ?? '',
        /^Exactly this command in .*, in this workspace and until you revoke it\.$/,
      )
      const second = await asks()
      assert.deepEqual([(await window.view()).running, store.benchmarks.list(9)], [undefined, []])
      assert.equal(second.preview.kind === 'command' && second.preview.command, 'wc -l | grep 1')
      assert.equal(second.offers.always, undefined, 'what is no plain command is never remembered')
      window.decide(second.callId, { kind: 'once' })
      assert.equal(await started, true)
      await (await anthropic.next()).answer('A bridge hangs.')
      const [result] = window.results((await ended()).runs[0]?.id ?? '')
      assert.deepEqual(
        result?.checks.map(({ passed }) => passed),
        [true, false],
      )
    })

    it('runs what was asked about, also where the file of prompts changes meanwhile', async () => {
      const reading = (command: string): string =>
        JSON.stringify({ prompts: [{ name: 'Run', prompt: 'Explain.', checks: [{ command }] }] })
      prompts = reading('grep -q one')
      onRead = () => void (prompts = reading('grep -q two'))
      const started = begin()
      const asked = await says({ kind: 'once' })
      onRead = () => undefined
      assert.equal(await started, true)
      await (await anthropic.next()).answer('There is one.')
      const [result] = window.results((await ended()).runs[0]?.id ?? '')
      assert.equal(asked.preview.kind === 'command' && asked.preview.command, 'grep -q one')
      assert.equal(result?.checks[0]?.passed, true)
    })

    it('begins nothing where the person denies one of them, stops, or says what was not offered', async () => {
      const wrong: ApprovalDecision[] = [{ kind: 'deny' }, { kind: 'conversation' }, { kind: 'some', rejected: [] }]
      for (const decision of wrong) {
        const started = begin()
        await says(decision)
        assert.equal(await started, false)
      }
      const started = begin()
      await asks()
      await assert.rejects(begin(), /runs already/)
      window.stop()
      assert.equal(await started, false)
      const left = begin()
      await asks()
      window.dispose()
      assert.equal(await left, false)
      assert.deepEqual([store.benchmarks.list(9), granted.list()], [[], []])
    })

    it('asks nothing any more once it is stopped, also between two questions', async () => {
      const started = begin()
      await says({ kind: 'once' })
      window.stop()
      assert.equal(await started, false)
    })

    it('asks no more for what is always allowed, until that is revoked', async () => {
      const [{ checks, ...prompt }] = two.prompts
      prompts = JSON.stringify({ prompts: [{ ...prompt, checks: checks.slice(0, 1) }] })
      let started = begin()
      await says({ kind: 'always' })
      for (let run = 0; run < 2; run++) {
        assert.equal(await started, true)
        await (await anthropic.next()).answer('A bridge hangs.')
        await ended()
        if (run === 0) started = begin()
      }
      const [grant] = granted.list()
      assert.deepEqual([grant?.title, grant?.exactly], ['Check answers with a command', 'grep -q bridge'])
      granted.revoke(grant!.id)
      started = begin()
      await says({ kind: 'deny' })
      assert.equal(await started, false)
    })

    it('runs none where nothing is trusted, and asks for none', async () => {
      trusted = false
      assert.equal(await begin(), true)
      await (await anthropic.next()).answer('A bridge hangs.')
      const view = await ended()
      assert.match(view.noCommands ?? '', /trusted/)
      const [result] = window.results(view.runs[0]?.id ?? '')
      assert.deepEqual(
        result?.checks.map(({ passed }) => passed),
        [undefined, undefined],
      )
    })

    it('runs none where trust went while the person was asked', async () => {
      const started = begin()
      await says({ kind: 'once' })
      const { callId } = await asks()
      trusted = false
      window.decide(callId, { kind: 'once' })
      assert.equal(await started, true)
      await (await anthropic.next()).answer('A bridge hangs.')
      const [result] = window.results((await ended()).runs[0]?.id ?? '')
      assert.deepEqual(
        result?.checks.map(({ passed }) => passed),
        [undefined, undefined],
      )
    })
  })

  it('begins nothing that costs more than was said, where the file of prompts has changed since', async () => {
    const asks = (maxOutputTokens: number): string =>
      JSON.stringify({ prompts: [{ name: 'Fact', prompt: 'Capital?', maxOutputTokens }] })
    prompts = asks(100)
    const { most } = await window.estimate(plan())
    prompts = asks(10_000)
    await assert.rejects(window.start(plan()), /costs more than was said/)
    assert.deepEqual(store.benchmarks.list(9), [])
    const now = await window.estimate(plan())
    assert.ok(now.most > most)
    prompts = asks(50)
    assert.equal(await window.start(plan()), true, 'what became cheaper is no reason')
    await (await anthropic.next()).answer('Canberra')
    await ended()
  })

  it('is one at a time, and refuses plans that make no sense', async () => {
    await assert.rejects(window.start(plan({ models: [] })), /at least one model/)
    await assert.rejects(window.start(plan({ prompts: ['Other'] })), /at least one prompt/)
    await assert.rejects(window.start(plan({ repeats: 21 })), /1 to 20 times/)
    await window.start(plan())
    await assert.rejects(window.start(plan()), /runs already/)
    const [run] = (await window.view()).runs
    assert.throws(() => window.remove(run?.id ?? ''), /Stop it first/)
    window.stop()
    await ended()
  })

  it('keeps runs over windows, newest first, also one whose window closed', async () => {
    await window.start(plan())
    await (await anthropic.next()).answer('Canberra')
    const [first] = (await ended()).runs
    await window.start(plan({ repeats: 2 }))
    await (await anthropic.next()).answer('Canberra')
    const under = await anthropic.next()
    window.dispose()
    store.close()
    await under.closed
    store = openStore({ path: file }).store
    window = fresh()
    const { runs, running } = await window.view()
    assert.deepEqual([running, runs.length, runs[1]], [undefined, 2, first])
    assert.deepEqual([runs[0]?.endedAt, runs[0]?.rows[0]?.asked], [undefined, 1])
    window.remove(runs[0]?.id ?? '')
    assert.deepEqual((await window.view()).runs, [first])
  })

  it('writes down every answer soon after it came, also while the next one is long in coming', async () => {
    await window.start(plan({ repeats: 3 }))
    for (let at = 0; at < 2; at++) await (await anthropic.next()).answer('Canberra')
    await anthropic.next()
    const kept = (): number => store.benchmarks.list(1)[0]?.results.length ?? 0
    await until(() => kept() === 2, 'both answers in the store', 15_000)
    window.stop()
    await ended()
  })

  it('says why the file of prompts cannot be used, and keeps no prompt and no answer of a run', async () => {
    await window.start(plan())
    await (await anthropic.next()).answer('Canberra, a secret place')
    const [run] = (await ended()).runs
    const kept = JSON.stringify(store.benchmarks.get(run?.id ?? ''))
    assert.ok(!kept.includes('secret place') && !kept.includes('Capital of'))
    prompts = '{'
    const { problems } = await window.view()
    assert.match(problems[0] ?? '', /is no JSON/)
    await assert.rejects(window.start(plan()), /at least one prompt/)
  })
})
