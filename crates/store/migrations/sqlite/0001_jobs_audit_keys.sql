CREATE TABLE lane (
  key TEXT PRIMARY KEY,
  due_at INTEGER NOT NULL,
  closed_until INTEGER NOT NULL,
  throttled INTEGER NOT NULL,
  next_slot INTEGER NOT NULL,
  interval_micros INTEGER NOT NULL,
  burst INTEGER NOT NULL,
  most_in_flight INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_due ON lane (due_at);

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT UNIQUE,
  run_at INTEGER NOT NULL,
  lease TEXT,
  attempts INTEGER NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (lane, run_at);
CREATE INDEX job_leased ON job (lane) WHERE lease IS NOT NULL;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object, seq);
CREATE TABLE audit_head (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, zeroblob(32));

CREATE TABLE root_key (id TEXT PRIMARY KEY, wrapped BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE epoch (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
