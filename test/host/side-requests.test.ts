/** Titles, summaries, samples and comparisons when a provider fails, waits or is stopped: over real HTTP. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { SideWindow } from './side-window.ts'
import { SteadyTime } from '../harness/steady.ts'

const overloaded = (turn: FakeTurn): void => turn.fail(529, 'overloaded_error', 'Overloaded')
const limited = (turn: FakeTurn): void => turn.fail(429, 'rate_limit_error', 'slow down', { 'retry-after': '60' })

describe('a request beside the answers', function () {
  this.timeout(90_000)
  let window: SideWindow
  beforeEach(async () => void (window = await SideWindow.open()))
  afterEach(() => window[Symbol.asyncDispose]())

  const first = () => window.inner.first.next()
  const second = () => window.inner.second.next()
  const rows = (): RequestRecord[] => window.inner.records()
  const asked = (provider: 'first' | 'second'): number =>
    window.inner[provider].server.requests.filter(({ method, url }) => method === 'POST' && !/count/.test(url)).length
  const rotating = (): void => {
    const { settings } = window.inner
    const anthropic = { ...settings.providers['anthropic'], rotateKeys: ['work', 'client'] }
    window.inner.settings = { ...settings, providers: { ...settings.providers, anthropic } }
  }
  const waiting = async (): Promise<void> => {
    const patience = performance.now() + 30_000
    while (window.waits.length === 0) {
      assert.ok(performance.now() < patience, 'nothing waits')
      await sleep(2)
    }
  }
  const slow = (): void =>
    void (window.inner.settings = {
      ...window.inner.settings,
      retry: { attempts: 3, baseDelay: 60_000, maxWait: 90_000 },
    })

  describe('of a chat with an agent', () => {
    const agent = { id: 'user:reviewer', name: 'Reviewer' }

    const agents = () => rows().map((row) => row.agent)

    it('counts for the agent of the answer that a title is of', async () => {
      const { store } = window.inner.window.services
      const chat = await window.past(1)
      const { leaf = '' } = store().conversations.get(chat)!
      store().messages.update({ ...store().messages.get(leaf)!, guidance: { agent } })
      const title = window.titles.write(chat)
      await (await first()).answer('About words')
      await title
      assert.deepEqual(agents(), [agent.id])
    })

    it('counts for the agent that is to answer after a summary', async () => {
      const { chooser } = window.inner
      const choose = chooser.choose.bind(chooser)
      chooser.choose = async (...asked) => {
        const chosen = await choose(...asked)
        return chosen && { ...chosen, agent }
      }
      await window.past(4)
      const summary = window.inner.page.ask('summarise', {})
      await (await first()).answer('They said words.')
      await summary
      assert.deepEqual(agents(), [agent.id])
    })
  })

  describe('that meets the limit of its key', () => {
    beforeEach(rotating)
    const keys = (): [string | undefined, string | undefined][] =>
      rows().map((one) => [one.keyProfile, one.failureCode])

    it('asks for a title with the next of the keys that are marked', async () => {
      const chat = await window.past(1)
      const written = window.titles.write(chat)
      limited(await first())
      const turn = await first()
      assert.equal(turn.key, 'sk-ant-client-1')
      await turn.answer('About words')
      await written
      assert.equal(window.inner.window.services.store().conversations.get(chat)?.title, 'About words')
      assert.deepEqual(keys(), [
        ['work', 'rate-limit'],
        ['client', undefined],
      ])
    })

    it('asks for a summary with the next key, and not at once another model', async () => {
      await window.past(4)
      const written = window.inner.page.ask('summarise', {})
      limited(await first())
      const turn = await first()
      assert.equal(turn.key, 'sk-ant-client-1')
      await turn.answer('They said words.')
      await written
      assert.equal((await window.inner.page.ask('summaries', {}))[0]?.model, 'claude-test')
    })

    it('asks for a sample with the next key', async () => {
      const sampled = window.sample()
      limited(await first())
      const turn = await first()
      assert.equal(turn.key, 'sk-ant-client-1')
      await turn.answer('A queue.')
      assert.equal((await sampled)?.text, 'A queue.')
    })

    it('measures no other key than its own', async () => {
      window.inner.settings = { ...window.inner.settings, retry: { attempts: 1, baseDelay: 1, maxWait: 2 } }
      const plan = { models: [{ provider: 'anthropic', model: 'claude-test' }], prompts: ['Fact'], repeats: 1 }
      assert.ok(await window.benchmark.start(plan))
      limited(await first())
      while ((await window.benchmark.view()).running) await sleep(5)
      const [run] = (await window.benchmark.view()).runs
      assert.equal(window.benchmark.results(run!.id)[0]?.failure?.code, 'rate-limit')
      assert.deepEqual(keys(), [['work', 'rate-limit']])
      assert.equal(asked('second'), 0)
    })
  })

  describe('whose provider is overloaded', () => {
    it('has a summary written by the next of the chain, as an answer would be, and says by whom', async () => {
      await window.past(4)
      const written = window.inner.page.ask('summarise', {})
      overloaded(await first())
      overloaded(await first())
      const turn = await second()
      assert.equal(turn.model, 'gpt-test')
      await turn.answer('They said words.')
      await written
      const [summary] = await window.inner.page.ask('summaries', {})
      assert.deepEqual([summary?.provider, summary?.model], ['litellm', 'gpt-test'])
      assert.deepEqual(
        rows().map(({ provider, attempt, failoverFrom, conversation }) => [
          provider,
          attempt,
          failoverFrom,
          conversation === window.inner.page.session.conversation,
        ]),
        [
          ['anthropic', 1, undefined, true],
          ['anthropic', 2, undefined, true],
          ['litellm', 3, 'anthropic', true],
        ],
      )
    })

    it('has a summary written by nobody who is forbidden, or whose window is too small for it', async () => {
      const chain = ['tiny-test', 'gpt-test'].map((model) => ({ provider: 'litellm', model }))
      window.inner.settings = { ...window.inner.settings, failover: { ...window.inner.settings.failover, chain } }
      await window.past(4, 'word '.repeat(200))
      const written = window.inner.page.ask('summarise', {})
      overloaded(await first())
      overloaded(await first())
      const turn = await second()
      assert.equal(turn.model, 'gpt-test', 'the one with 600 tokens is passed over')
      await turn.answer('They said words.')
      await written
      const [summary] = await window.inner.page.ask('summaries', {})
      await window.inner.page.ask('undo-summary', { summary: summary!.id })
      window.inner.settings = { ...window.inner.settings, neverSendTo: ['litellm'] }
      const again = window.inner.page.ask('summarise', {})
      overloaded(await first())
      overloaded(await first())
      await assert.rejects(again, /overloaded/i)
      assert.equal(asked('second'), 1)
    })

    it('leaves a chat its first words as its title, and asks nobody else', async () => {
      const chat = await window.past(1)
      const written = window.titles.write(chat)
      overloaded(await first())
      overloaded(await first())
      await written
      assert.equal(asked('second'), 0)
      assert.notEqual(window.inner.window.services.store().conversations.get(chat)?.titledBy, 'model')
      assert.deepEqual(window.inner.window.services.notices.all, [], 'nobody is told')
    })

    it('says nothing of who stands in for answers, where it is a title that nobody may stand in for', async () => {
      const { page } = window.inner
      await page.say('Hello')
      overloaded(await first())
      overloaded(await first())
      await (await second()).answer('Here I am.')
      await window.inner.answer()
      const written = window.titles.write(page.session.conversation)
      for (const turn of [second, second]) (await turn()).fail(503, 'overloaded', 'Overloaded')
      await written
      await page.say('And now?')
      await (await second()).answer('Still me.')
      assert.equal((await window.inner.answer(2)).message.origin.model, 'gpt-test')
    })

    it('answers no server by another model than the person allowed', async () => {
      const sampled = window.sample()
      overloaded(await first())
      overloaded(await first())
      await assert.rejects(sampled, /overloaded/i)
      assert.equal(asked('second'), 0)
    })

    it('measures no other model than its own', async () => {
      const plan = { models: [{ provider: 'anthropic', model: 'claude-test' }], prompts: ['Fact'], repeats: 1 }
      assert.ok(await window.benchmark.start(plan))
      overloaded(await first())
      overloaded(await first())
      while ((await window.benchmark.view()).running) await sleep(5)
      assert.equal(asked('second'), 0)
      assert.deepEqual(
        rows().map(({ provider, failureCode }) => [provider, failureCode]),
        [
          ['anthropic', 'overloaded'],
          ['anthropic', 'overloaded'],
        ],
      )
    })
  })

  describe('that waits before it is asked for again', () => {
    beforeEach(() => {
      slow()
      window.inner.settings.failover = { ...window.inner.settings.failover, chain: [], on: [] }
    })

    it('is told to the pages of its chat where it is a summary, and goes at once by “Now”', async () => {
      await window.past(4)
      const written = window.inner.page.ask('summarise', {})
      overloaded(await first())
      await waiting()
      const [wait] = window.waits
      assert.deepEqual(
        [wait?.kind, wait?.what, wait?.sentence, wait?.repetition, wait?.of, wait?.skippable],
        ['summary', 'A summary of earlier messages', 'Anthropic is overloaded.', 1, 3, true],
      )
      assert.ok(wait!.leftMs! > 0)
      assert.deepEqual(
        (await window.inner.page.ready()).sideWaits?.map(({ id }) => id),
        [wait!.id],
      )
      await window.inner.page.ask('side-now', { id: wait!.id })
      await (await first()).answer('They said words.')
      await written
      while (window.waits.length > 0) await sleep(1)
    })

    it('is given up at once by “Stop”: the summary, the sample and the comparison', async () => {
      await window.past(4)
      const written = window.inner.page.ask('summarise', {})
      overloaded(await first())
      await waiting()
      const stop = async (): Promise<void> => {
        using time = new SteadyTime()
        const at = performance.now()
        await window.inner.page.ask('side-stop', { id: window.waits[0]!.id })
        while (window.waits.length > 0) await sleep(1)
        assert.ok(time.between(at) < 1_000)
      }
      await Promise.all([assert.rejects(written, /stopped/), stop()])
      const sampled = window.sample()
      overloaded(await first())
      await waiting()
      assert.deepEqual([window.waits[0]?.kind, window.waits[0]?.what], ['sample', 'An answer for the MCP server files'])
      await stop()
      assert.equal(await sampled, undefined)
      const models = [{ provider: 'anthropic', model: 'claude-test' }]
      await window.benchmark.start({ models, prompts: ['Fact'], repeats: 2 })
      overloaded(await first())
      await waiting()
      assert.deepEqual([window.waits[0]?.kind, window.waits[0]?.what], ['benchmark', 'Claude'])
      await stop()
      while ((await window.benchmark.view()).running) await sleep(2)
      assert.equal((await window.benchmark.view()).runs[0]?.stopped, true)
      assert.equal(asked('first'), 3)
    })

    it('is told only to the log where it is a title', async () => {
      const written = window.titles.write(await window.past(1))
      overloaded(await first())
      while (!window.inner.window.logged.some((line) => /title waits: Anthropic is overloaded/.test(line)))
        await sleep(2)
      while (window.waits.length > 0) await sleep(1)
      window.titles.dispose()
      await written
    })
  })

  describe('tells what came of it', () => {
    const refused = async (): Promise<void> => (await first()).fail(401, 'authentication_error', 'invalid x-api-key')
    const came = ['anthropic', 'work', 'auth']

    it('where its key is refused: of a title, a summary, a sample and a comparison', async () => {
      const titled = window.titles.write(await window.past(1))
      await refused()
      await titled
      await window.inner.page.ask('new', { keepChoice: true })
      await window.past(4)
      const written = window.inner.page.ask('summarise', {})
      await Promise.all([assert.rejects(written), refused()])
      await Promise.all([assert.rejects(window.sample()), refused()])
      await window.benchmark.start({
        models: [{ provider: 'anthropic', model: 'claude-test' }],
        prompts: ['Fact'],
        repeats: 1,
      })
      await refused()
      while ((await window.benchmark.view()).running) await sleep(2)
      assert.deepEqual(window.came, [came, came, came, came])
    })

    it('once it is recorded, where it is answered', async () => {
      const recorded: number[] = []
      window.onCame = () => recorded.push(rows().length)
      const sampled = window.sample()
      await (await first()).answer('A ring.')
      await sampled
      assert.deepEqual(window.came, [['anthropic', 'work', 'answered']])
      assert.deepEqual(recorded, [1])
    })

    it('and nothing of its key where it is stopped before anybody took it', async () => {
      const stop = new AbortController()
      const sampled = window.sample(stop.signal)
      await first()
      stop.abort()
      assert.equal(await sampled, undefined)
      assert.deepEqual(window.came, [['anthropic', 'work', 'nothing']])
    })
  })

  describe('that is stopped', () => {
    const begun = async (work: Promise<unknown>): Promise<FakeTurn> => {
      work.catch(() => undefined)
      const turn = await first()
      await turn.say('They said')
      // Until it is read: of what nobody has read nothing is known. Sockets are read in each turn of the event loop.
      for (let turns = 0; turns < 25; turns++) await sleep(2)
      return turn
    }
    /** The socket was closed by us, at once, and what had come is in the records with its cost. */
    const isClosed = async (turn: FakeTurn, since: number): Promise<void> => {
      await turn.closed
      assert.ok(performance.now() - since < 30_000)
      while (rows().length === 0) await sleep(1)
      const { outcome, cost, input } = rows().at(-1)!
      assert.equal(outcome, 'aborted')
      assert.ok(input > 0)
      assert.ok(cost !== undefined && cost > 0, 'what was sent is paid for')
    }
    beforeEach(() => {
      const [claude, ...others] = window.inner.settings.models
      const price = { input: 3, output: 15 }
      window.inner.settings = { ...window.inner.settings, models: [{ ...claude!, price }, ...others] }
    })

    it('with its turn closes the socket of the summary that the turn waits for', async () => {
      await window.past(12, 'word '.repeat(200))
      const { settings } = window.inner
      const [claude, ...others] = settings.models
      const models = [{ ...claude!, contextWindow: 4_000, maxOutputTokens: 400 }, ...others]
      window.inner.settings = { ...settings, models, countTokens: 'estimate', context: { strategy: 'summarise' } }
      await window.inner.page.say('And now?')
      const turn = await begun(Promise.resolve())
      assert.ok((await window.inner.page.ready()).conversation.context?.summarising)
      const since = performance.now()
      await window.inner.page.ask('stop', {})
      await isClosed(turn, since)
      while (window.inner.window.services.answers.count > 0) await sleep(1)
      assert.equal(asked('first'), 1, 'nothing else is sent')
    })

    it('by deleting its chat', async () => {
      const chat = await window.past(4)
      const turn = await begun(window.inner.page.ask('summarise', {}))
      const since = performance.now()
      await window.inner.page.ask('delete-chats', { conversations: [chat] })
      await isClosed(turn, since)
    })

    it('by closing its panel', async () => {
      await window.past(4)
      const turn = await begun(window.inner.page.ask('summarise', {}))
      const since = performance.now()
      window.inner.page.session.dispose()
      await isClosed(turn, since)
    })

    it('by closing the window, which waits until it is recorded', async () => {
      const chat = await window.past(1)
      const turns = [
        await begun(window.inner.page.ask('summarise', {})),
        await begun(window.titles.write(chat)),
        await begun(window.sample()),
      ]
      const since = performance.now()
      await window.underWay.end()
      assert.equal(rows().length, 3, 'recorded before the store is closed')
      for (const turn of turns) await isClosed(turn, since)
      await assert.rejects(window.inner.page.ask('summarise', {}), /stopped/)
      assert.equal(rows().length, 3, 'and nothing is begun after that')
    })
  })
})
