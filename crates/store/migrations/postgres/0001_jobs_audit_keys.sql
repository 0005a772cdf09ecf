CREATE TABLE lane (
  key TEXT PRIMARY KEY,
  due_at BIGINT NOT NULL,
  closed_until BIGINT NOT NULL,
  throttled BIGINT NOT NULL,
  next_slot BIGINT NOT NULL,
  interval_micros BIGINT NOT NULL,
  burst BIGINT NOT NULL,
  most_in_flight BIGINT NOT NULL
);
CREATE INDEX lane_due ON lane (due_at);

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT UNIQUE,
  run_at BIGINT NOT NULL,
  lease TEXT,
  attempts BIGINT NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX job_due ON job (lane, run_at);
CREATE INDEX job_leased ON job (lane) WHERE lease IS NOT NULL;

CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BYTEA NOT NULL
);
CREATE INDEX audit_object ON audit (object, seq);
CREATE TABLE audit_head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash BYTEA NOT NULL);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE root_key (id TEXT PRIMARY KEY, wrapped BYTEA NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE epoch (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
