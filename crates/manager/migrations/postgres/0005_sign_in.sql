-- People: how they prove who they are, beside the password. An empty password hash fits no password.
ALTER TABLE operator ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- Until it is set, the invitation has not been accepted.
ALTER TABLE operator ADD COLUMN activated_at BIGINT;
ALTER TABLE operator ADD COLUMN last_log_in_at BIGINT;
-- The secret that the authenticator app shares, sealed; the one being enrolled; the last step used.
ALTER TABLE operator ADD COLUMN totp BYTEA;
ALTER TABLE operator ADD COLUMN totp_pending BYTEA;
ALTER TABLE operator ADD COLUMN totp_step BIGINT;
-- Who they are at the identity provider: found by this, not by the address, from the first time on.
ALTER TABLE operator ADD COLUMN sso_issuer TEXT;
ALTER TABLE operator ADD COLUMN sso_subject TEXT;
UPDATE operator SET activated_at = created_at;
CREATE UNIQUE INDEX operator_sso ON operator (sso_issuer, sso_subject);

CREATE TABLE recovery_code (
  operator TEXT NOT NULL,
  tag BYTEA NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (operator, tag)
);

-- Sessions can be listed and ended one by one.
DELETE FROM browser_session;
ALTER TABLE browser_session ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE browser_session ADD COLUMN origin TEXT;
ALTER TABLE browser_session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
-- When the person last proved who they are.
ALTER TABLE browser_session ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;

-- Links and steps that work once, for a while: set-up, invitation, new password, second factor. Found by their hash.
CREATE TABLE ticket (
  hash BYTEA PRIMARY KEY,
  purpose TEXT NOT NULL,
  operator TEXT,
  contents BYTEA,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX ticket_operator ON ticket (operator, purpose);
CREATE INDEX ticket_ends ON ticket (expires_at);
