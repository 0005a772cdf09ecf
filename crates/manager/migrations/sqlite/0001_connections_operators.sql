-- A connection. What is secret is sealed under the connection's own key; removing it destroys the key.
CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  connector TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  lane TEXT NOT NULL,
  key BLOB,
  client_id TEXT NOT NULL,
  client_secret BLOB,
  settings TEXT NOT NULL,
  secret_settings BLOB,
  endpoints TEXT,
  -- The grant in use: one sealed value, so that access and refresh token change in one write.
  tokens BLOB,
  -- Counts the access tokens, so that whoever was refused with one knows whether there is a newer one.
  generation INTEGER NOT NULL,
  token_received_at INTEGER,
  token_expires_at INTEGER,
  -- Who refreshes now, across all processes, and until when that is believed.
  refresh_lease TEXT,
  refresh_lease_until INTEGER NOT NULL,
  account_id TEXT,
  account_name TEXT,
  user_id TEXT,
  user_email BLOB,
  -- A grant for another account or user, waiting for somebody to confirm it.
  pending BLOB,
  error_code TEXT,
  error_message TEXT,
  failing_since INTEGER,
  alerted_at INTEGER,
  last_success_at INTEGER,
  created_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_listed ON connection (created_at, id) WHERE removed_at IS NULL;

-- An authorization that was begun: found by the hash of its state, once.
CREATE TABLE authorization_flow (
  state_hash TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  session_hash BLOB,
  verifier BLOB NOT NULL,
  redirect_uri TEXT NOT NULL,
  endpoints TEXT NOT NULL,
  begun_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_flow_ends ON authorization_flow (expires_at);

-- What the page after the callback says.
CREATE TABLE authorization_outcome (
  ticket_hash TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  outcome TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_outcome_ends ON authorization_outcome (expires_at);

CREATE TABLE operator (
  id TEXT PRIMARY KEY,
  email_index BLOB NOT NULL UNIQUE,
  email BLOB NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deactivated_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE browser_session (
  token_hash BLOB PRIMARY KEY,
  operator TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX browser_session_operator ON browser_session (operator);

-- Wrong passwords, by caller and by operator, in one minute.
CREATE TABLE failed_log_in (
  subject BLOB NOT NULL,
  minute INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (subject, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
