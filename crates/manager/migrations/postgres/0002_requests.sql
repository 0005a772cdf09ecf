-- A privacy request. What is personal is sealed under the request's own key; destroying the key shreds it.
CREATE TABLE request (
  id TEXT PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  -- Counts every change of the request and of its tasks.
  version BIGINT NOT NULL,
  request_type TEXT NOT NULL,
  state TEXT NOT NULL,
  stage TEXT NOT NULL,
  options TEXT NOT NULL,
  deadline TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  source TEXT NOT NULL,
  -- The connections that were named when it was made; none: every one that can act.
  connections TEXT,
  left_out TEXT NOT NULL,
  key BYTEA,
  identities BYTEA,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  dossier_shredded_at BIGINT
);
CREATE INDEX request_state ON request (state, id);

-- Keyed hashes of what the subject is known by: found without being read.
CREATE TABLE request_identity (
  request TEXT NOT NULL,
  identifier_type TEXT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (request, identifier_type)
);
CREATE INDEX request_identity_hash ON request_identity (hash, request);

-- One job at one vendor: one connection, one kind of data, one identifier.
CREATE TABLE task (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  connection TEXT NOT NULL,
  connector TEXT NOT NULL,
  position BIGINT NOT NULL,
  kind TEXT NOT NULL,
  round BIGINT NOT NULL,
  data_type TEXT NOT NULL,
  identifier_type TEXT NOT NULL,
  status TEXT NOT NULL,
  state TEXT NOT NULL,
  vendor_job_id TEXT,
  vendor_status TEXT,
  last_poll_at BIGINT,
  expected_by BIGINT,
  -- Where the export lies: sealed, for whoever knows it may fetch it.
  export BYTEA,
  export_expires_at BIGINT,
  warning TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX task_request ON task (request, position);
CREATE INDEX task_open ON task (connection, id) WHERE status NOT IN ('complete', 'skipped', 'stopped', 'expired');
CREATE INDEX task_processing ON task (connection, id) WHERE status = 'processing';

-- Every vendor's job that a task of ours ever had, by organisation: none is adopted twice.
CREATE TABLE vendor_job (
  organisation TEXT NOT NULL,
  vendor_job_id TEXT NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (organisation, vendor_job_id)
);

-- What was found. Rows without whole_at belong to an export that has not been read to its end: nobody sees them.
CREATE TABLE dossier_object (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  task TEXT NOT NULL,
  -- Which attempt to read an export wrote it.
  attempt TEXT NOT NULL,
  position BIGINT NOT NULL,
  head BYTEA NOT NULL,
  records BIGINT NOT NULL,
  whole_at BIGINT
);
CREATE INDEX dossier_object_request ON dossier_object (request, id);
CREATE INDEX dossier_object_task ON dossier_object (task, id);

CREATE TABLE dossier_block (
  object TEXT NOT NULL,
  first BIGINT NOT NULL,
  records BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (object, first)
);

CREATE TABLE dossier_file (
  id TEXT PRIMARY KEY,
  object TEXT NOT NULL,
  head BYTEA NOT NULL,
  media_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL
);
CREATE INDEX dossier_file_object ON dossier_file (object, id);

CREATE TABLE dossier_piece (
  file TEXT NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (file, number)
);

-- What people changed about what is handed over, in order. The originals are never touched.
CREATE TABLE dossier_change (
  request TEXT NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  made_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  undone_at BIGINT,
  PRIMARY KEY (request, number)
);

-- First answers to requests that may come twice: caller and key hashed, what was asked hashed, the answer sealed.
CREATE TABLE idempotency (
  key BYTEA PRIMARY KEY,
  asked BYTEA NOT NULL,
  request TEXT NOT NULL,
  answer BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_ends ON idempotency (expires_at);
