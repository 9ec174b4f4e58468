/**
 * The schema as it was released, version by version. What is here has shipped: it never changes, a new version is added.
 *
 * Times are epoch milliseconds. JSON is text, so that one damaged value costs one row. `message.parent_id` is no foreign
 * key, because a branch must survive the loss of one of its messages. Request records outlive their conversation.
 */
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
