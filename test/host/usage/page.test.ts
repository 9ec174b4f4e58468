import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { csvOf } from '../../../src/host/usage/export.ts'
import { Experience } from '../../../src/host/usage/experience.ts'
import { Expiry } from '../../../src/host/usage/expiry.ts'
import { usagePage } from '../../../src/host/usage/page.ts'
import { statusText } from '../../../src/host/usage/words.ts'
import type { ModelGroup, ToUsageHost, ToWebview, UsageView } from '../../../src/shared/protocol.ts'
import type { UsageRow } from '../../../src/shared/usage.ts'
import type { RequestRecord } from '../../../src/shared/usage-record.ts'
import type { Store } from '../../../src/store/store.ts'
import { Place } from '../../store/support.ts'

const NOON = new Date(2026, 10, 21, 12).getTime()
const DAY = 86_400_000
let count = 0
const record = (fields: Partial<RequestRecord> = {}): RequestRecord => ({
  id: `page-${count++}`,
  provider: 'anthropic',
  model: 'claude',
  startedAt: NOON,
  durationMs: 2_000,
  firstTokenMs: 500,
  input: 100,
  output: 30,
  cacheRead: 1_000_000,
  cacheWrite: 5,
  reasoning: 3,
  cost: 0.25,
  attempt: 1,
  outcome: 'done',
  ...fields,
})
const log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

