-- When the user last proved who they are, by their password.
ALTER TABLE browser_session ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
UPDATE browser_session SET proven_at = began_at;

-- A log-in whose password was right and that waits for a code.
CREATE TABLE half_log_in (
  token_hash BLOB PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  began_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX half_log_in_began ON half_log_in (began_at);

CREATE TABLE user_totp (
  user_id TEXT PRIMARY KEY REFERENCES app_user (id),
  secret BLOB NOT NULL,
  confirmed_at INTEGER,
  last_step INTEGER,
  wrong INTEGER NOT NULL,
  wrong_since INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_code (
  user_id TEXT NOT NULL REFERENCES app_user (id),
  tag BLOB NOT NULL,
  PRIMARY KEY (user_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE password_reset (
  token_hash BLOB PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES app_user (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_user ON password_reset (user_id);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  email_index BLOB NOT NULL,
  email BLOB NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX invitation_address ON invitation (account_id, email_index);
