/** What a run comes to for each of its models. Speeds are counted as those of everyday requests are. */
import type { BenchmarkResult, BenchmarkRow, BenchmarkRun } from '../../shared/benchmark.ts'
import { modelKey } from '../../shared/benchmark.ts'
import type { BenchmarkSummary } from '../../shared/protocol.ts'
import { rateOf } from '../../shared/usage.ts'
import { percentilesOf } from '../../store/usage-sums/speed.ts'

export function rowsOf({ models, names, results }: Pick<BenchmarkRun, 'models' | 'names' | 'results'>): BenchmarkRow[] {
  return models.map(({ provider, model }) => {
    const own = results.filter((result) => result.provider === provider && result.model === model)
    const answered = own.filter(({ failure }) => !failure)
    const firstToken = percentilesOf(answered.flatMap(({ firstTokenMs }) => firstTokenMs ?? []))
    const rate = percentilesOf(answered.flatMap((result) => rateIn(result) ?? []))
    const checks = own.flatMap(({ checks }) => checks.filter(({ passed }) => passed !== undefined))
    const local = checks.filter(({ kind }) => kind !== 'judge')
    const scores = checks.flatMap(({ score }) => score ?? [])
    return {
      provider,
      model,
      name: names[modelKey({ provider, model })] ?? model,
      asked: own.length,
      failed: own.length - answered.length,
      retried: own.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0),
      ...(firstToken && { firstTokenMs: firstToken.median }),
      ...(rate && { rate: rate.median }),
      cost: own.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
      // A failure that brought nothing costs nothing.
      unpriced: own.filter(({ cost, failure, output }) => cost === undefined && (!failure || output > 0)).length,
      passed: local.filter(({ passed }) => passed).length,
      checked: local.length,
      ...(scores.length > 0 && { score: scores.reduce((sum, score) => sum + score, 0) / scores.length }),
      judged: scores.length,
    }
  })
}

function rateIn(result: BenchmarkResult): number | undefined {
  const { firstTokenMs } = result
  return firstTokenMs === undefined ? undefined : rateOf({ ...result, firstTokenMs })
}

export function summaryOf({ results, models, names, ...run }: BenchmarkRun): BenchmarkSummary {
  const judged = results.flatMap(({ judgeCost }) => judgeCost ?? [])
  return {
    ...run,
    rows: rowsOf({ models, names, results }),
    ...(run.judge && { judgedBy: names[modelKey(run.judge)] ?? run.judge.model }),
    ...(judged.length > 0 && { judgeCost: judged.reduce((sum, cost) => sum + cost, 0) }),
  }
}
