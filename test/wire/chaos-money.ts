/** What a run must have cost, reckoned by hand from what its upstream said, and held against the records and the ledger. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import type { Gate, Ticket } from '../../src/resilience/admission.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import type { Cap } from '../../src/shared/ledger.ts'
import { estimateTokens } from '../../src/shared/tokens.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import type { Store } from '../../src/store/store.ts'
import type { Budgets } from '../../src/usage/budgets.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import type { Credits } from '../../src/usage/credits.ts'
import type { FakeUsage } from '../harness/fakes/fake.ts'
import type { FakeKind } from '../harness/fakes/index.ts'
import type { Run } from './chaos.ts'
import { kinds, THOUGHT } from './chaos.ts'

/** USD for a million tokens. */
export const price = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  tiers: [{ above: 3_000, input: 6, output: 22.5 }],
}

/** A connection that a team pays for whatever key is used, and one with a shared key that none of these runs use. */
const team = { allowance: 1e9, per: 'month' } as const
const rates: Credits['rate'][] = [{ tokens: 100 }, { usd: 0.01 }]
export const credits = Object.fromEntries(
  kinds.flatMap((kind, at): [string, Credits][] => {
    const rate = rates[at % 2]!
    return [
      [`team-${kind}`, { ...team, rate }],
      [kind, { ...team, rate, keyProfile: 'of the team' }],
    ]
  }),
)

const rule = (limit: number, then: 'ask' | 'stop') => ({ limit, warnAt: 0.8, then })
/** None, some that are never met, and one that most chats meet with their second request. */
export const phases: Record<'free' | 'wide' | 'tight', Budgets> = {
  free: noBudgets,
  wide: { ...noBudgets, conversation: rule(1e6, 'stop'), workspace: rule(1e6, 'ask'), month: rule(1e6, 'stop') },
  tight: { ...noBudgets, conversation: rule(0.0625, 'ask'), day: rule(1e6, 'stop') },
}

/** The real gate, and how often what it gave came back. */
export class Counted implements Gate {
  readonly name = 'counted'
  readonly #gate: () => Gate
  given = 0
  settled = 0
  twice = 0

  constructor(gate: () => Gate) {
    this.#gate = gate
  }

  async enter(...all: Parameters<Gate['enter']>): Promise<Awaited<ReturnType<Gate['enter']>>> {
    const entered = await this.#gate().enter(...all)
    return isTicket(entered) ? this.#count(entered) : entered
  }

  #count(ticket: Ticket): Ticket {
    this.given++
    let done = false
    return {
      settle: (outcome) => {
        if (done) this.twice++
        else this.settled++
        done = true
        ticket.settle(outcome)
      },
    }
  }
}

type Tokens = Pick<RequestRecord, 'input' | 'output' | 'cacheRead' | 'cacheWrite'>

/** What comes of it on this wire: Ollama does not tell what of its prompt was cached. */
function tokensTold(kind: FakeKind, { input, output, cached }: FakeUsage): Tokens {
  const isApart = kind !== 'ollama'
  return { input: isApart ? input : input + cached, output, cacheRead: isApart ? cached : 0, cacheWrite: 0 }
}

function usdOf({ input, output, cacheRead, cacheWrite }: Tokens): number {
  const isLong = input + cacheRead + cacheWrite > 3_000
  const millionths = input * (isLong ? 6 : 3) + output * (isLong ? 22.5 : 15) + cacheRead * 0.3 + cacheWrite * 3.75
  return millionths / 1e6
}

const tokensOf = ({ input, output, cacheRead, cacheWrite }: Tokens): number => input + output + cacheRead + cacheWrite
const isClose = (one: number, other: number): boolean => Math.abs(one - other) < 1e-9

/** What of all runs was drawn from each pool. */
export class Books {
  readonly #store: () => Store
  readonly #drawn = new Map(Object.keys(credits).map((pool) => [pool, 0]))
  usd = 0

  constructor(store: () => Store) {
    this.#store = store
  }

