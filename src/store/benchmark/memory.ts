import type { BenchmarkRun } from '../../shared/benchmark.ts'
import type { Benchmarks } from '../contract/benchmarks.ts'

export function createMemoryBenchmarks(): Benchmarks {
  const runs = new Map<string, BenchmarkRun>()
  return {
    put: (run) => void runs.set(run.id, structuredClone(run)),
    get: (id) => structuredClone(runs.get(id)),
    list: (limit) =>
      structuredClone(
        [...runs.values()]
          .toReversed()
          .sort((one, other) => other.startedAt - one.startedAt)
          .slice(0, limit),
      ),
    remove: (id) => void runs.delete(id),
  }
}
