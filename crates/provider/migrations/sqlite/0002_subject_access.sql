INSERT INTO counter (name, value) VALUES ('subject_access_request', 30000000), ('sub_request', 40000000);

-- What an account has in the subject store, and how many requests it has made.
CREATE TABLE subject_account (
  account_id INTEGER PRIMARY KEY,
  wrapped_key BLOB NOT NULL,
  next_seq INTEGER NOT NULL,
  requests INTEGER NOT NULL
) STRICT;

CREATE TABLE subject_data_source (
  account_id INTEGER NOT NULL,
  data_source TEXT NOT NULL,
  PRIMARY KEY (account_id, data_source)
) STRICT, WITHOUT ROWID;

-- One record about one subject, who is known by a blind index alone. The key is the order of an export.
CREATE TABLE subject_record (
  account_id INTEGER NOT NULL,
  subject BLOB NOT NULL,
  data_source TEXT NOT NULL,
  object TEXT NOT NULL,
  seq INTEGER NOT NULL,
  content BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (account_id, subject, data_source, object, seq)
) STRICT, WITHOUT ROWID;
-- The same record is imported once.
CREATE UNIQUE INDEX subject_record_content ON subject_record (account_id, subject, content);

CREATE TABLE subject_access_request (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  request_type TEXT NOT NULL,
  data_type TEXT NOT NULL,
  identifier_type TEXT NOT NULL,
  subject BLOB NOT NULL,
  identifier BLOB NOT NULL,
  status TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  processing_started_at INTEGER,
  completed_at INTEGER,
  expired_at INTEGER,
  sla_deadline_at INTEGER NOT NULL,
  records INTEGER NOT NULL,
  cause TEXT,
  exporting INTEGER NOT NULL,
  upload_id TEXT,
  export_kept INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX subject_access_request_account ON subject_access_request (account_id, ordinal);
CREATE INDEX subject_access_request_subject ON subject_access_request (account_id, subject);

-- One data source's share of a request; `team` ones wait for an internal team.
CREATE TABLE sub_request (
  id INTEGER PRIMARY KEY,
  request_id INTEGER NOT NULL,
  data_source TEXT NOT NULL,
  team INTEGER NOT NULL,
  status TEXT NOT NULL,
  processing_started_at INTEGER,
  completed_at INTEGER,
  export_location TEXT,
  part_kept INTEGER NOT NULL
) STRICT;
CREATE INDEX sub_request_parent ON sub_request (request_id);
CREATE INDEX sub_request_queue ON sub_request (data_source, status, id);

CREATE TABLE rate_limit (
  key TEXT PRIMARY KEY,
  spent_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
