/** A chat that is longer than the window of its model, as the pages see it: over the real store, providers driven by the test. */
import assert from 'node:assert/strict'
import { compactCommand } from '../../src/host/fitting/compact-command.ts'
import type { Fitted, MessageId } from '../../src/shared/conversation.ts'
import type { Failure } from '../../src/shared/failure.ts'
import type { Message, StreamEvent } from '../../src/shared/message.ts'
import { noUsage, textOf } from '../../src/shared/message.ts'
import type { Batch, Chosen } from '../../src/shared/protocol.ts'
import { said } from '../../src/tools/tool.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { approvals, tool } from '../harness/turn.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { FakePage, FakeWindow, chosen, text } from './fakes.ts'

const small: Chosen = { ...chosen, info: { ...chosen.info!, contextWindow: 2_400 }, outputLimit: 400 }
const summariser: Chosen = {
  ...chosen,
  provider: 'cheap',
  model: 'tiny',
  info: { ...chosen.info!, id: 'tiny', name: 'Tiny' },
}

/** An answer that the provider counts at what it read: our estimate is then right. */
const answer = (words: string, input = 0): StreamEvent[] => [
  ...text(words),
  { type: 'block-end', index: 0, block: { type: 'text', text: words } },
  { type: 'usage', usage: { input, output: 10, cacheRead: 0, cacheWrite: 0 } },
  { type: 'end', stop: { kind: 'done' } },
]
const fails = (failure: Failure): StreamEvent[] => [{ type: 'end', stop: { kind: 'failed', failure } }]
const tooLong = (detail: string): StreamEvent[] =>
  fails({ code: 'context-length', message: 'It is too long.', status: 400, detail })
const call = (id: string): StreamEvent[] => [
  { type: 'block-start', index: 0, block: { type: 'tool-call', id, name: 'read', ranBy: 'host', json: '' } },
  {
    type: 'block-end',
    index: 0,
    block: { type: 'tool-call', id, name: 'read', ranBy: 'host', json: '{"city":"x"}', input: { city: 'x' } },
  },
  { type: 'end', stop: { kind: 'tools' } },
]

const settled = (events: Batch['events']): number => events.filter(({ type }) => type === 'settled').length
const words = (messages: readonly Message[] | undefined): string =>
  (messages ?? []).map(({ content }) => textOf(content)).join('|')

