/**
 * A window that asks and never hears the end, as a process: `node dying.ts <database> <how>`. `answering`: half an answer has
 * come, `waiting`: none, `held`: the request waits for its place, `retrying`: it failed and is to be made again, `locked`: it went out while another program had the
 * lock of the database, which is free again for a second. Says `asked <conversation>` and stays until it is killed.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { WindowMoney } from '../../src/host/money/index.ts'
import type { Gate } from '../../src/resilience/admission.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { FakePage, FakeWindow, text } from './fakes.ts'

const [path = '', how = ''] = process.argv.slice(2)
/** 1,000 words, of which each is a token or somewhat more. */
const WORDS = 'word '.repeat(1_000)
const other = new (loadSqlite()!.DatabaseSync)(path)
const queue: Gate = {
  name: 'queue',
  enter: () => {
    if (how === 'held') return new Promise(() => undefined)
    if (how === 'locked') other.exec('BEGIN IMMEDIATE')
    return Promise.resolve({ settle: () => undefined })
  },
}
const window: FakeWindow = new FakeWindow({
  path,
  resilience: {
    gates: [{ name: 'money', enter: (...asked) => (window.services.money as WindowMoney).gate.enter(...asked) }, queue],
  },
})
window.keyProfile = 'default'
if (how === 'retrying')
  window.trying = { ...window.trying, retry: { ...window.trying.retry, attempts: 1, baseDelay: 60_000 } }
const page = new FakePage(window)
await page.ready()
await page.say('A question')
while (window.services.store().budget.spent([{ of: 'all', since: 0, limit: 0 }])[0]?.reserved === 0) await wait(1)
if (how !== 'held') while (window.provider.requests.length === 0) await wait(1)
if (how === 'retrying') {
  const failure = { code: 'overloaded', message: 'Busy.', status: 529 } as const
  window.provider.send({ type: 'end', stop: { kind: 'failed', failure } })
  while (window.services.store().requests.list().length === 0) await wait(1)
}
if (how === 'locked') {
  other.exec('ROLLBACK')
  await wait(1_000)
}
if (how === 'answering') {
  window.provider.send(...text(WORDS))
  await wait(300)
}
console.log(`asked ${page.session.conversation}`)
setInterval(() => window.services.store().heartbeat(), 1_000)
