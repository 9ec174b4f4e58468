/**
 * A window of its own that sends under the limits of rate that it is given, as a process: `node rate-sender.ts <database> <count>
 * <begin> <times> <limits>`. Says that it is ready, waits for `<database>.go`, and asks so many times at once. Says of each that went
 * out its number, its sequence in the queue, when it went by the queue, and its tokens, a line each.
 */
import { existsSync, writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { windowRate } from '../../src/host/resilience/rate.ts'
import { noFailover } from '../../src/host/settings/failover.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import type { RateLimit } from '../../src/resilience/rate/limits.ts'
import type { RateQueue } from '../../src/resilience/rate/queue.ts'
import type { RateTicket } from '../../src/shared/rate.ts'
import { openStore } from '../../src/store/open.ts'
import { fastClock } from './fast-clock.ts'

const [path = '', count = '', begin = '', times = '', limits = '[]'] = process.argv.slice(2)
const say = (...words: (string | number)[]): void => void writeSync(1, `${words.join(' ')}\n`)

const { store } = openStore({ path })
const heard: RateTicket[] = []
const rates: RateQueue = {
  holds: (provider) => store.rates.holds(provider),
  turn(provider, clock, work) {
    let sent: RateTicket[] = []
    const result = store.rates.turn(provider, clock, (state) => {
      const turned = work(state)
      sent = (turned.change.put ?? []).filter(({ sentAt }) => sentAt !== undefined)
      return turned
    })
    heard.push(...sent)
    return result
  },
}
const rateLimits = JSON.parse(limits) as RateLimit[]
const gate = windowRate({
  settings: () => ({ rateLimits, failover: noFailover }),
  failover: () => ({ hasOthers: () => Promise.resolve(false) }),
  store: () => ({ durable: true, rates }),
  connections: () => ({ info: () => undefined }),
  log: { warn: (line) => say('warned', line) },
  clock: fastClock(Number(begin), Number(times)),
})

say('ready')
while (!existsSync(`${path}.go`)) await wait(1)
const send = async (number: number): Promise<void> => {
  const inputTokens = 10 + number
  const asking = { target: { provider: 'anthropic', model: 'claude' }, inputTokens }
  const entered = await gate.enter(asking, new AbortController().signal, () => undefined)
  if (!isTicket(entered)) return say('refused', entered.message)
  const ticket = heard.find(({ tokens, sentAt }) => tokens === inputTokens && sentAt !== undefined)
  // Where the database failed it went by itself, which the warning tells.
  if (ticket) say('sent', number, ticket.sequence, ticket.sentAt!, inputTokens)
  await wait(Math.random() * 20)
  entered.settle({ usage: { input: inputTokens, output: 0, cacheRead: 0, cacheWrite: 0 } })
}
await Promise.all(Array.from({ length: Number(count) }, (_, number) => send(number)))
store.close()
