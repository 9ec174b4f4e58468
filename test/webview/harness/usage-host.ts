/** Stands in for VS Code and the host of the usage page: answers from a made-up year of requests, or as it is told. */
import { daysBetween } from '../../../src/shared/day.ts'
import type { ToUsageHost, UsageView } from '../../../src/shared/protocol.ts'
import { DIMENSIONS, noSums } from '../../../src/shared/usage.ts'
import type { Speed, Sums, UsageGroup, UsageQuery, UsageReport } from '../../../src/shared/usage.ts'

const TODAY = '2026-11-21'
const FIRST = '2025-12-03'
const [scene, violations]: [string, string[]] = [new URLSearchParams(location.search).get('scene') ?? 'full', []]
const asked: ToUsageHost[] = []

/** The same number for the same words. */
function luck(words: string): number {
  let hash = 2166136261
  for (const letter of words) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619)
  return ((hash >>> 8) % 1000) / 1000
}

const MODELS = [
  { provider: 'anthropic', name: 'claude-sonnet-4-5', weight: 1, cost: 0.021 },
  { provider: 'openai', name: 'gpt-5.2', weight: 0.6, cost: 0.012 },
  { provider: 'google', name: 'gemini-3-pro', weight: 0.35, cost: 0.006 },
  { provider: 'ollama', name: 'qwen3:8b', weight: 0.3, cost: 0 },
]
const OTHERS = {
  agent: ['', 'file:///home/me/.github/agents/reviewer.agent.md', 'planner.agent.md'],
  workspace: ['file:///home/me/projects/panelist', 'file:///home/me/projects/a%20site', ''],
  keyProfile: ['work', 'default'],
}

function sumsOf(day: string, { provider, weight, cost }: (typeof MODELS)[number]): Sums {
  const weekend = [0, 6].includes(new Date(`${day}T12:00`).getDay()) ? 0.15 : 1
  const requests = Math.round(60 * weight * weekend * (0.4 + luck(day + provider)))
  return {
    requests,
    failures: Math.round(requests * 0.06 * luck(`${provider}${day}`)),
    input: requests * 1_900,
    output: requests * 640,
    cacheRead: requests * (provider === 'ollama' ? 0 : 5_200),
    cacheWrite: requests * (provider === 'anthropic' ? 700 : 0),
    reasoning: requests * 210,
    cost: requests * cost,
    unpriced: cost === 0 ? requests : 0,
  }
}

const add = (to: Sums, more: Sums, share = 1): void => {
  for (const kind of Object.keys(noSums()) as (keyof Sums)[]) {
    const part = more[kind] * share
    to[kind] += kind === 'cost' ? part : Math.round(part)
  }
}

const speed = (words: string, answers: number): Speed => {
  const median = 500 + 900 * luck(words)
  const rate = 45 + 60 * luck(`${words} rate`)
  return { answers, firstToken: { median, p95: median * 3.2 }, rate: { median: rate, p95: rate * 1.7 } }
}

