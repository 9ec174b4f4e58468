/** The part of the store's contract that is about comparisons of models. */
import type { BenchmarkRun } from '../../shared/benchmark.ts'

export interface Benchmarks {
  /** Replaces the one with this id. */
  put(run: BenchmarkRun): void
  get(id: string): BenchmarkRun | undefined
  /** The newest first, at most `limit`. */
  list(limit: number): BenchmarkRun[]
  remove(id: string): void
}
