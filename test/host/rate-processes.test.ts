/** Limits of rate over windows that are real processes on one database, one of which is killed. A minute takes a second and a half. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MINUTE } from '../../src/resilience/rate/window.ts'
import { Place } from '../store/support.ts'

const SENDER = fileURLToPath(new URL('rate-sender.ts', import.meta.url))
const TIMES = 40
const EACH = 30
const REQUESTS = 20
const TOKENS = 480

type Sent = { number: number; sequence: number; at: number; tokens: number }

describe('limits of rate over processes', function () {
  this.timeout(60_000)
  let place: Place
  const children: ChildProcess[] = []
  beforeEach(() => (place = new Place()))
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    place.dispose()
  })

  const run = (begin: number) => {
    const limits = JSON.stringify([{ provider: 'anthropic', requests: REQUESTS, tokens: TOKENS }])
    const words = [SENDER, place.path, EACH, begin, TIMES, limits].map(String)
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const lines = (): string[] => output.split('\n').slice(0, -1)
    const sent = (): Sent[] =>
      lines().flatMap((line) => {
        const [word, ...numbers] = line.split(' ')
        const [number, sequence, at, tokens] = numbers.map(Number)
        return word === 'sent' ? [{ number: number!, sequence: sequence!, at: at!, tokens: tokens! }] : []
      })
    return { child, lines, sent, exit: once(child, 'exit') }
  }

  it('are exceeded by nobody, in the order of all, and what waited in the one that was killed is in nobody’s way', async () => {
    place.open()
    const begin = Date.now()
    const windows = [run(begin), run(begin), run(begin)]
    const [one, two, killed] = windows as [(typeof windows)[0], (typeof windows)[0], (typeof windows)[0]]
    while (!windows.every(({ lines }) => lines().length > 0)) await wait(5)
    writeFileSync(`${place.path}.go`, '')
    while (killed.sent().length === 0) await wait(1)
    killed.child.kill('SIGKILL')
    const exits = await Promise.all([one.exit, two.exit])
    await killed.exit
    for (const { lines } of windows)
      assert.deepEqual(
        lines().filter((line) => /^(warned|refused)/.test(line)),
        [],
      )
    assert.deepEqual(exits.flat(), [0, null, 0, null])
    for (const { sent } of [one, two]) {
      const numbers = sent().map(({ number }) => number)
      assert.deepEqual(numbers, Array.from({ length: EACH }, (_, at) => at), 'each once, in order') // prettier-ignore
    }
    assert.ok(killed.sent().length < EACH)

    const all = windows.flatMap(({ sent }) => sent()).sort((a, b) => a.at - b.at)
    let most = 0
    for (const { at } of all) {
      const minute = all.filter((other) => other.at <= at && other.at > at - MINUTE)
      most = Math.max(most, minute.length)
      assert.ok(minute.length <= REQUESTS, `${minute.length} requests in a minute`)
      const tokens = minute.reduce((sum, other) => sum + other.tokens, 0)
      assert.ok(tokens <= TOKENS, `${tokens} tokens in a minute`)
    }
    assert.ok(most > REQUESTS / 2, `only ${most} in a minute: the windows were in each other's way`)

    const inOrder = [...all].sort((a, b) => a.sequence - b.sequence)
    for (const [rank, { at }] of inOrder.entries())
      // Two processes that may go in the same moment do so as the machine lets them.
      for (const later of inOrder.slice(rank + 1))
        assert.ok(later.at > at - MINUTE / 2, 'one that came later went before')
  })
})