describe('the host of the usage page', () => {
  let place: Place
  let store: Store
  let saved: { name: string; text: string }[]
  let opened: string[]
  beforeEach(() => {
    place = new Place()
    store = place.open({ clock: () => NOON })
    saved = []
    opened = []
  })
  afterEach(() => place.dispose())

  const GROUPS = [
    {
      provider: 'anthropic',
      label: 'Anthropic',
      models: [{ id: 'claude', provider: 'anthropic', price: { input: 3, cacheRead: 0.3 } }],
    },
  ] as unknown as ModelGroup[]
  let groups = GROUPS
  afterEach(() => void (groups = GROUPS))

  async function ask(name: ToUsageHost['name'], body: object): Promise<ToWebview> {
    const answers: ToWebview[] = []
    const receive = usagePage({
      store: () => store,
      models: async () => groups,
      saveFile: async (file, bytes) => void saved.push({ name: file, text: new TextDecoder().decode(bytes) }),
      openChat: (id) => void opened.push(id),
      log,
      now: () => NOON,
    })
    await receive({ type: 'request', id: 1, name, body } as ToUsageHost, (answer) => answers.push(answer))
    assert.equal(answers.length, 1)
    return answers[0]!
  }

  it('tells what requests came to, what the cache saved and what providers are called', async () => {
    store.requests.insert(record())
    const answer = await ask('usage', { from: '2026-11-21', to: '2026-11-21' })
    assert.equal(answer.type, 'response')
    const view = (answer as { body: UsageView }).body
    assert.equal(view.report.totals.cost, 0.25)
    assert.deepEqual(view.savings, { saved: 2.7, unknown: 0 })
    assert.deepEqual(view.labels, { anthropic: 'Anthropic' })
    assert.equal(view.today, '2026-11-21')
  })

  it('says which it is of several providers that are called the same', async () => {
    const gateway = { label: 'Gateway', models: [] }
    groups = [...GROUPS, { ...gateway, provider: 'team' }, { ...gateway, provider: 'home' }] as unknown as ModelGroup[]
    const { labels } = ((await ask('usage', {})) as { body: UsageView }).body
    assert.deepEqual(labels, { anthropic: 'Anthropic', team: 'Gateway (team)', home: 'Gateway (home)' })
  })

  it('saves what is asked for, as a table and as JSON that read back the same', async () => {
    store.requests.insert(record({ workspace: 'file:///a,b/"c"', agent: '=HYPERLINK("x")' }))
    store.requests.insert(record({ startedAt: NOON - 9 * DAY }))
    const query = { from: '2026-11-20', to: '2026-11-21' }
    await ask('export-usage', { query, format: 'csv' })
    await ask('export-usage', { query, format: 'json' })
    const [table, json] = saved
    assert.equal(table?.name, 'panelist-usage-2026-11-20-to-2026-11-21.csv')
    assert.equal(
      table?.text,
      'day,provider,model,agent,workspace,keyProfile,failure,requests,input,output,cacheRead,cacheWrite,reasoning,cost,unpriced\r\n' +
        '2026-11-21,anthropic,claude,"\'=HYPERLINK(""x"")","file:///a,b/""c""",,,1,100,30,1000000,5,3,0.25,0\r\n',
    )
    const { rows, report } = JSON.parse(json?.text ?? '') as { rows: UsageRow[]; report: UsageView['report'] }
    assert.equal(rows.length, 1)
    assert.deepEqual(report.totals, store.usage.report(query).totals)
  })

  it('says in the file that it is UTF-8, so that no spreadsheet takes it for something else', () => {
    assert.equal(csvOf([]).charCodeAt(0), 0xfeff)
    assert.match(csvOf([]), /^\uFEFFday,provider,/)
  })

  it('writes no cell that a spreadsheet would run', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const row = { ...store.usage.rows({})[0], day: 'd', provider: name } as UsageRow
        const cell = csvOf([row]).split('\r\n')[1]?.split(',')[1] ?? ''
        assert.doesNotMatch(cell, /^"?[=+\-@]/)
      }),
    )
  })

  it('opens a chat, and says where it is gone', async () => {
    const { id } = store.conversations.create({ title: 'Here' })
    assert.equal((await ask('open-chat', { conversation: id })).type, 'response')
    assert.deepEqual(await ask('open-chat', { conversation: 'gone' }), {
      type: 'error',
      id: 1,
      message: 'This chat is no longer there.',
    })
    assert.deepEqual(opened, [id])
  })

  it('says in the status bar what today cost, once it cost something', () => {
    assert.equal(statusText({ cost: 0, requests: 3, unpriced: 3 }), undefined)
    assert.deepEqual(statusText({ cost: 1.234, requests: 2, unpriced: 0 }), {
      short: '$(graph) $1.23',
      long: 'Panelist today: 2 requests, $1.2340',
    })
    const some = statusText({ cost: 0.001, requests: 1, unpriced: 1 })
    assert.equal(some?.short, '$(graph) <$0.01')
    assert.match(some?.long ?? '', /1 request, at least \$0\.001000: nobody knows what 1 of them cost/)
  })

  it('counts the speeds of models again only after there was a request', () => {
    store.requests.insert(record())
    const experience = new Experience(
      () => store,
      () => NOON,
    )
    assert.equal(experience.get().speeds[0]?.answers, 1)
    assert.equal(experience.get().health['anthropic']?.state, 'ok')
    store.requests.insert(record())
    assert.equal(experience.get().speeds[0]?.answers, 1)
    assert.equal(experience.renew(), false, 'it does as it did')
    assert.equal(experience.get().speeds[0]?.answers, 2)
  })

  it('hears that a provider does otherwise than was told, also long after that and when time alone has passed', () => {
    let now = NOON
    const experience = new Experience(
      () => store,
      () => now,
    )
    store.requests.insert(record())
    assert.equal(experience.renew(), false, 'nobody was told anything')
    assert.equal(experience.get().health['anthropic']?.state, 'ok')
    now += 60_000
    store.requests.insert(record({ startedAt: now, outcome: 'failed', failureCode: 'rate-limit' }))
    assert.equal(experience.renew(), true)
    assert.deepEqual([experience.get().health['anthropic']?.state, experience.troubled], ['limited', true])
    now += 31 * 60_000
    assert.equal(experience.renew(), true)
    assert.deepEqual([experience.get().health['anthropic'], experience.troubled], [undefined, false])
  })

  it('drops what is too old little by little, and nothing where all is kept', async () => {
    for (let number = 0; number < 1_300; number++) store.requests.insert(record({ startedAt: NOON - 11 * DAY }))
    store.requests.insert(record())
    const left = (): number => store.usage.report({}).totals.requests
    const expiry = (days: number): Expiry =>
      new Expiry({ store: () => store, keepDays: () => days, log, now: () => NOON, between: 1 })
    const entry = { id: 'old', at: NOON - 100 * DAY, amount: 1, credits: 0, conversation: 'c' }
    store.budget.reserve(entry, [])
    store.budget.settle('old', { amount: 1, credits: 0 })
    const spent = (since: number): number | undefined => store.budget.spent([{ of: 'all', since, limit: 0 }])[0]?.used
    const never = expiry(0)
    never.begin()
    await sleep(20)
    assert.equal(left(), 1_301)
    assert.deepEqual([spent(0), spent(1)], [1, 0], 'what was spent is kept, and no longer when')
    const soon = expiry(10)
    for (const days of [3_000_000, 9_999_999, 1e12]) {
      const late = expiry(days)
      late.begin()
      await sleep(20)
      late.dispose()
      assert.equal(left(), 1_301, `${days} days are longer than there were any`)
    }
    soon.begin()
    soon.begin()
    for (const deadline = Date.now() + 30_000; left() > 1; await sleep(10))
      assert.ok(Date.now() < deadline, `${left()} left`)
    assert.equal(store.requests.list({ limit: 5_000 }).length, 1)
    never.dispose()
    soon.dispose()
  })
})
