import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LiveLog } from '../../src/host/live-log.ts'
import { LogFeed } from '../../src/host/log-feed.ts'
import { logLevels } from '../../src/shared/log-entry.ts'
import type { LogEntry } from '../../src/shared/log-entry.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'
import { worked } from '../harness/steady.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function openLog(): { log: LiveLog; lines: string[] } {
  const lines: string[] = []
  const write =
    (level: string) =>
    (line: string | Error): void =>
      void lines.push(`${level} ${String(line)}`)
  const [trace, debug, info, warn, error] = logLevels.map(write) as [
    () => void,
    () => void,
    () => void,
    () => void,
    () => void,
  ]
  return { log: new LiveLog({ trace, debug, info, warn, error }, () => 7), lines }
}

/** Keys as providers issue them. */
const letters = fc.string({ unit: fc.constantFrom(...'abcXYZ0189'), minLength: 24, maxLength: 40 })
const issued = fc
  .tuple(fc.constantFrom('sk-ant-api03-', 'sk-proj-', 'gsk_', 'xai-', 'AIza', 'pplx-'), letters)
  .map(([prefix, rest]) => prefix + rest)

describe('the live log', () => {
  it('keeps lines in order, with level and source, and writes the same lines to the output channel', () => {
    const { log, lines } = openLog()
    log.from('request').info('first')
    log.warn('second\n  line')
    log.from('mcp').error(new Error('third'))
    assert.deepEqual(log.after(0), [
      { seq: 1, at: 7, level: 'info', source: 'request', text: 'first' },
      { seq: 2, at: 7, level: 'warn', source: 'host', text: 'second line' },
      { seq: 3, at: 7, level: 'error', source: 'mcp', text: 'Error: third' },
    ])
    assert.deepEqual(lines, ['info [request] first', 'warn [host] second line', 'error [mcp] Error: third'])
    assert.deepEqual(
      log.after(2).map(({ seq }) => seq),
      [3],
    )
  })

  it('keeps the last 2,000 lines, and no more than 1 MB of text', () => {
    const { log } = openLog()
    for (let count = 0; count < 5_000; count++) log.info(`line ${count}`)
    assert.deepEqual([log.after(0).length, log.after(0)[0]?.text], [2_000, 'line 3000'])
    assert.equal(log.after(4_990).length, 10)
    for (let count = 0; count < 1_000; count++) log.info('x'.repeat(3_000))
    const size = log.after(0).reduce((sum, entry) => sum + 2 * entry.text.length, 0)
    assert.ok(size <= 1024 * 1024 && size > 1_000_000, `${size} bytes`)
    assert.equal(log.after(0).at(-1)?.seq, 6_000)
  })

  it('holds no key that a provider issued, wherever in a line it stands', () => {
    const beside = fc.constantFrom(' ', '"', '=', ':', '/', '(', ',', '\n', '“')
    const around = fc.tuple(fc.string({ maxLength: 30 }), beside)
    fc.assert(
      fc.property(around, issued, around, ([before, left], key, [after, right]) => {
        const { log, lines } = openLog()
        log.info(`${before}${left}${key}${right}${after}`)
        log.from('mcp').error(new Error(`{"key":"${key}"} Authorization: Bearer ${key}`))
        log.debug(`x`.repeat(1_990) + ` ${key}`)
        const all = [...lines, ...log.after(0).map((entry) => entry.text)].join('\n')
        assert.ok(!all.includes(key.slice(0, 20)), all)
      }),
    )
  })

  it('holds nothing that was hidden, whatever it looks like and whatever it is glued to', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 6, maxLength: 40 })
      .filter((value) => value.trim().length > 5)
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const { log, lines } = openLog()
        const told = value.replace(/\s+/g, ' ').trim()
        fc.pre(!'[redacted] info host error'.includes(told) && !`${before}[redacted]${after}`.includes(told))
        log.hide(value)
        log.info(`${before}${value}${after}`)
        assert.ok(![...lines, log.after(0)[0]?.text].some((line) => line?.includes(told)))
      }),
    )
  })

  it('takes keys out of any text in about its length, also where that repeats what keys begin with', () => {
    const { log } = openLog()
    const key = 'Bearer Bearer abc.def, api-key: x-api-key: ghi.jkl, Authorization: Basic mno.pqr=='
    for (const repeated of ['key-', 'key_', ' ', 'bearer ', 'authorization: basic ', 'api-key: ', '//']) {
      const text = `bearer ${repeated.repeat(200_000 / repeated.length)}`
      let clean = ''
      const took = worked(() => (clean = log.redact(`${text}; ${key}`)))
      assert.ok(took < 3_000, `“${repeated}”: ${took} ms`)
      for (const secret of ['abc', 'ghi', 'mno']) assert.ok(!clean.includes(secret), `“${repeated}” hides ${secret}`)
    }
  }).timeout(120_000)

  it('tells a listener of each line until it stops listening', () => {
    const { log } = openLog()
    let heard = 0
    const stop = log.listen(() => heard++)
    log.info('one')
    log.from('tool').info('two')
    stop()
    log.info('three')
    assert.equal(heard, 2)
  })

  it('gathers what it tells a page, each line once and in order, and tells nothing after it was closed', async () => {
    const { log } = openLog()
    const told: LogEntry[][] = []
    const feed = new LogFeed(log, (entries) => told.push(entries))
    log.info('before')
    assert.equal(feed.open(0).length, 1)
    for (let count = 0; count < 50; count++) log.info(`line ${count}`)
    assert.equal(told.length, 0)
    while (told.length === 0) await pause(10)
    log.info('later')
    while (told.length === 1) await pause(10)
    assert.deepEqual(
      told.map((entries) => entries.map(({ seq }) => seq)),
      [Array.from({ length: 50 }, (_, at) => at + 2), [52]],
    )
    log.info('too late')
    feed.close()
    log.info('too late')
    await pause(150)
    assert.equal(told.length, 2)
  })
})

describe('the log a page shows', () => {
  it('comes from when the page asks until it closes it or loads anew, and holds no words of the chat', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    const told = (): LogEntry[] =>
      page.batches.flatMap(({ events }) => events.flatMap((event) => (event.type === 'log' ? event.entries : [])))
    const answer = async (): Promise<void> => {
      const before = page.batches.length
      await page.say('PROMPT-CANARY')
      window.provider.send(...text('ANSWER-CANARY'), ...end('ANSWER-CANARY'))
      await page.until(() =>
        page.batches.slice(before).some(({ events }) => events.some(({ type }) => type === 'settled')),
      )
      await pause(150)
    }
    await page.ready()
    await answer()
    assert.deepEqual(told(), [])
    const known = await page.ask('log', { after: 0 })
    assert.deepEqual(
      known.map(({ source, text }) => `${source} ${text.split(',')[0]}`),
      ['request anthropic/claude-test: asks Anthropic', 'request anthropic/claude-test: done'],
    )
    await answer()
    await page.until(() => told().length >= 2)
    assert.deepEqual(
      told().map(({ seq }) => seq),
      [3, 4],
    )
    await page.ask('log-close', {})
    await answer()
    assert.deepEqual((await page.ask('log', { after: 4 })).length, 2)
    await page.ready()
    await answer()
    assert.equal(told().length, 2)
    assert.doesNotMatch(JSON.stringify(window.services.log.after(0)), /CANARY/)
    page.session.dispose()
    window.close()
  })
})
