/** Comparisons of models as a host would tell of them. */
import type { BenchmarkPlan, BenchmarkResult, BenchmarkRow } from '../../../src/shared/benchmark.ts'
import type { BenchmarkEstimate, BenchmarkSummary, BenchmarkView } from '../../../src/shared/protocol.ts'

const row = (provider: string, model: string, name: string, more: Partial<BenchmarkRow> = {}): BenchmarkRow => {
  const base = { asked: 10, failed: 0, retried: 0, cost: 0.0123, unpriced: 0, passed: 6, checked: 8, judged: 0 }
  return { provider, model, name, firstTokenMs: 640, rate: 84.2, ...base, ...more }
}

const summary = (id: string, startedAt: number, rows: BenchmarkRow[]): BenchmarkSummary => ({
  id,
  startedAt,
  endedAt: startedAt + 60_000,
  prompts: ['Fact', 'JSON', 'Long answer'],
  repeats: 2,
  rows,
})

const AT = Date.UTC(2026, 10, 20, 9, 0)

export function benchmarkView(): BenchmarkView {
  const judge = { provider: 'anthropic', model: 'claude-opus-4-5' }
  return {
    prompts: [
      { name: 'Fact', text: 'What is the capital of Australia?', checks: ['contains'] },
      { name: 'JSON', text: 'Write a JSON object.', checks: ['json-schema'] },
      { name: 'Long answer', text: 'Explain a bridge.', checks: ['judge'] },
    ],
    problems: [],
    runs: [
      {
        ...summary('new', AT, [
          row('anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', { score: 8.4, judged: 4 }),
          row('openai', 'gpt-5-mini', 'GPT-5 mini', {
            firstTokenMs: 1280,
            rate: 151,
            cost: 0.0021,
            passed: 8,
            retried: 1,
          }),
          row('ollama', 'qwen3:8b', 'qwen3:8b', {
            firstTokenMs: 210,
            rate: 31.7,
            cost: 0,
            failed: 3,
            passed: 2,
            checked: 5,
          }),
        ]),
        judge,
        judgedBy: 'Claude Opus 4.5',
        judgeCost: 0.0314,
      },
      summary('old', AT - 7 * 86_400_000, [
        row('anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', { firstTokenMs: 900, rate: 60 }),
        row('openai', 'gpt-5-mini', 'GPT-5 mini', { firstTokenMs: 1100, rate: 140, cost: 0.0025 }),
      ]),
    ],
  }
}

export const noComparisons = (): BenchmarkView => ({ ...benchmarkView(), runs: [] })

/** What a plan comes to: models of Ollama have no price here. */
export function estimateOf({ models, prompts, repeats, judge }: BenchmarkPlan): BenchmarkEstimate {
  const priced = models.filter(({ provider }) => provider !== 'ollama')
  return {
    requests: models.length * prompts.length * repeats,
    judgements: judge ? models.length * repeats : 0,
    most: priced.length * prompts.length * repeats * 0.01,
    unpriced: models.filter((one) => !priced.includes(one)).map(({ model }) => model),
    commands: [],
  }
}

export function resultsOf(): BenchmarkResult[] {
  const base = { repeat: 1, startedAt: AT, durationMs: 2000, output: 80, attempts: 1, checks: [] }
  const sonnet = { provider: 'anthropic', model: 'claude-sonnet-4-5', ...base }
  const failure = { code: 'overloaded' as const, message: 'Ollama is overloaded. Try again in a moment.' }
  return [
    { ...sonnet, prompt: 'Fact', checks: [{ kind: 'contains', passed: true }] },
    { ...sonnet, prompt: 'JSON', checks: [{ kind: 'json-schema', passed: false, why: 'It is no JSON.' }] },
    { ...sonnet, prompt: 'Long answer', checks: [{ kind: 'judge', passed: true, score: 8, why: 'Clear.' }] },
    { ...base, provider: 'ollama', model: 'qwen3:8b', prompt: 'Fact', failure },
  ]
}
