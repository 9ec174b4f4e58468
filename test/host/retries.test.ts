/** What a window does when a provider fails: it tries again, says so, and goes on from what had come. */
import assert from 'node:assert/strict'
import type { Failure } from '../../src/shared/failure.ts'
import type { AssistantMessage, StreamEvent } from '../../src/shared/message.ts'
import { lastWords, textOfAnswers } from '../../src/shared/join.ts'
import type { Batch, PanelEvent, WaitingView } from '../../src/shared/protocol.ts'
import type { MessageView } from '../../src/shared/view.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { FakePage, FakeWindow, end, noSettings, text } from './fakes.ts'

type Of<Type extends PanelEvent['type']> = Extract<PanelEvent, { type: Type }>

const overloaded: Failure = { code: 'overloaded', message: 'Anthropic is overloaded.', status: 529 }
const cut: Failure = { code: 'network', message: 'The connection was cut.' }
const start: StreamEvent = {
  type: 'start',
  origin: { provider: 'anthropic', dialect: 'anthropic', model: 'claude-test' },
}
const fails = (failure: Failure): StreamEvent[] => [start, { type: 'end', stop: { kind: 'failed', failure } }]
const breaksOff = (words: string, failure = cut): StreamEvent[] => [
  start,
  ...text(words),
  { type: 'block-end', index: 0, block: { type: 'text', text: words } },
  { type: 'usage', usage: { input: 1000, output: 10, cacheRead: 0, cacheWrite: 0 } },
  { type: 'end', stop: { kind: 'failed', failure } },
]
const answers = (words: string): StreamEvent[] => [start, ...text(words), ...end(words)]