describe('A chat that is longer than the window', () => {
  let window: FakeWindow
  let page: FakePage
  let tools: Tool[]

  const open = async (): Promise<void> => {
    tools = []
    window = new FakeWindow({ tools: () => Promise.resolve(new Toolbox(tools)), approvals: approvals() })
    window.choice = small
    page = new FakePage(window)
    await page.ready()
  }
  beforeEach(open)
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  /** So many turns of about 160 tokens each. */
  const past = async (turns: number): Promise<MessageId[]> => {
    const store = window.services.store()
    const { conversation } = page.session
    if (!store.conversations.get(conversation)) store.conversations.create({ id: conversation, title: 'Long' })
    const ids: MessageId[] = []
    const add = (message: Message): void => {
      const id = `m${ids.length}`
      const row = {
        id,
        conversation,
        parent: ids.at(-1) ?? null,
        createdAt: ids.length,
        state: 'done' as const,
        message,
      }
      store.messages.append(row)
      ids.push(id)
      store.conversations.setLeaf(conversation, id)
    }
    for (let at = 0; at < turns; at++) {
      add({ role: 'user', content: [{ type: 'text', text: `question ${at}. ${'x'.repeat(300)}` }] })
      const content = [{ type: 'text' as const, text: `answer ${at}. ${'y'.repeat(300)}` }]
      const origin = { provider: 'other', dialect: 'other', model: 'other' }
      add({ role: 'assistant', content, origin, stop: { kind: 'done' }, usage: noUsage() })
    }
    await page.ready()
    return ids
  }

  const events = (): Batch['events'] => page.batches.flatMap((batch) => batch.events)
  const say = async (what: string, ...streams: StreamEvent[][]): Promise<void> => {
    const before = settled(events())
    await page.say(what)
    for (const stream of streams) window.provider.send(...stream)
    await page.until((all) => settled(all) > before)
  }
  const fitted = async (): Promise<Fitted | undefined> => (await page.ready()).page.messages.at(-1)?.fitted
  const failure = async (): Promise<Failure | undefined> => {
    const last = (await page.ready()).page.messages.at(-1)?.message
    return last?.role === 'assistant' && last.stop.kind === 'failed' ? last.stop.failure : undefined
  }
  const asking = async () => {
    await page.until((all) => all.some((event) => event.type === 'conversation' && event.conversation.context?.asking))
    const { context } = (await page.ready()).conversation
    assert.ok(context?.asking)
    return context.asking
  }

  describe('is cut where the settings say so', () => {
    it('the oldest turns are not sent, and the answer says how many and where it began', async () => {
      const ids = await past(20)
      await say('And now?', answer('So.'))
      const sent = window.provider.requests[0]
      assert.match(words(sent?.messages), /left out here.*question 1[0-9].*And now\?$/)
      assert.doesNotMatch(words(sent?.messages), /question 0/)
      const { left, from } = (await fitted())!
      assert.equal(left, ids.indexOf(from!))
      assert.ok(left > 20 && left < 40, String(left))
      assert.equal(sent?.maxOutputTokens, 400)
    })

    it('the request begins where the last one did, until the window forces it elsewhere', async () => {
      await past(20)
      const begins: string[] = []
      for (let turn = 0; turn < 8; turn++) {
        await say(`next ${turn} ${'z'.repeat(300)}`, answer('Yes. '.repeat(30)))
        begins.push(words(window.provider.requests.at(-1)?.messages).slice(0, 120))
      }
      const places = new Set(begins)
      assert.ok(places.size >= 2 && places.size <= 4, [...places].join('\n'))
      assert.equal(begins[0], begins[1])
    })

    it('what is pinned is always sent', async () => {
      const ids = await past(15)
      await page.ask('pin-message', { message: ids[0]!, pinned: true })
      await page.until((all) => all.some((event) => event.type === 'message' && event.message.pinned === true))
      await say('And now?', answer('So.'))
      assert.match(words(window.provider.requests[0]?.messages), /question 0\.[^]*And now/)
      await page.ask('pin-message', { message: ids[0]!, pinned: false })
      await say('And then?', answer('So.'))
      assert.doesNotMatch(words(window.provider.requests[1]?.messages), /question 0\./)
    })

    it('a turn of tools that is too long keeps its task and the newest result', async () => {
      await past(4)
      tools = [tool({ name: 'read', run: () => Promise.resolve(said('r'.repeat(2_000))) })]
      await page.say('Read all of it')
      for (let at = 0; at < 7; at++) window.provider.send(...call(`c${at}`))
      window.provider.send(...answer('Done.'))
      await page.until((all) => all.some((event) => event.type === 'turn' && event.end !== undefined))
      const last = window.provider.requests.at(-1)?.messages ?? []
      assert.match(words(last), /Read all of it/)
      assert.match(JSON.stringify(last.at(-1)), /r{2000}/)
      assert.match(JSON.stringify(last), /Shortened to fit/)
      assert.equal(last.filter(({ role }) => role === 'tool').length, 7)
      assert.ok((await fitted())?.short)
    })

    it('nothing is sent where not even the last message fits, and the failure says what to do', async () => {
      await past(2)
      await say('far too long '.repeat(1_000))
      assert.deepEqual(window.provider.requests, [])
      const { code, message } = (await failure())!
      assert.equal(code, 'context-length')
      assert.match(message, /Nothing was sent.*2,000 tokens.*Shorten/)
    })

    it('unless the agent of the chat says otherwise', async () => {
      await past(20)
      window.agentStrategy = 'ask'
      const saying = say('And now?', answer('So.'))
      const { id } = await asking()
      await page.ask('decide-fit', { question: id, decision: 'slide' })
      await saying
    })

    it('a model that takes more than half of its window for an answer is promised less', async () => {
      window.choice = { ...small, outputLimit: 2_400 }
      await say('Hello', answer('Hi.'))
      assert.equal(window.provider.requests[0]?.maxOutputTokens, 1_200)
    })

    it('a model of an unknown window gets everything', async () => {
      await past(20)
      window.choice = chosen
      await say('And now?', answer('So.'))
      assert.match(words(window.provider.requests[0]?.messages), /question 0/)
      assert.equal(await fitted(), undefined)
    })
  })

  describe('is counted by the provider', () => {
    it('near the limit, where the count decides, and not again for the same request', async () => {
      const counted: string[] = []
      window.provider.countTokens = (request) => {
        counted.push(words(request.messages))
        return Promise.resolve(2_500)
      }
      await past(11)
      await say('And now?', answer('So.'))
      assert.equal(counted.length, 1)
      assert.match(counted[0]!, /question 0/)
      assert.doesNotMatch(words(window.provider.requests[0]?.messages), /question 0/)
    })

    it('before anybody is told that nothing fits', async () => {
      window.provider.countTokens = () => Promise.resolve(1_500)
      await say('not so long to it '.repeat(500), answer('So.'))
      assert.equal(window.provider.requests.length, 1)
    })

    it('with each answer, whose count corrects the estimate of the rest of the chat', async () => {
      await say('z'.repeat(3_000), answer('So.', 1_500))
      await say('z'.repeat(3_000), answer('So.', 1_500))
      assert.doesNotMatch(words(window.provider.requests[1]?.messages), /^z{3000}\|/)
    })

    it('with a short answer that has a long prompt of its own, which is not taken for more at each word', async () => {
      await say('Hello', answer('Hi.', 300))
      await say('z'.repeat(5_000), answer('So.'))
      assert.match(words(window.provider.requests[1]?.messages), /^Hello/)
    })

    it('far from the limit never', async () => {
      window.provider.countTokens = () => Promise.reject(new Error('nobody may be asked'))
      await past(2)
      await say('And now?', answer('So.'))
      assert.match(words(window.provider.requests[0]?.messages), /question 0/)
    })
  })

  describe('that a provider refuses', () => {
    beforeEach(() => void (window.choice = chosen))

    it('is made shorter by what it says and sent once more, which the answer tells', async () => {
      await past(20)
      await say('And now?', tooLong('prompt is too long: 3500 tokens > 2000 maximum'), answer('So.'))
      const [first, second] = window.provider.requests
      assert.match(words(first?.messages), /question 0/)
      assert.doesNotMatch(words(second?.messages), /question 0/)
      assert.match(words(second?.messages), /And now\?$/)
      const { left, note } = (await fitted())!
      assert.ok(left > 0)
      assert.match(note ?? '', /Anthropic said that the conversation was too long.*sent once more/)
      const records = window.services.store().requests.list()
      assert.deepEqual(records.map(({ attempt, outcome, failureCode }) => [attempt, outcome, failureCode]).sort(), [
        [1, 'failed', 'context-length'],
        [2, 'done', undefined],
      ])
      assert.equal((await page.ready()).page.messages.at(-1)?.state, 'done')
    })

    it('is not sent whole again in the next turn', async () => {
      await past(20)
      await say('And now?', tooLong('context length exceeded'), answer('So.'))
      await say('And then?', answer('So.'))
      assert.equal(window.provider.requests.length, 3)
      assert.doesNotMatch(words(window.provider.requests[2]?.messages), /question 0/)
    })

    it('takes no time of the answer while the person is asked what is to go', async () => {
      window.close()
      const clock = new FakeClock(Date.now())
      window = new FakeWindow({ resilience: { clock } })
      window.choice = small
      window.context = { strategy: 'ask' }
      window.trying = { ...window.trying, timeouts: { ...window.trying.timeouts, total: 60_000 } }
      page = new FakePage(window)
      await page.ready()
      await past(20)
      await page.say('And now?')
      const { id } = await asking()
      clock.pass(3_600_000)
      await page.ask('decide-fit', { question: id, decision: 'slide' })
      while (window.provider.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      await new Promise((resolve) => setTimeout(resolve, 20))
      window.provider.send(...answer('So.'))
      await page.until((all) => settled(all) > 0)
      const last = (await page.ready()).page.messages.at(-1)?.message
      assert.equal(last?.role === 'assistant' && last.stop.kind, 'done')
    })

    it('goes whole to another model, where that is chosen then', async () => {
      await past(20)
      window.context = { strategy: 'ask' }
      const saying = say('And now?', tooLong('prompt is too long: 3500 tokens > 2000 maximum'), answer('So.'))
      const { id } = await asking()
      window.choice = { ...chosen, model: 'claude-large', info: { ...chosen.info!, id: 'claude-large' } }
      await page.ask('decide-fit', { question: id, decision: 'again' })
      await saying
      assert.match(words(window.provider.requests[1]?.messages), /question 0/)
    })

    it('twice fails for good, in the words of the provider', async () => {
      await past(20)
      await say('And now?', tooLong('too long'), tooLong('still too long'))
      assert.equal(window.provider.requests.length, 2)
      assert.equal((await failure())?.detail, 'still too long')
      const told = events().filter(
        (event) => event.type === 'stream' && event.events.some(({ type }) => type === 'end'),
      )
      assert.equal(told.length, 1, 'the page hears of one end')
    })

    it('although it is short says nothing of what the model can read', async () => {
      await say('Hello', tooLong('prompt is too long: 210000 tokens > 200000 maximum'))
      await past(20)
      await say('And now?', answer('So.'))
      assert.match(words(window.provider.requests.at(-1)?.messages), /question 0/)
    })

    it('and that cannot be made shorter fails with what it said', async () => {
      await say('Hello', tooLong('too long'))
      assert.equal(window.provider.requests.length, 1)
      assert.equal((await failure())?.detail, 'too long')
    })
  })

  describe('is summarised where the settings say so', () => {
    beforeEach(() => {
      window.context = { strategy: 'summarise', summaryModel: { provider: 'cheap', model: 'tiny' } }
      window.summariser = summariser
    })

    it('by the model for that; the summary stands before the rest, is priced, recorded and shown', async () => {
      const ids = await past(20)
      window.writer.send(...answer('They counted to twenty.', 2_000))
      await say('And now?', answer('So.'))
      const asked = window.writer.requests[0]
      assert.match(asked?.system ?? '', /summaries/)
      assert.match(words(asked?.messages), /question 0[^]*answer 0/)
      const sent = words(window.provider.requests[0]?.messages)
      assert.match(sent, /They counted to twenty[^]*And now\?$/)
      assert.doesNotMatch(sent, /question 0/)
      const [view] = await page.ask('summaries', {})
      assert.equal(view?.text, 'They counted to twenty.')
      assert.equal(view.messages, ids.indexOf(view.through) + 1)
      assert.deepEqual([view.provider, view.model], ['cheap', 'tiny'])
      assert.ok(view.cost! > 0)
      assert.equal((await fitted())?.summary, view.id)
      assert.equal((await fitted())?.left, 0)
      assert.deepEqual(
        window.services
          .store()
          .requests.list()
          .map(({ model }) => model)
          .sort(),
        ['claude-test', 'tiny'],
      )
      assert.equal((await page.ready()).conversation.context?.summary, view.id)
    })

    it('once; the next requests go on from the summary, and a later one holds the earlier', async () => {
      await past(20)
      window.writer.send(...answer('Summary one.'))
      await say('And now?', answer('So.'))
      await say('And then?', answer('So.'))
      assert.equal(window.writer.requests.length, 1)
      assert.match(words(window.provider.requests[1]?.messages), /Summary one\./)
      window.writer.send(...answer('Summary two.'))
      for (let turn = 0; window.writer.requests.length < 2; turn++) {
        assert.ok(turn < 20, 'it gets too long again')
        await say(`more ${turn} ${'z'.repeat(300)}`, answer('Yes. '.repeat(40)))
      }
      assert.match(words(window.writer.requests[1]?.messages), /Summary one\./)
      assert.match(words(window.provider.requests.at(-1)?.messages), /Summary two\./)
      assert.doesNotMatch(words(window.provider.requests.at(-1)?.messages), /Summary one\./)
    })

    it('tells meanwhile that it is being written, and can be told not to', async () => {
      await past(20)
      const saying = say('And now?', answer('So.'))
      await page.until((all) =>
        all.some((event) => event.type === 'conversation' && event.conversation.context?.summarising),
      )
      await page.ask('cancel-summary', {})
      await saying
      assert.match(
        (await fitted())?.note ?? '',
        /could not be written: it was stopped\. The oldest messages were left out/,
      )
      assert.ok((await fitted())!.left > 0)
    })

    it('falls back to leaving out where no summary comes, and says so', async () => {
      await past(20)
      window.writer.send(...fails({ code: 'overloaded', message: 'Tiny is overloaded. Try again in a moment.' }))
      await say('And now?', answer('So.'))
      const { left, note, summary } = (await fitted())!
      assert.ok(left > 0)
      assert.equal(summary, undefined)
      assert.match(note ?? '', /could not be written: Tiny is overloaded.*were left out instead/)
      assert.deepEqual(await page.ask('summaries', {}), [])
    })

    it('until the person undoes it: then the whole history counts again', async () => {
      await past(6)
      window.writer.send(...answer('A short summary.'))
      await page.ask('summarise', {})
      const [view] = await page.ask('summaries', {})
      assert.equal(view?.messages, 10, 'all but the last turn')
      await say('And now?', answer('So.'))
      assert.match(words(window.provider.requests[0]?.messages), /A short summary[^]*question 5[^]*And now/)
      await page.ask('undo-summary', { summary: view.id })
      assert.deepEqual(await page.ask('summaries', {}), [])
      await say('And then?', answer('So.'))
      assert.match(words(window.provider.requests[1]?.messages), /^question 0/)
    })

    it('until the person undoes it: what it stood for is then too long again, and is not just left out', async () => {
      await past(20)
      window.writer.send(...answer('Summary one.'))
      await say('And now?', answer('So.'))
      const [view] = await page.ask('summaries', {})
      await page.ask('undo-summary', { summary: view!.id })
      window.context = { strategy: 'ask' }
      const saying = say('And then?')
      const question = await asking()
      assert.equal(question.messages, view!.messages)
      await page.ask('decide-fit', { question: question.id, decision: 'stop' })
      await saying
    })

    it('in parts by a model that cannot read it all at once, each going on from the one before', async () => {
      window.summariser = { ...summariser, info: { ...summariser.info!, contextWindow: 4_000 } }
      await past(20)
      for (let part = 1; part <= 4; part++) window.writer.send(...answer(`Part ${part}.`))
      await say('And now?', answer('So.'))
      const asked = window.writer.requests.map(({ messages }) => words(messages))
      assert.ok(asked.length > 1, String(asked.length))
      assert.doesNotMatch(asked[0]!, /Part/)
      assert.match(asked[1]!, /Part 1\./)
      assert.equal((await page.ask('summaries', {}))[0]?.text, `Part ${asked.length}.`)
    })

    it('by hand, and anew instead of one that is not good', async () => {
      await past(6)
      window.writer.send(...answer('A bad summary.'))
      await page.ask('summarise', {})
      const [bad] = await page.ask('summaries', {})
      window.writer.send(...answer('A good summary.'))
      await page.ask('summarise', { instead: bad!.id })
      const [good] = await page.ask('summaries', {})
      assert.deepEqual([good?.text, good?.messages], ['A good summary.', 10])
      assert.doesNotMatch(words(window.writer.requests[1]?.messages), /A bad summary/)
      assert.equal(window.services.store().summaries.list(page.session.conversation).length, 1)
    })

    it('by hand once, however often it is asked for before it is begun', async () => {
      await past(6)
      window.writer.send(...answer('A short summary.'))
      const both = await Promise.allSettled([page.ask('summarise', {}), page.ask('summarise', {})])
      assert.deepEqual(
        both.map(({ status }) => status),
        ['fulfilled', 'rejected'],
      )
      assert.match(String(both[1].status === 'rejected' && both[1].reason), /being written already/)
      assert.equal(window.writer.requests.length, 1)
    })

    it('by /compact', async () => {
      const { suggestions, fitting, answers } = window.services
      suggestions.add(compactCommand(fitting.summaries, (conversation) => answers.running(conversation) !== undefined))
      await past(6)
      const { items } = await page.ask('suggest', { trigger: '/', query: 'comp' })
      window.writer.send(...answer('A short summary.'))
      const taken = await page.ask('take-suggestion', { id: items[0]!.id, draft: '' })
      assert.equal(taken.kind, 'done')
      assert.equal((await page.ask('summaries', {}))[0]?.text, 'A short summary.')
    })

    it('by hand not where there is nothing yet, nor while an answer is written', async () => {
      await assert.rejects(page.ask('summarise', {}), /nothing to summarise/)
      await past(3)
      await page.say('And now?')
      await assert.rejects(page.ask('summarise', {}), /answer is being written/)
    })
  })

  describe('is a question where the settings say so', () => {
    beforeEach(async () => {
      window.context = { strategy: 'ask' }
      await past(20)
    })

    it('which sends nothing before it is answered, and then leaves out what it said', async () => {
      const saying = say('And now?', answer('So.'))
      const question = await asking()
      assert.deepEqual(window.provider.requests, [])
      assert.equal(question.model, 'Claude Test')
      assert.ok(question.messages > 20 && question.tokens > question.limit)
      await page.ask('decide-fit', { question: question.id, decision: 'slide' })
      await saying
      assert.equal((await fitted())?.left, question.messages)
      await assert.rejects(page.ask('decide-fit', { question: question.id, decision: 'slide' }), /no longer asked/)
    })

    it('whose answer may be a summary', async () => {
      window.context = { strategy: 'ask', summaryModel: { provider: 'cheap', model: 'tiny' } }
      window.summariser = summariser
      const saying = say('And now?', answer('So.'))
      const { id, summariser: writer } = await asking()
      assert.equal(writer, 'Tiny')
      window.writer.send(...answer('A summary.'))
      await page.ask('decide-fit', { question: id, decision: 'summarise' })
      await saying
      assert.match(words(window.provider.requests[0]?.messages), /A summary\.[^]*And now/)
    })

    it('whose answer may be a model with a larger window', async () => {
      const saying = say('And now?', answer('So.'))
      const { id } = await asking()
      window.choice = { ...small, info: { ...small.info!, contextWindow: 100_000 } }
      await page.ask('decide-fit', { question: id, decision: 'again' })
      await saying
      assert.match(words(window.provider.requests[0]?.messages), /question 0/)
    })

    it('whose answer may be to send nothing', async () => {
      const saying = say('And now?')
      const { id } = await asking()
      await page.ask('decide-fit', { question: id, decision: 'stop' })
      await saying
      assert.deepEqual(window.provider.requests, [])
      assert.equal((await failure())?.code, 'context-length')
    })

    it('that Stop takes back', async () => {
      const saying = say('And now?')
      await asking()
      await page.ask('stop', {})
      await saying
      assert.equal((await page.ready()).conversation.context, undefined)
      assert.deepEqual(window.provider.requests, [])
    })

    it('that is asked no more until more has to go', async () => {
      const saying = say('And now?', answer('So.'))
      const { id } = await asking()
      await page.ask('decide-fit', { question: id, decision: 'slide' })
      await saying
      await say('And then?', answer('So.'))
      assert.equal(window.provider.requests.length, 2)
    })
  })

  describe('is told before it is sent', () => {
    it('by parts that come to the whole, and by how many messages will be left out', async () => {
      await past(20)
      const counted = await page.ask('count', { text: 'And what now?', files: [] })
      const { parts, tokens, leaves } = counted!
      assert.ok(parts && leaves! > 20)
      assert.equal(parts.system + parts.tools + parts.files + parts.history, tokens)
      assert.equal(parts.answer, 400)
      assert.ok(tokens <= 2_000)
    })

    it('also without a draft, and that not even the last message fits', async () => {
      await past(2)
      const now = await page.ask('context', { text: '', files: [] })
      assert.ok(now!.tokens > 200 && now!.tokens < 500 && !now!.exact)
      const long = await page.ask('context', { text: 'far too long '.repeat(1_000), files: [] })
      assert.equal(long?.tooLong, true)
    })
  })
})
