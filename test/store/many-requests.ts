/** A database with very many requests, written past the store as years of use would have. */
import { loadSqlite } from '../../src/store/sqlite.ts'
import { FILL_USAGE } from '../../src/store/usage-sums/schema.ts'

/** The last of them begins at `until` (epoch milliseconds), the first two years before. */
export function writeRequests(path: string, rows: number, until: number): void {
  const sqlite = loadSqlite()
  if (!sqlite) throw new Error('There is no SQLite here.')
  const database = new sqlite.DatabaseSync(path)
  const trigger = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'request_counted'").get()
  const between = Math.floor((730 * 86_400_000) / rows)
  database.exec(`
    BEGIN;
    DROP TRIGGER request_counted;
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ${rows}),
      mixed AS (SELECT n, n / 25 AS chat, (n * 2654435761) & 1048575 AS luck FROM number)
    INSERT INTO request (id, provider, model, key_profile, agent, conversation, workspace, started_at, first_token_ms,
      duration_ms, input, output, cache_read, cache_write, reasoning, cost, attempt, outcome, failure_code)
    SELECT 'many-' || n,
      'provider-' || ((chat * 7 + luck / 4000 % 3) % 6),
      'model-' || ((chat * 7 + luck / 4000 % 3) % 6) || '-' || (luck / 700 % 4),
      CASE chat % 3 WHEN 0 THEN 'work' WHEN 1 THEN 'default' END,
      CASE WHEN chat % 4 > 0 THEN 'agent-' || (chat % 4) END,
      'chat-' || chat, 'file:///home/someone/projects/project-' || (chat / 40 % 12),
      ${until} - (${rows} - 1 - n) * ${between}, CASE WHEN luck % 33 > 0 THEN 200 + luck % 3000 END, 1000 + luck % 40000,
      luck % 5000, luck % 1500, luck % 60000, luck % 800, luck % 300, CASE WHEN luck % 20 > 0 THEN (luck % 1000) / 10000.0 END,
      1, CASE WHEN luck % 33 = 0 THEN 'failed' ELSE 'done' END,
      CASE WHEN luck % 33 = 0 THEN CASE luck % 3 WHEN 0 THEN 'overloaded' WHEN 1 THEN 'rate-limit' ELSE 'timeout' END END
    FROM mixed;
    ${FILL_USAGE}
    ${String(trigger?.['sql'])};
    COMMIT;
  `)
  database.close()
}
