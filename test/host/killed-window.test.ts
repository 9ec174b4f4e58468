/** Windows that are killed while their answers are written: what went out is recorded and paid for, once. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { interruption } from '../../src/host/money/interrupted.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import type { Store } from '../../src/store/store.ts'
import { requestIdOf } from '../../src/store/interrupted.ts'
import { Place, streaming } from '../store/support.ts'

const DYING = fileURLToPath(new URL('dying.ts', import.meta.url))
const all = { of: 'all', since: 0, limit: 0 } as const

describe('a window that is killed', function () {
  this.timeout(90_000)
  let place: Place
  let child: ChildProcess | undefined
  beforeEach(() => (place = new Place()))
  afterEach(() => {
    child?.kill('SIGKILL')
    place.dispose()
  })

  const killed = async (how: string): Promise<string> => {
    child = spawn(process.execPath, [DYING, place.path, how], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
    while (!output.includes('\n')) {
      assert.equal(child.exitCode, null, 'it ended by itself')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    return output.trim().split(' ')[1]!
  }
  const open = (): Store => place.open({ interrupted: interruption })
  const spent = (store: Store) => store.budget.spent([all])[0]
  const reserveOne = (store: Store): boolean =>
    store.budget.reserve({ id: crypto.randomUUID(), at: Date.now(), amount: 0, credits: 0 }, []).held

  for (const first of ['recovers its answers', 'sends a request of its own'] as const) {
    it(`has half an answer recorded and paid for, once, by the first window that ${first}`, async () => {
      const conversation = await killed('answering')
      const [one, other] = [open(), open()]
      const steps = [() => void one.journal.recover(), () => void reserveOne(other), () => void other.journal.recover()]
      if (first === 'sends a request of its own') steps.unshift(steps.splice(1, 1)[0]!)
      steps[0]!()
      const { used = 0, reserved = -1 } = spent(other) ?? {}
      assert.equal(reserved, 0)
      // 1,000 words at $15 for a million, and a few of input.
      assert.ok(used > 0.014 && used < 0.025, `$${used}`)
      for (const step of steps.slice(1)) step()
      assert.equal(spent(one)?.used, used)
      const [record, ...others] = one.requests.list()
      assert.deepEqual(others, [])
      const {
        outcome,
        failureCode,
        provider,
        model,
        cost,
        output = 0,
        input = 0,
        keyProfile,
        paidBy,
        attempt,
      } = record ?? {}
      assert.deepEqual(
        { outcome, failureCode, provider, model, keyProfile, paidBy, attempt },
        {
          outcome: 'failed',
          failureCode: 'truncated',
          provider: 'anthropic',
          model: 'claude-test',
          keyProfile: 'default',
          paidBy: 'key',
          attempt: 1,
        },
      )
      assert.ok(output > 900 && input > 0, `${input} and ${output} tokens`)
      assert.ok(Math.abs((cost ?? 0) - used) < 1e-9)
      const { leaf = '' } = one.conversations.get(conversation) ?? {}
      const stored = one.messages.get(leaf)
      assert.ok(stored?.message.role === 'assistant' && stored.message.usage.estimated)
      assert.equal(stored.cost, cost)
      assert.equal(stored.paidBy, 'key')
    })
  }

  for (const [how, when] of [
    ['waiting', ''],
    ['locked', ', and the database was locked as it went out'],
  ] as const) {
    it(`has paid for what it sent although nothing had come yet${when}`, async () => {
      await killed(how)
      const store = open()
      store.journal.recover()
      const [record] = store.requests.list()
      assert.ok(record && record.input > 0 && record.output === 0)
      assert.ok((record.cost ?? 0) > 0)
      assert.deepEqual(spent(store), { used: record.cost, reserved: 0 })
    })
  }

  it('has paid nothing more for a request that had failed and was to be made again', async () => {
    const conversation = await killed('retrying')
    const store = open()
    store.journal.recover()
    assert.ok(reserveOne(store))
    assert.deepEqual(spent(store), { used: 0, reserved: 0 })
    assert.deepEqual(
      store.requests.list().map(({ failureCode, cost }) => [failureCode, cost]),
      [['overloaded', undefined]],
    )
    const { message, cost } = store.messages.get(store.conversations.get(conversation)?.leaf ?? '')!
    assert.ok(message.role === 'assistant')
    assert.deepEqual([cost, message.usage.input], [undefined, 0])
  })

  for (const first of ['recovered', 'not recovered'] as const)
    it(`has paid nothing for another attempt that still waited, where the answer was ${first} before`, () => {
      const [left, other] = [open(), open()]
      const { id: conversation } = left.conversations.create({ title: 'Chat' })
      const row = streaming(conversation)
      const [failed, waiting] = [requestIdOf(row.id, 'failed'), requestIdOf(row.id, 'waiting')]
      const counts = { input: 1_000, output: 1_000, cacheRead: 0, cacheWrite: 0 }
      const named = { id: failed, provider: 'p', model: 'm', conversation, startedAt: 1_000, durationMs: 1, attempt: 1 }
      const record: RequestRecord = { ...named, ...counts, reasoning: 0, cost: 0.02, outcome: 'failed' }
      const price = { input: 10, output: 10 }
      const reserve = (id: string, amount: number) => ({ id, at: 1_000, amount, credits: 0, conversation })
      left.journal.begin(row)
      left.budget.reserve(reserve(failed, 0.4), [])
      left.journal.append(row.id, [{ type: 'asked', request: { record, inputTokens: 1_000, price } }])
      left.journal.append(row.id, [{ type: 'usage', usage: counts }])
      left.requests.insert(record)
      left.budget.settle(failed, { amount: 0.02, credits: 0 })
      left.budget.reserve(reserve(waiting, 0.4), [])
      left.close()
      if (first === 'recovered') assert.equal(other.journal.recover().length, 1)
      assert.ok(reserveOne(other))
      assert.deepEqual(spent(other), { used: 0.02, reserved: 0 })
    })

  it('has paid nothing for what had not gone out', async () => {
    await killed('held')
    const store = open()
    assert.ok((spent(store)?.reserved ?? 0) > 0)
    store.journal.recover()
    assert.ok(reserveOne(store))
    assert.deepEqual(spent(store), { used: 0, reserved: 0 })
    assert.deepEqual(store.requests.list(), [])
  })
})