function report({ from = FIRST, to = TODAY, filters = {} }: UsageQuery): UsageReport {
  const models = MODELS.filter(
    ({ provider, name }) => (filters.provider ?? provider) === provider && (filters.model ?? name) === name,
  )
  const totals = noSums()
  const groups = models.map((model) => ({ model, group: { name: model.name, provider: model.provider, ...noSums() } }))
  const days: UsageReport['days'] = []
  const providerDays: UsageReport['providerDays'] = []
  for (const day of daysBetween(from < FIRST ? FIRST : from, to)) {
    const ofDay = { day, ...noSums() }
    for (const { model, group } of groups) {
      const sums = sumsOf(day, model)
      for (const one of [totals, group, ofDay]) add(one, sums)
      providerDays.push({ day, provider: model.provider, cost: sums.cost, requests: sums.requests })
    }
    if (ofDay.requests > 0) days.push(ofDay)
  }
  const shared = (names: string[]): UsageGroup[] =>
    names.map((name, place) => {
      const group = { name, ...noSums() }
      add(group, totals, [0.55, 0.3, 0.15][place])
      return group
    })
  const by = {
    model: groups.map(({ group }) => group),
    provider: groups.map(({ group: { provider, ...sums } }) => ({ ...sums, name: provider })),
    agent: shared(OTHERS.agent),
    workspace: shared(OTHERS.workspace),
    keyProfile: shared(OTHERS.keyProfile),
  }
  const ofSpeed = (dimension: (typeof DIMENSIONS)[number]) =>
    by[dimension].map((group) => ({
      name: group.name,
      ...('provider' in group && { provider: group.provider as string }),
      ...speed(group.name, group.requests),
    }))
  return {
    first: FIRST,
    totals,
    days,
    providerDays,
    by,
    failures: [
      { code: 'overloaded', requests: Math.round(totals.failures * 0.6) },
      { code: 'rate-limit', requests: Math.round(totals.failures * 0.3) },
      { code: 'timeout', requests: Math.round(totals.failures * 0.1) },
    ],
    chats: ['Ring buffers in TypeScript', 'Why does the flush stall?', undefined, 'Release notes', ...'abcdefgh'].map(
      (title, place) => ({
        conversation: `c${place}`,
        ...(title !== undefined && { title }),
        requests: 120 - place * 9,
        cost: 14.2 / (place + 1),
        unpriced: place === 1 ? 3 : 0,
      }),
    ),
    speed: {
      sampled: Math.min(totals.requests, 6_000),
      of: totals.requests,
      total: speed('all', totals.requests),
      days: days.map(({ day, requests }) => ({ day, ...speed(day, requests) })),
      by: {
        model: ofSpeed('model'),
        provider: ofSpeed('provider'),
        agent: ofSpeed('agent'),
        workspace: ofSpeed('workspace'),
        keyProfile: ofSpeed('keyProfile'),
      },
    },
  }
}

const NOTHING: UsageReport = {
  totals: noSums(),
  days: [],
  providerDays: [],
  by: { provider: [], model: [], agent: [], workspace: [], keyProfile: [] },
  failures: [],
  chats: [],
  speed: {
    sampled: 0,
    of: 0,
    total: { answers: 0 },
    days: [],
    by: { provider: [], model: [], agent: [], workspace: [], keyProfile: [] },
  },
}

function view(query: UsageQuery): UsageView {
  return {
    report: scene === 'none' ? NOTHING : report(query),
    savings: { saved: scene === 'none' ? 0 : 38.4, unknown: scene === 'twins' ? 500 : 0 },
    today: window.usageToday,
    labels: {
      ...{ anthropic: 'Anthropic', openai: 'OpenAI', google: 'Google', ollama: 'Ollama' },
      ...(scene === 'twins' && { anthropic: 'Gateway', openai: 'Gateway' }),
    },
    ...(scene === 'full' && {
      budgets: [
        { scope: 'day', limit: 10, used: 2.35, reserved: 0 },
        { scope: 'month', limit: 100, used: 86.2, reserved: 0.2, warns: true },
      ],
    }),
  }
}

function receive(message: ToUsageHost): void {
  asked.push(message)
  const post = (data: object): void => void setTimeout(() => window.postMessage({ id: message.id, ...data }, '*'), 5)
  if (message.name === 'open-chat' && message.body.conversation === 'c1')
    return post({ type: 'error', message: 'This chat is no longer there.' })
  post({ type: 'response', body: message.name === 'usage' ? view(message.body) : {} })
}

document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
})

declare global {
  interface Window {
    usageAsked: ToUsageHost[]
    /** Which day it is where the host is. */
    usageToday: string
  }
}

const STATE = 'panelist.usage.state'
Object.assign(window, {
  violations,
  usageAsked: asked,
  usageToday: TODAY,
  acquireVsCodeApi: () => ({
    postMessage: (message: unknown) => receive(structuredClone(message) as ToUsageHost),
    getState: () => JSON.parse(sessionStorage.getItem(STATE) ?? 'null') as unknown,
    setState: (state: unknown) => sessionStorage.setItem(STATE, JSON.stringify(state)),
  }),
})