describe('an answer that fails', () => {
  let clock: FakeClock
  let window: FakeWindow
  let page: FakePage
  beforeEach(async () => {
    clock = new FakeClock(Date.now())
    window = new FakeWindow({ resilience: { clock } })
    window.trying = { ...noSettings, retry: { attempts: 3, baseDelay: 1_000, maxWait: 60_000 } }
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  const told = <Type extends PanelEvent['type']>(type: Type): Of<Type>[] =>
    page.batches.flatMap(({ events }) => events).filter((event): event is Of<Type> => event.type === type)
  const waits = async (times: number): Promise<WaitingView> => {
    await page.until(() => told('waiting').filter(({ waiting }) => waiting).length >= times)
    return told('waiting').findLast(({ waiting }) => waiting)!.waiting!
  }
  const settles = (events: Batch['events']): boolean =>
    events.some((event) => event.type === 'conversation' && event.conversation.running === undefined) &&
    events.some(({ type }) => type === 'settled')
  const shown = async (): Promise<MessageView[]> => (await page.ready()).page.messages
  const records = () => window.services.store().requests.list().reverse()

  it('without a word is tried again in its own row, after a pause that the page is told of', async () => {
    await page.say('Hello')
    window.provider.send(...fails(overloaded))
    const waiting = await waits(1)
    const { message, leftMs, ...rest } = waiting
    assert.deepEqual(rest, { sentence: 'Anthropic is overloaded.', repetition: 1, of: 3, skippable: true })
    assert.equal(leftMs, 500)
    assert.equal(window.services.answers.running(page.session.conversation)?.id, message)
    window.provider.send(...answers('Hi.'))
    clock.pass(500)
    await page.until(settles)
    const [, answer, ...more] = await shown()
    assert.equal(more.length, 0)
    assert.equal(answer?.state, 'done')
    assert.deepEqual(answer?.message.content, [{ type: 'text', text: 'Hi.' }])
    assert.deepEqual(answer?.timing?.failed, [
      { provider: 'anthropic', model: 'claude-test', code: 'overloaded', status: 529 },
    ])
    assert.deepEqual(
      records().map(({ attempt, outcome, failureCode }) => [attempt, outcome, failureCode]),
      [
        [1, 'failed', 'overloaded'],
        [2, 'done', undefined],
      ],
    )
    assert.equal(told('waiting').at(-1)?.waiting, undefined)
    assert.ok(
      window.logged.some((line) => /overloaded 529; trying again in 0\.5 s \(1 of 3\)/.test(line)),
      window.logged.join('\n'),
    )
  })

  it('is failed once, and truly, when all is tried', async () => {
    await page.say('Hello')
    for (let attempt = 1; attempt <= 3; attempt++) {
      window.provider.send(...fails(overloaded))
      assert.equal((await waits(attempt)).repetition, attempt)
      clock.pass(30_000)
    }
    window.provider.send(...fails({ ...overloaded, message: 'The last word.' }))
    await page.until(settles)
    const [, answer, ...more] = await shown()
    assert.equal(more.length, 0)
    const { stop } = answer!.message as AssistantMessage
    assert.equal(stop.kind === 'failed' && stop.failure.message, 'The last word.')
    assert.equal(answer?.timing?.failed?.length, 3)
    assert.equal(told('settled').length, 1)
    assert.equal(window.provider.requests.length, 4)
  })

  it('by a refusal is not tried again', async () => {
    await page.say('Hello')
    window.provider.send(...fails({ code: 'auth', message: 'No.', status: 401 }))
    await page.until(settles)
    assert.equal(window.provider.requests.length, 1)
    assert.equal(told('waiting').length, 0)
  })

  it('is tried at once when the person says “Now”', async () => {
    await page.say('Hello')
    window.provider.send(...fails(overloaded))
    const { message } = await waits(1)
    window.provider.send(...answers('Hi.'))
    await page.ask('retry-now', { message })
    await page.until(settles)
    assert.equal((await shown())[1]?.state, 'done')
  })

  it('waits no longer when the person says “Stop”: nothing more goes out', async () => {
    await page.say('Hello')
    window.provider.send(...fails(overloaded))
    await waits(1)
    await page.ask('stop', {})
    await page.until(settles)
    assert.equal(clock.sleeping, 0)
    assert.equal(window.provider.requests.length, 1)
    const { stop } = (await shown())[1]!.message as AssistantMessage
    assert.equal(stop.kind, 'aborted')
  })

  it('is still waited for by a page that comes anew', async () => {
    await page.say('Hello')
    window.provider.send(...fails({ ...overloaded, retryAfterMs: 30_000 }))
    await waits(1)
    clock.pass(10_000)
    const { conversation } = await page.ready()
    const { waiting } = conversation.turn!
    assert.equal(waiting?.message, conversation.running)
    assert.equal(waiting?.sentence, 'Anthropic is overloaded.')
    assert.ok(waiting.leftMs! > 20_000, String(waiting.leftMs))
  })

  it('after it only thought begins anew, and nothing of the first thoughts is left', async () => {
    await page.say('Hello')
    window.provider.send(
      start,
      { type: 'block-start', index: 0, block: { type: 'thinking', text: '' } },
      { type: 'block-delta', index: 0, text: 'Hm' },
      { type: 'block-end', index: 0, block: { type: 'thinking', text: 'Hm' } },
      { type: 'end', stop: { kind: 'failed', failure: cut } },
    )
    await waits(1)
    assert.deepEqual((await shown())[1]?.message.content, [])
    window.provider.send(...answers('Hi.'))
    clock.pass(500)
    await page.until(settles)
    assert.deepEqual((await shown())[1]?.message.content, [{ type: 'text', text: 'Hi.' }])
  })

  it('in mid-stream keeps its words and goes on from them by itself, without a seam and without paying for them twice', async () => {
    await page.say('Count')
    window.provider.send(...breaksOff('One two three four five six'))
    await waits(1)
    const [, partial, next] = await shown()
    assert.equal(partial?.state, 'interrupted')
    assert.equal(next?.state, 'streaming')
    window.provider.send(...answers(`${lastWords('One two three four five six')} seven.`))
    clock.pass(500)
    await page.until((events) => events.filter(({ type }) => type === 'settled').length >= 2 && settles(events))
    const messages = (await shown()).map(({ message }) => message)
    assert.equal(textOfAnswers(messages.slice(1)), 'One two three four five six seven.')
    const [, again] = window.provider.requests
    const asked = JSON.stringify(again?.messages.at(-1))
    assert.match(asked, /Go on exactly where it stopped/)
    assert.equal(again?.goesOn, true)
    assert.deepEqual(
      records().map(({ attempt, outcome, output }) => [attempt, outcome, output]),
      [
        [1, 'failed', 10],
        [2, 'done', 100],
      ],
    )
  })

  it('again and again in mid-stream is gone on from as often as the settings say, then is what it is', async () => {
    await page.say('Count')
    for (let attempt = 1; attempt <= 3; attempt++) {
      window.provider.send(...breaksOff(`Part ${attempt} of many words.`))
      await waits(attempt)
      clock.pass(30_000)
    }
    window.provider.send(...breaksOff('The last part.'))
    await page.until((events) => events.filter(({ type }) => type === 'settled').length >= 4 && settles(events))
    assert.equal(window.provider.requests.length, 4)
    assert.deepEqual(
      (await shown()).slice(1).map(({ state }) => state),
      ['interrupted', 'interrupted', 'interrupted', 'interrupted'],
    )
  })

  it('after a whole call tells the model that it was not run, and asks again', async () => {
    await page.say('Read it')
    const call = { type: 'tool-call', id: 'c1', name: 'read', ranBy: 'host', json: '{"path":"a"}' } as const
    window.provider.send(
      start,
      { type: 'block-start', index: 0, block: { ...call, json: '' } },
      { type: 'block-end', index: 0, block: { ...call, input: { path: 'a' } } },
      { type: 'end', stop: { kind: 'failed', failure: cut } },
    )
    await waits(1)
    window.provider.send(...answers('Then without it.'))
    clock.pass(500)
    await page.until((events) => events.filter(({ type }) => type === 'settled').length >= 2 && settles(events))
    const asked = window.provider.requests[1]!.messages
    assert.deepEqual(
      asked.map(({ role }) => role),
      ['user', 'assistant', 'tool'],
    )
    assert.match(JSON.stringify(asked[2]), /broke off before its end, so this call was not run/)
    assert.deepEqual((await shown()).at(-1)?.message.content, [{ type: 'text', text: 'Then without it.' }])
  })

  it('in mid-stream and then stopped keeps its words', async () => {
    await page.say('Count')
    window.provider.send(...breaksOff('One two three four five six'))
    await waits(1)
    await page.ask('stop', {})
    await page.until((events) => events.filter(({ type }) => type === 'settled').length >= 2 && settles(events))
    assert.equal(window.provider.requests.length, 1)
    assert.deepEqual((await shown())[1]?.message.content, [{ type: 'text', text: 'One two three four five six' }])
  })

  it('of which the whole time is over is not tried again', async () => {
    window.trying = { ...window.trying, timeouts: { ...noSettings.timeouts, total: 400 } }
    await page.say('Hello')
    window.provider.send(...fails(overloaded))
    await page.until(settles)
    assert.equal(window.provider.requests.length, 1)
  })

  it('too often in a row has its provider left alone, until a person wants it now', async () => {
    window.trying = { ...noSettings, retry: { attempts: 5, baseDelay: 1_000, maxWait: 60_000 } }
    await page.say('Hello')
    const down: Failure = { code: 'unavailable', message: 'Down.', status: 503 }
    for (let attempt = 1; attempt <= 4; attempt++) {
      window.provider.send(...fails(down))
      await waits(attempt)
      clock.pass(30_000)
    }
    window.provider.send(...fails(down))
    const { leftMs, message } = await waits(5)
    assert.ok(leftMs! > 8_000, String(leftMs))
    window.provider.send(...answers('Back.'))
    await page.ask('retry-now', { message })
    await page.until(settles)
    assert.equal((await shown())[1]?.state, 'done')
  })
})
