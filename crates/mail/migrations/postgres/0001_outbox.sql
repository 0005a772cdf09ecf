CREATE TABLE mail (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  event_key TEXT UNIQUE,
  object TEXT,
  language TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  posted_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_at BIGINT,
  ended_at BIGINT,
  cause TEXT,
  status TEXT,
  shred_at BIGINT NOT NULL,
  data_key BYTEA,
  contents BYTEA,
  answer BYTEA
);
CREATE INDEX mail_object ON mail (object, id);
CREATE INDEX mail_state ON mail (state, id);
CREATE INDEX mail_shred ON mail (shred_at) WHERE data_key IS NOT NULL;
