import type { BenchmarkRun } from '../../shared/benchmark.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { Context } from '../context.ts'
import type { Benchmarks } from '../contract/benchmarks.ts'

export function createBenchmarks({ database, reading, report }: Context): Benchmarks {
  const put = database.prepare(
    `INSERT INTO benchmark_run (id, started_at, body) VALUES (:id, :started, :body)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
  )
  const one = database.prepare('SELECT body FROM benchmark_run WHERE id = ?')
  const newest = database.prepare('SELECT body FROM benchmark_run ORDER BY started_at DESC, rowid DESC LIMIT ?')
  const remove = database.prepare('DELETE FROM benchmark_run WHERE id = ?')

  const runIn = (row: Record<string, unknown>): BenchmarkRun[] => {
    const run = runOf(String(row['body']))
    if (!run) report('The results of a comparison of models are damaged and left out.')
    return run ? [run] : []
  }
  return {
    put: (run) => void put.run({ id: run.id, started: run.startedAt, body: JSON.stringify(run) }),
    get: (id) => reading.rows('A comparison of models', () => one.iterate(id)).flatMap(runIn)[0],
    list: (limit) => reading.rows('Comparisons of models', () => newest.iterate(limit)).flatMap(runIn),
    remove: (id) => void remove.run(id),
  }
}

/** Undefined where the text is no run. */
function runOf(text: string): BenchmarkRun | undefined {
  const value = parseJson(text)
  const lists = isObject(value) && [value['results'], value['models'], value['prompts']]
  if (!lists || !lists.every(Array.isArray) || !isObject(value['names'])) return undefined
  return value as unknown as BenchmarkRun
}
