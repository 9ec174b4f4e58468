/** What the page is told of an answer that is being written, held against the streams that are really open. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type { Approvals } from '../../src/tools/approvals.ts'
import { said } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import type { Failure } from '../../src/shared/failure.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { tool } from '../harness/turn.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { FakePage, FakeWindow, end, noSettings, text } from './fakes.ts'

const overloaded: Failure = { code: 'overloaded', message: 'It is overloaded. Try again.', status: 529 }
const refused: Failure = { code: 'auth', message: 'It did not take the key. Set another.', status: 401 }
const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-test' }

const WORDS = ['say', 'think', 'fail', 'refuse', 'break', 'call', 'done', 'stop', 'again', 'reload'] as const
type Word = (typeof WORDS)[number]

/** A window whose streams are counted, as its page sees it: an answer streams from its message to its end, but for its waits. */
class Watched {
  readonly clock = new FakeClock(Date.now())
  readonly window: FakeWindow
  readonly page: FakePage
  open = 0
  #ran: (() => void)[] = []
  #said = false
  #calls = 0
  /** Where another one is asked instead, and how often that may be. */
  #instead: number

  constructor(instead: number) {
    this.#instead = instead
    const run = (): Promise<void> => new Promise((resolve) => this.#ran.push(resolve))
    const look = tool({ name: 'look', run: () => run().then(() => said('Seen.')) })
    const approvals = {
      judge: () => Promise.resolve({ kind: 'run', because: 'granted' }),
      settle: () => true,
    } as unknown as Approvals
    this.window = new FakeWindow({
      tools: () => Promise.resolve(new Toolbox([look])),
      approvals,
      resilience: {
        clock: this.clock,
        alternatives: {
          instead: ({ target }) => {
            if (this.#instead-- <= 0) return Promise.resolve(undefined)
            return Promise.resolve({ target: { ...target, keyProfile: `key-${this.#instead}` }, how: 'key' as const })
          },
        },
      },
    })
    this.window.trying = { ...noSettings, retry: { attempts: 2, baseDelay: 1_000, maxWait: 60_000 } }
    const { provider } = this.window
    const stream = provider.stream.bind(provider)
    const count = (by: number): void => void (this.open += by)
    provider.stream = async function* (request, signal) {
      count(1)
      try {
        yield* stream(request, signal)
      } finally {
        count(-1)
      }
    }
    this.page = new FakePage(this.window)
  }

  /** How many tools run. */
  get tools(): number {
    return this.#ran.length
  }

  get shown(): number {
    const live = new Set<string>()
    const waits = new Set<string>()
    for (const event of this.page.batches.flatMap(({ events }): PanelEvent[] => events)) {
      if (event.type === 'message' && event.message.state === 'streaming') live.add(event.message.id)
      if (event.type === 'settled') live.delete(event.id)
      if (event.type === 'waiting') waits[event.waiting ? 'add' : 'delete'](event.message)
    }
    return [...live].filter((id) => !waits.has(id)).length
  }

  /** Nothing happens any more by itself. */
  async rests(): Promise<void> {
    for (let still = 0, before = ''; still < 4;) {
      await pause(4)
      const now = [this.open, this.clock.sleeping, this.#ran.length, this.shown, this.page.batches.length].join()
      still = now === before ? still + 1 : 0
      before = now
    }
  }

  async play(word: Word): Promise<void> {
    const { window, page, clock } = this
    const running = window.services.answers.running(page.session.conversation)
    if (word === 'reload') {
      const { page: shown } = await page.ready()
      const live = shown.messages.filter(({ state }) => state === 'streaming').length
      assert.equal(clock.sleeping > 0 ? 0 : live, this.open, 'what a page that loads now is shown')
    } else if (!running) await page.say('Hello')
    else if (word === 'stop') await page.ask('stop', {})
    else if (clock.sleeping > 0) clock.pass(60_000)
    else if (this.#ran.length > 0) this.#ran.splice(0).forEach((done) => done())
    else if (this.open > 0) window.provider.send(...this.#events(word))
    await this.rests()
    if (this.open === 0) this.#said = false
  }

  #events(word: Word): StreamEvent[] {
    const begins: StreamEvent[] = this.#said ? [] : [{ type: 'start', origin }]
    const fails = (failure: Failure): StreamEvent[] => [...begins, { type: 'end', stop: { kind: 'failed', failure } }]
    const id = `c${++this.#calls}`
    const call = { type: 'tool-call', id, name: 'look', ranBy: 'host', json: '{"city":"x"}' } as const
    switch (word) {
      case 'say':
        return this.#says(begins, text('Some words. '))
      case 'think':
        return this.#says(begins, [{ type: 'block-start', index: 0, block: { type: 'thinking', text: '' } }])
      case 'refuse':
        return fails(refused)
      case 'break':
        return [...begins, ...(this.#said ? [] : text('Half a')), ...fails(overloaded).slice(begins.length)]
      case 'call':
        return [
          ...begins,
          { type: 'block-start', index: 9, block: { ...call, json: '' } },
          { type: 'block-end', index: 9, block: { ...call, input: { city: 'x' } } },
          { type: 'end', stop: { kind: 'tools' } },
        ]
      case 'done':
        return [...begins, ...(this.#said ? [] : text('All.')), ...end('All.')]
      default:
        return fails(overloaded)
    }
  }

  #says(begins: StreamEvent[], words: StreamEvent[]): StreamEvent[] {
    if (this.#said) return [{ type: 'block-delta', index: 0, text: 'and more ' }]
    this.#said = true
    return [...begins, ...words]
  }

  async close(): Promise<void> {
    this.#ran.splice(0).forEach((done) => done())
    await this.window.services.answers.stopAll()
    this.page.session.dispose()
    this.window.close()
  }
}

describe('the streaming indicator, as the host tells it', function () {
  this.timeout(120_000)

  it('is on exactly while a stream is open', async () => {
    const seen = { open: 0, waiting: 0, tools: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.constantFrom(...WORDS), { minLength: 4, maxLength: 14 }),
        async (instead, words) => {
          const watched = new Watched(instead)
          await watched.page.ready()
          try {
            for (const [at, word] of words.entries()) {
              await watched.play(word)
              assert.equal(watched.shown, watched.open, `after ${words.slice(0, at + 1).join(', ')}`)
              if (watched.open > 0) seen.open++
              if (watched.clock.sleeping > 0) seen.waiting++
              if (watched.tools > 0) seen.tools++
            }
          } finally {
            await watched.close()
          }
          assert.equal(watched.open, 0)
        },
      ),
      { numRuns: 30 },
    )
    assert.ok(seen.open > 20 && seen.waiting > 3 && seen.tools > 3, JSON.stringify(seen))
  })
})