  /** Holds a run that is over to what its upstream said, request by request. */
  holdRun(run: Run, conversation: string, shown: number): void {
    const store = this.#store()
    const records = store.requests.list({ conversation }).sort((one, other) => one.attempt - other.attempt)
    let [usd, all] = [0, 0]
    records.forEach((record, at) => {
      assert.equal(record.attempt, at + 1, 'each attempt has one record')
      assert.equal(record.paidBy, run.shared ? 'credits' : 'key', 'who paid is on record')
      this.#holdRecord(run, record, at)
      all += record.cost ?? 0
      if (run.shared) this.#draw(run.provider, record)
      else usd += record.cost ?? 0
    })
    this.usd += usd
    const place = { of: 'conversation', key: conversation, since: 0, limit: 0 } as const
    const [spent] = store.budget.spent([place])
    assert.equal(spent?.reserved, 0, 'nothing is reserved any more')
    assert.ok(isClose(spent.used, usd), `the ledger has $${spent.used}, what was told costs $${usd}`)
    assert.ok(isClose(shown, all), `the answers show $${shown} of $${all}`)
  }

  #holdRecord(run: Run, record: RequestRecord, at: number): void {
    const [fault, told] = [run.done[at], run.told[at]]
    const { input, output, cacheRead, cacheWrite, cost, outcome } = record
    const tokens = { input, output, cacheRead, cacheWrite }
    const isWhole = outcome === 'done' || (outcome === 'failed' && fault?.kind === 'counted')
    if (told && isWhole) {
      assert.deepEqual(tokens, tokensTold(run.kind, told), 'what it used is what was told')
      const expected = told.cost ?? usdOf(tokens)
      return assert.ok(cost !== undefined && isClose(cost, expected), `it cost $${cost}, told was $${expected}`)
    }
    assert.notEqual(outcome, 'done', 'a whole answer tells what it used')
    if (tokensOf(tokens) === 0 && cost === undefined) return
    // Nobody told all of it: what came is counted, and no more than what was sent.
    const sent = estimateTokens(run.turns[at]?.sent ?? '') + (fault?.kind === 'thought' ? estimateTokens(THOUGHT) : 0)
    assert.ok(told || output <= Math.max(1, sent), `${output} tokens of ${sent} that were sent`)
    const expected = told?.cost !== undefined && cost === told.cost ? told.cost : usdOf(tokens)
    assert.ok(cost !== undefined && isClose(cost, expected), `$${cost} for ${JSON.stringify(tokens)}`)
  }

  /** What failed draws nothing. So does all that was asked with a key of the person's own. */
  #draw(pool: string, record: RequestRecord): void {
    const { rate } = credits[pool]!
    const drawn =
      record.outcome === 'failed' ? 0 : rate.tokens ? tokensOf(record) / rate.tokens : (record.cost ?? 0) / rate.usd!
    this.#drawn.set(pool, (this.#drawn.get(pool) ?? 0) + drawn)
  }

  /** Holds all of them together: `entries` were reserved. */
  holdAll(entries: number, path: string): void {
    const all: Cap = { of: 'all', since: 0, limit: 0 }
    const pools = [...this.#drawn].map(([key]): Cap => ({ of: 'pool', key, since: 0, limit: 0 }))
    const [spent, ...drawn] = this.#store().budget.spent([all, ...pools])
    assert.equal(spent?.reserved, 0)
    assert.ok(Math.abs(spent.used - this.usd) < 1e-6, `$${spent.used} of $${this.usd}`)
    ;[...this.#drawn].forEach(([pool, credits], at) => {
      assert.equal(drawn[at]?.reserved, 0)
      assert.ok(Math.abs(drawn[at].used - credits) < 1e-6, `${drawn[at].used} of ${credits} credits of ${pool}`)
    })
    const database = new DatabaseSync(path, { readOnly: true })
    const rows = database.prepare('SELECT state, count(*) AS n FROM budget_entry GROUP BY state').all()
    database.close()
    assert.equal(
      rows.reduce((sum, { n }) => sum + Number(n), 0),
      entries,
      'one entry for each request',
    )
    assert.ok(rows.every(({ state }) => state !== 'reserve'))
  }
}
