/** Databases as earlier versions wrote them, in the words of then: they must open for ever. */
import { VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5 } from '../../src/store/schema.ts'

const ROWS = `
INSERT INTO conversation VALUES ('c', 'Old', 1, 2, 'file:///w', '{"provider":"openai","model":"gpt"}', 'm2');
INSERT INTO message (id, conversation, parent_id, created_at, state, owner, body, timing, cost) VALUES
  ('m1', 'c', NULL, 1, 'done', NULL, '{"role":"user","content":[{"type":"text","text":"Hi there"}]}', NULL, NULL),
  ('m2', 'c', 'm1', 2, 'streaming', 'gone', '{"role":"assistant","content":[],"origin":{"provider":"openai",
   "dialect":"openai-responses","model":"gpt"},"stop":{"kind":"done"},"usage":{"input":0,"output":0,"cacheRead":0,
   "cacheWrite":0}}', '{"startedAt":2}', 0.5);
INSERT INTO stream_journal VALUES ('m2', 0, '[{"type":"block-start","index":0,"block":{"type":"text","text":"Hel"}}]');
INSERT INTO stream_journal VALUES ('m2', 1, '[{"type":"block-delta","index":0,"text":"lo"}]');
INSERT INTO owner VALUES ('gone', 'elsewhere', 1, 0);
INSERT INTO request VALUES ('r', 'openai', 'gpt', NULL, NULL, 'c', NULL, 2, 3, 4, 5, 6, 7, 8, 9, 0.5, 1, NULL, 'done',
  NULL, 200, 'req');
INSERT INTO model_cache VALUES ('openai', '[]', 3);
`

/** As version 3 wrote it, opened by what came next. */
const OLD = `${VERSION_1} ${VERSION_2} PRAGMA user_version = 2; ${ROWS} ${VERSION_3}
    UPDATE message SET key_profile = 'work' WHERE id = 'm2';`

/** By version. */
export const FIXTURES: Record<number, string> = {
  1: `${VERSION_1} PRAGMA user_version = 1; ${ROWS}`,
  2: `${VERSION_1} ${VERSION_2} PRAGMA user_version = 2; ${ROWS} UPDATE message SET key_profile = 'work' WHERE id = 'm2';`,
  3: `${OLD} PRAGMA user_version = 3;`,
  4: `${OLD} ${VERSION_4} PRAGMA user_version = 4;`,
  5: `${OLD} ${VERSION_4} ${VERSION_5} PRAGMA user_version = 5;`,
}
