/** What requests come to, by plain code over all of them. */
import { dayOf, startOf } from '../../shared/day.ts'
import { DIMENSIONS, noSums } from '../../shared/usage.ts'
import type { ChatCost, Sums, UsageQuery, UsageReport, UsageRow } from '../../shared/usage.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'
import type { UsageStatistics } from '../contract/usage.ts'
import type { Tables } from '../memory-tables.ts'
import { liveConversation } from '../memory-tables.ts'
import { Groups, add, dearestChats } from './groups.ts'
import type { Slice } from './groups.ts'
import { RECENT, isTimed, modelSpeeds, speedOf } from './speed.ts'

/** Rows that are removed at a time. */
const PIECE = 500

export function createMemoryUsage(tables: Tables, requests: RequestRecord[], clock: () => number): UsageStatistics {
  return {
    report: (query) => report(tables, requests, query),
    rows: (query) => list(requests, query),
    today() {
      const day = dayOf(clock())
      const { totals } = report(tables, requests, { from: day, to: day })
      return { cost: totals.cost, requests: totals.requests, unpriced: totals.unpriced }
    },
    speeds: () => modelSpeeds(newest(requests).filter(isTimed).slice(0, RECENT)),
    expire(before) {
      const end = startOf(dayOf(before))
      const old = new Set(
        requests
          .filter(({ startedAt }) => startedAt < end)
          .sort((a, b) => a.startedAt - b.startedAt)
          .slice(0, PIECE),
      )
      const kept = requests.filter((record) => !old.has(record))
      requests.splice(0, requests.length, ...kept)
      return kept.some(({ startedAt }) => startedAt < end)
    },
  }
}

const newest = (requests: readonly RequestRecord[]): RequestRecord[] =>
  requests.toReversed().sort((a, b) => b.startedAt - a.startedAt)

function matching(requests: readonly RequestRecord[], query: UsageQuery): RequestRecord[] {
  const { from = '', to = '9999-99-99', filters = {} } = query
  return requests.filter((record) => {
    const day = dayOf(record.startedAt)
    const slice = sliceOf(record)
    return day >= from && day <= to && DIMENSIONS.every((name) => (filters[name] ?? slice[name]) === slice[name])
  })
}

function list(requests: readonly RequestRecord[], query: UsageQuery): UsageRow[] {
  const found = new Map<string, UsageRow>()
  for (const record of matching(requests, query)) {
    const [day, slice, failure] = [dayOf(record.startedAt), sliceOf(record), failureOf(record)]
    const { provider, model, agent, workspace, keyProfile } = slice
    const key = [day, provider, model, agent, workspace, keyProfile, failure].join('\n')
    const { failures: _, ...sums } = sumsOf(record)
    const row = found.get(key)
    if (!row) found.set(key, { day, ...slice, failure, ...sums })
    else for (const kind of Object.keys(sums) as (keyof typeof sums)[]) row[kind] += sums[kind]
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function report(tables: Tables, requests: readonly RequestRecord[], query: UsageQuery): UsageReport {
  const groups = new Groups()
  const days = new Map<string, Sums & { day: string }>()
  const providerDays = new Map<string, UsageReport['providerDays'][number]>()
  const chats = new Map<string, ChatCost>()
  const taken = matching(requests, query)
  for (const record of taken) {
    const [day, sums] = [dayOf(record.startedAt), sumsOf(record)]
    groups.add(sliceOf(record), sums)
    const failure = failureOf(record)
    if (failure) groups.failed(failure, 1)
    const ofDay = days.get(day) ?? { day, ...noSums() }
    days.set(day, ofDay)
    add(ofDay, sums)
    const { provider } = record
    const ofBoth = providerDays.get(`${day}\n${provider}`) ?? { day, provider, cost: 0, requests: 0 }
    providerDays.set(`${day}\n${provider}`, ofBoth)
    ofBoth.cost += sums.cost
    ofBoth.requests++
    if (record.conversation === undefined) continue
    const chat = chats.get(record.conversation) ?? newChat(tables, record.conversation)
    chats.set(record.conversation, chat)
    chat.requests++
    chat.cost += sums.cost
    chat.unpriced += sums.unpriced
  }
  const first = requests.map(({ startedAt }) => dayOf(startedAt)).sort()[0]
  const inOrder = <Row extends { day: string; provider?: string }>(rows: Iterable<Row>): Row[] =>
    [...rows].sort((a, b) => (`${a.day}${a.provider ?? ''}` < `${b.day}${b.provider ?? ''}` ? -1 : 1))
  return {
    ...(first !== undefined && { first }),
    totals: groups.totals,
    days: inOrder(days.values()),
    providerDays: inOrder(providerDays.values()),
    by: groups.by,
    failures: groups.failures,
    chats: dearestChats([...chats.values()].filter(({ cost }) => cost > 0)),
    speed: speedOf(taken.filter(isTimed), taken.length),
  }
}

function newChat(tables: Tables, conversation: string): ChatCost {
  const title = liveConversation(tables, conversation)?.title
  return { conversation, ...(title !== undefined && { title }), requests: 0, cost: 0, unpriced: 0 }
}

const failureOf = ({ outcome, failureCode }: RequestRecord): string =>
  outcome === 'failed' ? (failureCode ?? 'unknown') : ''

function sliceOf({ provider, model, agent = '', workspace = '', keyProfile = '' }: RequestRecord): Slice {
  return { provider, model, agent, workspace, keyProfile }
}

function sumsOf(record: RequestRecord): Sums {
  const { input, output, cacheRead, cacheWrite, reasoning, cost } = record
  const used = input + output + cacheRead + cacheWrite > 0
  return {
    requests: 1,
    failures: failureOf(record) ? 1 : 0,
    input,
    output,
    cacheRead,
    cacheWrite,
    reasoning,
    cost: cost ?? 0,
    unpriced: cost === undefined && used ? 1 : 0,
  }
}
