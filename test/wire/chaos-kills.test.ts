/** Money where the whole process dies in the middle of an answer: over real HTTP and one database. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BudgetRule } from '../../src/usage/budgets.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import { end, FakePage, FakeWindow, text } from '../host/fakes.ts'

const MORTAL = fileURLToPath(new URL('mortal-window.ts', import.meta.url))
/** What one request may cost at most is $0.061: one fits, two do not. */
const day: BudgetRule = { limit: 0.1, warnAt: 0.8, then: 'stop' }

describe('a window that is killed while it is answered', function () {
  this.timeout(90_000)
  let upstream: FakeProvider
  let other: FakeWindow
  let child: ChildProcess | undefined
  beforeEach(async () => {
    upstream = await startFakeProvider('anthropic')
    other = new FakeWindow()
    other.keyProfile = 'own'
    other.budgets = { ...noBudgets, day }
  })
  afterEach(async () => {
    child?.kill('SIGKILL')
    await other.services.answers.stopAll()
    other.close()
    await upstream.close()
  })

  const spent = () => other.services.store().budget.spent([{ of: 'all', since: 0, limit: 0 }])[0]
  const settled = (page: FakePage): Promise<void> =>
    page.until((events) => events.some(({ type }) => type === 'settled'))

  it('gives the next that asks what it does not need of what it had reserved: what was sent and had come is paid for, and on record', async () => {
    const running = (child = spawn(process.execPath, [MORTAL, other.path, upstream.server.origin], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }))
    const turn = await upstream.next()
    await turn.say('Half of an answer')
    assert.ok((spent()?.reserved ?? 0) > 0.06, 'what is under way is held')

    const early = new FakePage(other)
    await early.ready()
    await early.say('Me too')
    await settled(early)
    assert.equal(other.provider.requests.length, 0, 'nobody takes what a living window holds')

    running.kill('SIGKILL')
    await once(running, 'exit')
    await turn.closed
    const page = new FakePage(other)
    await page.ready()
    await page.say('And now?')
    while (other.provider.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok((spent()?.reserved ?? 1) < 0.07, 'only its own is held')
    other.provider.send(...text('Yes.'), ...end('Yes.'))
    await settled(page)
    const { used, reserved } = spent()!
    assert.equal(reserved, 0)
    const records = other.services.store().requests.list()
    const [own, lost, ...none] = [...records].sort((one, two) => two.startedAt - one.startedAt)
    assert.deepEqual(none, [])
    assert.deepEqual([own?.outcome, own?.cost?.toFixed(9)], ['done', '0.004500000'])
    assert.deepEqual([lost?.outcome, lost?.failureCode], ['failed', 'truncated'], 'the one that nobody saw the end of')
    assert.ok(lost && lost.input > 0 && (lost.cost ?? 0) > 0)
    assert.ok(Math.abs(used - 0.0045 - lost.cost!) < 1e-9, `$${used}`)
  })
})
