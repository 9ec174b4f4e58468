/**
 * Comparisons of models: a run each, with its results as JSON. It has shipped: it never changes.
 */
export const BENCHMARK_TABLE = `
CREATE TABLE benchmark_run (
  id TEXT PRIMARY KEY,
  started_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX benchmark_run_by_start ON benchmark_run (started_at);
`
