INSERT INTO counter (name, value) VALUES ('subject_access_request', 30000000), ('sub_request', 40000000);

-- What an account has in the subject store, and how many requests it has made.
CREATE TABLE subject_account (
  account_id BIGINT PRIMARY KEY,
  wrapped_key BYTEA NOT NULL,
  next_seq BIGINT NOT NULL,
  requests BIGINT NOT NULL
);

CREATE TABLE subject_data_source (
  account_id BIGINT NOT NULL,
  data_source TEXT NOT NULL,
  PRIMARY KEY (account_id, data_source)
);

-- One record about one subject, who is known by a blind index alone. The key is the order of an export.
CREATE TABLE subject_record (
  account_id BIGINT NOT NULL,
  subject BYTEA NOT NULL,
  data_source TEXT COLLATE "C" NOT NULL,
  object TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  content BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (account_id, subject, data_source, object, seq)
);
-- The same record is imported once.
CREATE UNIQUE INDEX subject_record_content ON subject_record (account_id, subject, content);

CREATE TABLE subject_access_request (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  request_type TEXT NOT NULL,
  data_type TEXT NOT NULL,
  identifier_type TEXT NOT NULL,
  subject BYTEA NOT NULL,
  identifier BYTEA NOT NULL,
  status TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  processing_started_at BIGINT,
  completed_at BIGINT,
  expired_at BIGINT,
  sla_deadline_at BIGINT NOT NULL,
  records BIGINT NOT NULL,
  cause TEXT,
  exporting BOOLEAN NOT NULL,
  upload_id TEXT,
  export_kept BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX subject_access_request_account ON subject_access_request (account_id, ordinal);
CREATE INDEX subject_access_request_subject ON subject_access_request (account_id, subject);

-- One data source's share of a request; `team` ones wait for an internal team.
CREATE TABLE sub_request (
  id BIGINT PRIMARY KEY,
  request_id BIGINT NOT NULL,
  data_source TEXT NOT NULL,
  team BOOLEAN NOT NULL,
  status TEXT NOT NULL,
  processing_started_at BIGINT,
  completed_at BIGINT,
  export_location TEXT,
  part_kept BOOLEAN NOT NULL
);
CREATE INDEX sub_request_parent ON sub_request (request_id);
CREATE INDEX sub_request_queue ON sub_request (data_source, status, id);

-- Not worth a line in the log: after a crash everybody starts with a full allowance.
CREATE UNLOGGED TABLE rate_limit (
  key TEXT PRIMARY KEY,
  spent_until BIGINT NOT NULL
);
