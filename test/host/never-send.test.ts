/** Every way on which something of a chat can reach a provider, against servers that count what arrives. */
import assert from 'node:assert/strict'
import { ProviderCount } from '../../src/host/provider-count.ts'
import { windowFitting } from '../../src/host/fitting/wire.ts'
import { Titles } from '../../src/host/history/titles.ts'
import { Questions } from '../../src/host/mcp/questions.ts'
import type { SamplingParts } from '../../src/host/mcp/sampling.ts'
import { sample } from '../../src/host/mcp/sampling.ts'
import { SideRequests } from '../../src/host/side-requests.ts'
import { SideWaits } from '../../src/host/side-waits.ts'
import type { Agent } from '../../src/shared/agent.ts'
import type { Conversation } from '../../src/shared/conversation.ts'
import type { FakeProvider, FakeTurn } from '../harness/fake-providers.ts'
import { memory } from './fakes.ts'
import { FailoverWindow } from './failover-window.ts'

const never = new AbortController().signal
const overloaded = (turn: FakeTurn): void => turn.fail(529, 'overloaded_error', 'Overloaded')
const agentOf = (models: string[]): Agent => ({
  id: 'user:a',
  name: 'A',
  place: 'user',
  path: '',
  uri: '',
  prompt: '',
  models,
  handoffs: [],
  problems: [],
})

