CREATE TABLE mail (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  event_key TEXT UNIQUE,
  object TEXT,
  language TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  posted_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER,
  ended_at INTEGER,
  cause TEXT,
  status TEXT,
  shred_at INTEGER NOT NULL,
  data_key BLOB,
  contents BLOB,
  answer BLOB
) STRICT;
CREATE INDEX mail_object ON mail (object, id);
CREATE INDEX mail_state ON mail (state, id);
CREATE INDEX mail_shred ON mail (shred_at) WHERE data_key IS NOT NULL;
