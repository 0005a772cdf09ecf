-- A connection. What is secret is sealed under the connection's own key; removing it destroys the key.
CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  connector TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  lane TEXT NOT NULL,
  key BYTEA,
  client_id TEXT NOT NULL,
  client_secret BYTEA,
  settings TEXT NOT NULL,
  secret_settings BYTEA,
  endpoints TEXT,
  -- The grant in use: one sealed value, so that access and refresh token change in one write.
  tokens BYTEA,
  -- Counts the access tokens, so that whoever was refused with one knows whether there is a newer one.
  generation BIGINT NOT NULL,
  token_received_at BIGINT,
  token_expires_at BIGINT,
  -- Who refreshes now, across all processes, and until when that is believed.
  refresh_lease TEXT,
  refresh_lease_until BIGINT NOT NULL,
  account_id TEXT,
  account_name TEXT,
  user_id TEXT,
  user_email BYTEA,
  -- A grant for another account or user, waiting for somebody to confirm it.
  pending BYTEA,
  error_code TEXT,
  error_message TEXT,
  failing_since BIGINT,
  alerted_at BIGINT,
  last_success_at BIGINT,
  created_at BIGINT NOT NULL,
  removed_at BIGINT
);
CREATE INDEX connection_listed ON connection (created_at, id) WHERE removed_at IS NULL;

-- An authorization that was begun: found by the hash of its state, once.
CREATE TABLE authorization_flow (
  state_hash TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  session_hash BYTEA,
  verifier BYTEA NOT NULL,
  redirect_uri TEXT NOT NULL,
  endpoints TEXT NOT NULL,
  begun_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_flow_ends ON authorization_flow (expires_at);

-- What the page after the callback says.
CREATE TABLE authorization_outcome (
  ticket_hash TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  outcome TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_outcome_ends ON authorization_outcome (expires_at);

CREATE TABLE operator (
  id TEXT PRIMARY KEY,
  email_index BYTEA NOT NULL UNIQUE,
  email BYTEA NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deactivated_at BIGINT
);

CREATE TABLE browser_session (
  token_hash BYTEA PRIMARY KEY,
  operator TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE INDEX browser_session_operator ON browser_session (operator);

-- Wrong passwords, by caller and by operator, in one minute.
CREATE TABLE failed_log_in (
  subject BYTEA NOT NULL,
  minute BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  PRIMARY KEY (subject, minute)
);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
);
