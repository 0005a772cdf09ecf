CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counter (name, value) VALUES ('account', 10000), ('client', 20000000);

CREATE TABLE account (id BIGINT PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL);

CREATE TABLE app_user (
  id TEXT PRIMARY KEY,
  email_index BYTEA NOT NULL UNIQUE,
  profile BYTEA NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deactivated_at BIGINT
);

CREATE TABLE membership (
  user_id TEXT NOT NULL REFERENCES app_user (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, account_id)
);
CREATE INDEX membership_account ON membership (account_id);

CREATE TABLE application (
  client_id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  client_type TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  grants TEXT NOT NULL,
  pkce_required BOOLEAN NOT NULL,
  secret_hash BYTEA,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX application_account ON application (account_id) WHERE deleted_at IS NULL;

CREATE TABLE browser_session (
  token_hash BYTEA PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  account_id BIGINT NOT NULL,
  began_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE INDEX browser_session_user ON browser_session (user_id);
CREATE INDEX browser_session_used ON browser_session (used_at);

CREATE TABLE authorization_request (
  id TEXT PRIMARY KEY,
  session_hash BYTEA NOT NULL,
  query TEXT NOT NULL,
  account_id BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX authorization_request_created ON authorization_request (created_at);
CREATE INDEX authorization_request_session ON authorization_request (session_hash);

CREATE TABLE authorization_code (
  code_hash BYTEA PRIMARY KEY,
  grant_id TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT,
  expires_at BIGINT NOT NULL,
  redeemed_at BIGINT
);
CREATE INDEX authorization_code_expires ON authorization_code (expires_at);
CREATE INDEX authorization_code_user ON authorization_code (user_id);

CREATE TABLE access_grant (
  id TEXT PRIMARY KEY,
  client_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX access_grant_user ON access_grant (user_id) WHERE revoked_at IS NULL;
CREATE INDEX access_grant_client ON access_grant (client_id) WHERE revoked_at IS NULL;
CREATE INDEX access_grant_expires ON access_grant (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE refresh_token (
  token_hash BYTEA PRIMARY KEY,
  grant_id TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  rotated_at BIGINT
);
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);
CREATE INDEX refresh_token_rotated ON refresh_token (rotated_at) WHERE rotated_at IS NOT NULL;

CREATE TABLE personal_token (
  id TEXT PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  account_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX personal_token_account ON personal_token (account_id) WHERE revoked_at IS NULL;

CREATE TABLE service_token (
  id TEXT PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  name TEXT NOT NULL,
  sources TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used_at BIGINT
);
