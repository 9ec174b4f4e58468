/**
 * Requests added up by day, for statistics that do not read every one of them. It has shipped: it never changes.
 *
 * A slice is one combination of provider, model, key, agent and workspace, empty where there is none; slice 0 of a
 * conversation is all of it. Keys begin with what a question groups by, so that a million requests need no sorting. Days are numbers like
 * 20261121, of the calendar where the request was made. A trigger keeps it in the transaction of the request, whoever writes
 * it; nothing updates requests, and who deletes them deletes their days too (`sqlite.ts`, `copies.ts`).
 */
const DAY = (time: string): string =>
  `coalesce(CAST(strftime('%Y%m%d', ${time} / 1000, 'unixepoch', 'localtime') AS INTEGER), 0)`
const SLICE = (of: string): string =>
  `${of}.provider, ${of}.model, coalesce(${of}.key_profile, ''), coalesce(${of}.agent, ''), coalesce(${of}.workspace, '')`
const FAILURE = (of: string): string =>
  `CASE WHEN ${of}.outcome = 'failed' THEN coalesce(${of}.failure_code, 'unknown') ELSE '' END`
const UNPRICED = (of: string): string =>
  `(${of}.cost IS NULL AND ${of}.input + ${of}.output + ${of}.cache_read + ${of}.cache_write > 0)`
const SLICE_OF = (of: string): string =>
  `(SELECT id FROM usage_slice WHERE (provider, model, key_profile, agent, workspace) = (${SLICE(of)}))`
const SLICE_COLUMNS = 'provider, model, key_profile, agent, workspace'

const NEW_SUMS = (
  failures: string,
): string => `requests = requests + 1,${failures} input = input + new.input, output = output + new.output,
    cache_read = cache_read + new.cache_read, cache_write = cache_write + new.cache_write,
    reasoning = reasoning + new.reasoning, cost = cost + coalesce(new.cost, 0), unpriced = unpriced + ${UNPRICED('new')}`
const SUMS = `count(*), FAILURES sum(input), sum(output), sum(cache_read), sum(cache_write), sum(reasoning), total(cost),
  sum${UNPRICED('request')}`
const WITH_SLICE = `FROM request JOIN usage_slice ON usage_slice.provider = request.provider AND usage_slice.model = request.model
  AND usage_slice.key_profile = coalesce(request.key_profile, '') AND usage_slice.agent = coalesce(request.agent, '')
  AND usage_slice.workspace = coalesce(request.workspace, '')`
const CHAT = (slice: string): string => `
  INSERT INTO usage_chat
    SELECT ${slice}, ${DAY('started_at')}, conversation, count(*), total(cost), sum${UNPRICED('request')} ${WITH_SLICE}
    WHERE conversation IS NOT NULL GROUP BY 1, 2, 3;`

/** Adds up every request there is into the tables, which are empty. */
export const FILL_USAGE = `
INSERT OR IGNORE INTO usage_slice (${SLICE_COLUMNS}) SELECT DISTINCT ${SLICE('request')} FROM request;
INSERT INTO usage_day SELECT usage_slice.id, ${DAY('started_at')}, ${FAILURE('request')}, ${SUMS.replace('FAILURES', '')}
  ${WITH_SLICE} GROUP BY 1, 2, 3;
INSERT INTO usage_series SELECT ${DAY('started_at')}, provider, ${SUMS.replace('FAILURES', "sum(outcome = 'failed'),")}
  FROM request GROUP BY 1, 2;
${CHAT('0')}
${CHAT('usage_slice.id')}
`

const COUNTS = `requests INTEGER NOT NULL DEFAULT 0,FAILURES
  input INTEGER NOT NULL DEFAULT 0,
  output INTEGER NOT NULL DEFAULT 0,
  cache_read INTEGER NOT NULL DEFAULT 0,
  cache_write INTEGER NOT NULL DEFAULT 0,
  reasoning INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0`
const NEW_CHAT = (slice: string): string => `
  INSERT OR IGNORE INTO usage_chat (slice, day, conversation)
    SELECT ${slice}, ${DAY('new.started_at')}, new.conversation WHERE new.conversation IS NOT NULL;
  UPDATE usage_chat SET requests = requests + 1, cost = cost + coalesce(new.cost, 0), unpriced = unpriced + ${UNPRICED('new')}
  WHERE slice = ${slice} AND day = ${DAY('new.started_at')} AND conversation = new.conversation;`

export const USAGE_TABLES = `
CREATE TABLE usage_slice (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_profile TEXT NOT NULL,
  agent TEXT NOT NULL,
  workspace TEXT NOT NULL,
  UNIQUE (${SLICE_COLUMNS})
) STRICT;

CREATE TABLE usage_day (
  slice INTEGER NOT NULL,
  day INTEGER NOT NULL,
  failure TEXT NOT NULL,
  ${COUNTS.replace('FAILURES', '')},
  PRIMARY KEY (slice, day, failure)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_series (
  day INTEGER NOT NULL,
  provider TEXT NOT NULL,
  ${COUNTS.replace('FAILURES', '\n  failures INTEGER NOT NULL DEFAULT 0,')},
  PRIMARY KEY (day, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_chat (
  slice INTEGER NOT NULL,
  day INTEGER NOT NULL,
  conversation TEXT NOT NULL,
  requests INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (slice, day, conversation)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER request_counted AFTER INSERT ON request BEGIN
  INSERT OR IGNORE INTO usage_slice (${SLICE_COLUMNS}) VALUES (${SLICE('new')});
  INSERT OR IGNORE INTO usage_day (slice, day, failure)
    VALUES (${SLICE_OF('new')}, ${DAY('new.started_at')}, ${FAILURE('new')});
  UPDATE usage_day SET ${NEW_SUMS('')}
  WHERE slice = ${SLICE_OF('new')} AND day = ${DAY('new.started_at')} AND failure = ${FAILURE('new')};
  INSERT OR IGNORE INTO usage_series (day, provider) VALUES (${DAY('new.started_at')}, new.provider);
  UPDATE usage_series SET ${NEW_SUMS(" failures = failures + (new.outcome = 'failed'),")}
  WHERE day = ${DAY('new.started_at')} AND provider = new.provider;
  ${NEW_CHAT('0')}
  ${NEW_CHAT(SLICE_OF('new'))}
END;
${FILL_USAGE}
`