describe('a provider that a chat forbids', () => {
  let window: FailoverWindow
  let page: FailoverWindow['page']
  beforeEach(async () => {
    window = await FailoverWindow.open()
    page = window.page
  })
  afterEach(() => window[Symbol.asyncDispose]())

  const forbid = (...providers: string[]) => page.ask('never-send', { providers })
  const stored = (): Conversation => page.session.stored()!
  const arrived = ({ server }: FakeProvider): number => server.requests.length
  const refusal = async (count = 1): Promise<string> => {
    const { stop } = (await window.answer(count)).message
    return stop.kind === 'failed' ? stop.failure.message : stop.kind
  }
  const REFUSED = /^Nothing of this chat is sent to Anthropic: its options forbid it\./

  it('gets nothing as the chosen model, and the answer says why', async () => {
    await forbid('anthropic')
    await page.say('Hello')
    assert.match(await refusal(), REFUSED)
    assert.equal(arrived(window.first), 0)
    const { conversation } = await page.ready()
    assert.equal(conversation.chosen?.key, 'barred')
    assert.deepEqual(conversation.barred, [{ provider: 'anthropic', label: 'Anthropic', by: 'chat' }])
    await forbid()
    await page.say('Hello')
    await (await window.first.next()).answer('Hello.')
    await window.answer(2)
  })

  it('gets nothing as the model of an agent: the next that the agent names is asked', async () => {
    window.agent = agentOf(['anthropic/claude-test', 'litellm/gpt-test'])
    await forbid('anthropic')
    await page.say('Hello')
    await (await window.second.next()).answer('Hello.')
    assert.equal((await window.answer()).message.origin.provider, 'litellm')
    assert.equal(arrived(window.first), 0)
  })

  it('gets nothing where somebody fails, whoever names the chain', async () => {
    await forbid('litellm')
    for (const [at, own] of [null, ['litellm/gpt-test']].entries()) {
      await page.ask('options', { failover: own })
      await page.say('Hello')
      overloaded(await window.first.next())
      overloaded(await window.first.next())
      assert.doesNotMatch(await refusal(at + 1), /done/)
    }
    assert.equal(arrived(window.second), 0)
  })

  it('gets nothing more where it stood in already', async () => {
    await page.say('Hello')
    overloaded(await window.first.next())
    overloaded(await window.first.next())
    await (await window.second.next()).answer('Here I am.')
    await window.answer()
    const before = arrived(window.second)
    assert.match((await page.ready()).conversation.standIn?.by ?? '', /GPT/)
    await forbid('litellm')
    assert.equal((await page.ready()).conversation.standIn, undefined)
    await page.say('And now?')
    await (await window.first.next()).answer('Back.')
    await window.answer(2)
    assert.equal(arrived(window.second), before)
  })

  it('gets nothing with another of its keys, nor a second try, where it is forbidden meanwhile', async () => {
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    window.settings.failover = { ...window.settings.failover, chain: [] }
    await page.say('Hello')
    const turn = await window.first.next()
    await forbid('anthropic')
    turn.fail(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' })
    assert.doesNotMatch(await refusal(), /^done$/)
    assert.equal(arrived(window.first), 1)
  })

  it('gets nothing that waited for its turn when it was forbidden, nor when it was switched off', async () => {
    window.settings.failover = { ...window.settings.failover, chain: [] }
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
    const waits = (count: number) =>
      page.until((events) => events.filter((event) => event.type === 'waiting' && event.waiting).length >= count)
    await page.say('One')
    await (await window.first.next()).answer('The first.')
    await window.answer()
    await page.say('Two')
    await waits(1)
    await forbid('anthropic')
    window.clock.pass(61_000)
    assert.match(await refusal(2), REFUSED)
    await forbid()
    await page.say('Three')
    await (await window.first.next()).answer('The third.')
    await window.answer(3)
    await page.say('Four')
    await waits(2)
    window.settings.providers.anthropic!.enabled = false
    window.clock.pass(61_000)
    assert.match(await refusal(4), /^Anthropic is switched off\./)
    assert.equal(arrived(window.first), 2)
  })

  it('gets nothing in a lane, as a model or by an agent, and the other lane answers', async () => {
    await forbid('anthropic')
    window.agent = agentOf(['anthropic/claude-test'])
    const content = [{ type: 'text' as const, text: 'Which?' }]
    const lanes = [
      { provider: 'anthropic', model: 'claude-test' },
      { provider: 'litellm', model: 'gpt-test' },
      { agent: 'user:a' },
    ]
    await page.ask('compare', { content, lanes })
    await (await window.second.next()).answer('Me.')
    await page.until((events) => events.filter(({ type }) => type === 'settled').length === 3)
    assert.equal(arrived(window.first), 0)
  })

  it('gets nothing in the middle of a turn: an answer that broke off is not gone on with there', async () => {
    window.settings.retry = { ...window.settings.retry, baseDelay: 50 }
    window.settings.failover = { ...window.settings.failover, chain: [] }
    await page.say('Count')
    const turn = await window.first.next()
    await turn.say('One, two,')
    await forbid('anthropic')
    turn.drop()
    assert.match(await refusal(2), REFUSED)
    assert.equal(arrived(window.first), 1)
  })

  describe('beside its answers', () => {
    /** One answer of the first provider, which is forbidden from then on. */
    async function answered(): Promise<number> {
      await page.say('What is a ring buffer, in short? '.repeat(40))
      await (await window.first.next()).answer('A queue over a fixed array. '.repeat(40))
      await window.answer()
      await forbid('anthropic')
      return arrived(window.first)
    }

    const side = () => {
      const { log, store } = window.window.services
      return { store, log: log.from('request'), resilience: window.resilience }
    }

    it('gets no title to write', async () => {
      const before = await answered()
      const titles = new Titles({
        ...side(),
        wanted: () => true,
        models: () => Promise.resolve([]),
        connect: (provider, key, conversation) => window.connections.open(provider, key, conversation),
        changed: () => undefined,
      })
      await titles.write(page.session.conversation)
      titles.dispose()
      assert.equal(arrived(window.first), before)
    })

    it('gets no summary to write, and nothing to count', async () => {
      const before = await answered()
      const { chooser, connections, failover } = window
      const fitting = windowFitting({
        ...side(),
        settings: () => ({ ...window.settings, context: { strategy: 'summarise' } }),
        underWay: new SideRequests(),
        waits: new SideWaits(),
        failover,
        memory: memory(),
        chooser,
        connections,
        customising: { of: () => Promise.resolve({}) },
        changed: () => undefined,
      })
      const chosen = (await chooser.choose(stored(), true))!
      const all = window.window.services.store().messages.branch(stored().id, stored().leaf!)
      await assert.rejects(
        fitting.summaries.compact(stored(), undefined),
        /^Error: Nothing of this chat is sent to Anthropic/,
      )
      const request = () => ({ model: 'claude-test', messages: all.map(({ message }) => message) })
      assert.equal(await fitting.counts.of(chosen, request, never, stored().id), undefined)
      // Also where somebody still holds what was chosen before.
      const counts = new ProviderCount({
        settings: () => window.settings,
        log: side().log,
        connect: (provider, key, conversation) => connections.open(provider, key, conversation),
        endpoint: () => '',
      })
      assert.equal(await counts.of({ ...chosen, key: 'set' }, request, never, stored().id), undefined)
      assert.equal(arrived(window.first), before)
    })

    it('gets nothing that a server asks while a tool of it runs in this chat, whatever chat is shown', async () => {
      const before = await answered()
      const questions = new Questions()
      const running = page.session.conversation
      const parts = (shown: Conversation | undefined): SamplingParts => ({
        ...side(),
        questions,
        boxes: { choose: (_question, _detail, [first]) => Promise.resolve(first) },
        choose: (conversation) =>
          window.chooser.choose(
            conversation === undefined ? shown : window.window.services.store().conversations.get(conversation),
            true,
          ),
        connect: (provider, key, conversations) => window.connections.open(provider, key, ...conversations, shown?.id),
        workspace: () => undefined,
      })
      const request = {
        server: 'graph',
        messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What was said?' }] }],
        wishes: [],
        maxOutputTokens: 10,
      }
      await assert.rejects(sample(request, parts(stored()), never), /Nothing may be sent to Anthropic/)
      const tool = questions.calls.watched({
        name: 'ask',
        source: { server: 'graph' },
        run: async () => {
          await assert.rejects(sample(request, parts(undefined), never), /Nothing may be sent to Anthropic/)
          return { content: [] }
        },
      } as unknown as Parameters<typeof questions.calls.watched>[0])
      await tool.run({}, { callId: 'c', conversation: running, signal: never } as never)
      // Two calls of two chats: the one that is chosen for is not the one that forbids.
      const other = { callId: 'd', conversation: 'another', signal: never }
      const both = questions.calls.watched({
        name: 'both',
        source: { server: 'graph' },
        run: () => tool.run({}, { callId: 'c', conversation: running, signal: never } as never),
      } as unknown as Parameters<typeof questions.calls.watched>[0])
      await assert.rejects(async () => both.run({}, other as never), /Nothing of this chat is sent to Anthropic/)
      assert.equal(arrived(window.first), before)
    })
  })
})

describe('what a chat forbids', () => {
  let window: FailoverWindow
  beforeEach(async () => void (window = await FailoverWindow.open()))
  afterEach(() => window[Symbol.asyncDispose]())

  it('stays where an agent decides, another model is chosen or options go back, and goes along into a new chat', async () => {
    const { page } = window
    const forbidden = () => page.session.stored()?.neverSendTo
    await page.ask('never-send', { providers: ['google', 'anthropic', 'google'] })
    assert.deepEqual(forbidden(), ['anthropic', 'google'])
    assert.equal(page.session.stored()?.choice, undefined, 'nothing is chosen by it')
    await page.ask('choose', { provider: 'litellm', model: 'gpt-test' })
    await page.ask('options', { maxOutputTokens: 100, failover: ['litellm/own-test'] })
    await page.ask('options', { maxOutputTokens: null, failover: null })
    window.window.services.store().conversations.setChoice(page.session.conversation, undefined)
    assert.deepEqual(forbidden(), ['anthropic', 'google'])
    const before = page.session.conversation
    await page.ask('new', { keepChoice: true })
    assert.notEqual(page.session.conversation, before)
    assert.deepEqual(forbidden(), ['anthropic', 'google'])
    await page.ask('new', { keepChoice: false })
    assert.equal(forbidden(), undefined)
  })

  it('is told beside what the settings and the workspace forbid, each with who says so', async () => {
    window.settings = { ...window.settings, neverSendTo: ['google', 'openai'], neverSendToHere: ['openai'] }
    await window.page.ask('never-send', { providers: ['anthropic', 'openai'] })
    const { conversation } = await window.page.ready()
    assert.deepEqual(
      conversation.barred?.map(({ provider, by }) => [provider, by]),
      [
        ['google', 'user'],
        ['openai', 'workspace'],
        ['anthropic', 'chat'],
      ],
    )
  })

  it('still holds for a chat that is deleted while its answer is on its way', async () => {
    window.settings.retry = { attempts: 2, baseDelay: 300, maxWait: 2_000 }
    window.settings.failover = { ...window.settings.failover, chain: [] }
    const { page } = window
    await page.say('Hello')
    const turn = await window.first.next()
    await page.ask('never-send', { providers: ['anthropic'] })
    const { conversation } = page.session
    window.connections.isBarred('anthropic', conversation)
    window.window.services.store().conversations.delete(conversation)
    assert.equal(window.connections.isBarred('anthropic', conversation), true)
    overloaded(turn)
    await new Promise((resolve) => setTimeout(resolve, 700))
    assert.equal(window.first.server.requests.length, 1)
  })
})
