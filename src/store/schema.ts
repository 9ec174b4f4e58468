/**
 * The schema as it was released, version by version. What is here has shipped: it never changes, a new version is added.
 *
 * Times are epoch milliseconds. JSON is text, so that one damaged value costs one row. `message.parent_id` is no foreign
 * key, because a branch must survive the loss of one of its messages. Request records outlive their conversation.
 */
import { BENCHMARK_TABLE } from './benchmark/schema.ts'
import { RATE_TABLES } from './rates/schema.ts'
import { USAGE_TABLES } from './usage-sums/schema.ts'

export const VERSION_1 = `
CREATE TABLE conversation (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  workspace TEXT,
  choice TEXT,
  leaf TEXT
) STRICT;
CREATE INDEX conversation_by_update ON conversation (updated_at);

CREATE TABLE message (
  id TEXT PRIMARY KEY,
  conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
  parent_id TEXT,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  owner TEXT,
  body TEXT NOT NULL,
  timing TEXT,
  cost REAL
) STRICT;
CREATE INDEX message_by_parent ON message (conversation, parent_id);
CREATE INDEX message_streaming ON message (id) WHERE state = 'streaming';

CREATE TABLE stream_journal (
  message_id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  events TEXT NOT NULL,
  PRIMARY KEY (message_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE owner (
  id TEXT PRIMARY KEY,
  machine TEXT NOT NULL,
  pid INTEGER NOT NULL,
  heartbeat INTEGER NOT NULL
) STRICT;

CREATE TABLE blob (
  hash TEXT PRIMARY KEY,
  media_type TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE request (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_profile TEXT,
  agent TEXT,
  conversation TEXT,
  workspace TEXT,
  started_at INTEGER NOT NULL,
  first_token_ms REAL,
  duration_ms REAL NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  cost REAL,
  attempt INTEGER NOT NULL,
  failover_from TEXT,
  outcome TEXT NOT NULL,
  failure_code TEXT,
  http_status INTEGER,
  request_id TEXT
) STRICT;
CREATE INDEX request_by_start ON request (started_at);
CREATE INDEX request_by_conversation ON request (conversation, started_at);

CREATE TABLE model_cache (
  key TEXT PRIMARY KEY,
  models TEXT NOT NULL,
  fetched_at INTEGER NOT NULL
) STRICT;
`

/** Which of several keys an answer was asked with. */
export const VERSION_2 = `
ALTER TABLE message ADD COLUMN key_profile TEXT;
`

/**
 * What the person made of conversations and messages, removals that can be undone, summaries, and what is searched.
 *
 * A removed message stays in its place: `removal` names the row that undoes it. `role` to `indexed` are derived from the
 * body, and the search index works on them: a row whose `indexed` is below the generation of `search_state` is still to be
 * derived, as are all that an older version wrote. `doc` is its number in the index, in whose upper part is that of the conversation.
 * The table that is searched is no part of the schema, because not every runtime can make it.
 */
export const VERSION_3 = `
ALTER TABLE conversation ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN agent TEXT;
ALTER TABLE conversation ADD COLUMN titled_by TEXT;
ALTER TABLE conversation ADD COLUMN deleted_at INTEGER;
ALTER TABLE conversation ADD COLUMN number INTEGER;
DROP INDEX conversation_by_update;
CREATE UNIQUE INDEX conversation_by_number ON conversation (number);
CREATE INDEX conversation_listed ON conversation (archived, pinned, updated_at) WHERE deleted_at IS NULL;
CREATE INDEX conversation_deleted ON conversation (deleted_at) WHERE deleted_at IS NOT NULL;

ALTER TABLE message ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN fitted TEXT;
ALTER TABLE message ADD COLUMN guidance TEXT;
ALTER TABLE message ADD COLUMN removal TEXT;
ALTER TABLE message ADD COLUMN role TEXT;
ALTER TABLE message ADD COLUMN provider TEXT;
ALTER TABLE message ADD COLUMN model TEXT;
ALTER TABLE message ADD COLUMN preview TEXT;
ALTER TABLE message ADD COLUMN doc INTEGER;
ALTER TABLE message ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_kept ON message (conversation) WHERE removal IS NULL;
CREATE INDEX message_removed ON message (removal) WHERE removal IS NOT NULL;
CREATE INDEX message_hidden ON message (id, parent_id) WHERE removal IS NOT NULL;
CREATE INDEX message_by_model ON message (conversation, provider, model) WHERE provider IS NOT NULL AND removal IS NULL;
CREATE UNIQUE INDEX message_by_doc ON message (doc) WHERE doc IS NOT NULL;
CREATE INDEX message_by_indexed ON message (indexed);

CREATE TABLE removal (
  token TEXT PRIMARY KEY,
  conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
  removed_at INTEGER NOT NULL,
  leaf_before TEXT,
  leaf_after TEXT
) STRICT;
CREATE INDEX removal_by_conversation ON removal (conversation);

CREATE TABLE summary (
  id TEXT PRIMARY KEY,
  conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
  through TEXT NOT NULL,
  text TEXT NOT NULL,
  origin TEXT,
  created_at INTEGER NOT NULL,
  tokens INTEGER,
  cost REAL
) STRICT;
CREATE INDEX summary_by_conversation ON summary (conversation, created_at);

CREATE TABLE search_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL,
  kind TEXT NOT NULL
) STRICT;
`

/**
 * Money: one row for each request that may cost something, from before it goes out. `amount` (USD) and `credits` are what it
 * may cost at most while it is reserved, and what it did cost once it is settled; what came to nothing is refunded. `pool` is the
 * provider whose shared credits it draws. What was paid before there was a ledger counts too. `paid_by`: whose money it was.
 */
export const VERSION_4 = `
CREATE TABLE budget_entry (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('reserve', 'settle', 'refund')),
  owner TEXT,
  at INTEGER NOT NULL,
  amount REAL NOT NULL CHECK (amount >= 0),
  credits REAL NOT NULL CHECK (credits >= 0),
  pool TEXT,
  conversation TEXT,
  agent TEXT,
  workspace TEXT
) STRICT;
CREATE INDEX budget_entry_by_time ON budget_entry (at, amount, state);
CREATE INDEX budget_entry_by_conversation ON budget_entry (conversation, at, amount, state) WHERE conversation IS NOT NULL;
CREATE INDEX budget_entry_by_agent ON budget_entry (agent, at, amount, state) WHERE agent IS NOT NULL;
CREATE INDEX budget_entry_by_workspace ON budget_entry (workspace, at, amount, state) WHERE workspace IS NOT NULL;
CREATE INDEX budget_entry_by_pool ON budget_entry (pool, at, credits, state) WHERE pool IS NOT NULL;
CREATE INDEX budget_entry_open ON budget_entry (owner) WHERE state = 'reserve';
INSERT INTO budget_entry (id, state, at, amount, credits, conversation, agent, workspace)
  SELECT 'request:' || id, 'settle', started_at, cost, 0, conversation, agent, workspace FROM request WHERE cost > 0;

ALTER TABLE message ADD COLUMN paid_by TEXT;
ALTER TABLE request ADD COLUMN paid_by TEXT;
${USAGE_TABLES}`

/** Comparisons of models. */
export const VERSION_5 = BENCHMARK_TABLE

/** Limits of rate over all windows. */
export const VERSION_6 = RATE_TABLES
