/**
 * Limits of rate over all windows: a ticket for each request that a limit counts, for the minute it counts or while it waits,
 * and until when a provider wants nothing more. `key_profile` is empty where there is no key. `most`: of how many remain.
 * It has shipped: it never changes.
 */
export const RATE_TABLES = `
CREATE TABLE rate_ticket (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent')),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_profile TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  sent_at INTEGER CHECK ((sent_at IS NULL) = (state = 'waiting')),
  tokens INTEGER NOT NULL,
  anyway INTEGER NOT NULL
) STRICT;
CREATE INDEX rate_ticket_by_provider ON rate_ticket (provider, sequence);
CREATE INDEX rate_ticket_sent ON rate_ticket (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX rate_ticket_waiting ON rate_ticket (owner) WHERE state = 'waiting';

CREATE TABLE rate_hold (
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  key_profile TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('refused', 'requests', 'tokens')),
  until INTEGER NOT NULL,
  remaining INTEGER,
  most INTEGER,
  PRIMARY KEY (provider, model, key_profile, kind)
) STRICT, WITHOUT ROWID;
`
