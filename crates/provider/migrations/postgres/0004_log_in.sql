-- When the user last proved who they are, by their password.
ALTER TABLE browser_session ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
UPDATE browser_session SET proven_at = began_at;

-- A log-in whose password was right and that waits for a code.
CREATE TABLE half_log_in (
  token_hash BYTEA PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  began_at BIGINT NOT NULL
);
CREATE INDEX half_log_in_began ON half_log_in (began_at);

CREATE TABLE user_totp (
  user_id TEXT PRIMARY KEY REFERENCES app_user (id),
  secret BYTEA NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT,
  wrong BIGINT NOT NULL,
  wrong_since BIGINT
);

CREATE TABLE recovery_code (
  user_id TEXT NOT NULL REFERENCES app_user (id),
  tag BYTEA NOT NULL,
  PRIMARY KEY (user_id, tag)
);

CREATE TABLE password_reset (
  token_hash BYTEA PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX password_reset_user ON password_reset (user_id);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  account_id BIGINT NOT NULL REFERENCES account (id),
  email_index BYTEA NOT NULL,
  email BYTEA NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitation_address ON invitation (account_id, email_index);
