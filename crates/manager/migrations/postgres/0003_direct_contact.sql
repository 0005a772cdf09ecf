-- Who does it: the vendor's API, or a person through a mailed form.
ALTER TABLE task ADD COLUMN done_by TEXT NOT NULL DEFAULT 'api';

-- One asking of one processor about one task. A retry after "can't delete" asks anew.
CREATE TABLE contact (
  id TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  request TEXT NOT NULL,
  -- Which asking of the task it is, from 1.
  round BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  until BIGINT NOT NULL,
  -- The last mail that asked or reminded: the next reminder counts from it.
  mailed_at BIGINT NOT NULL,
  reminders BIGINT NOT NULL,
  opened_at BIGINT,
  -- When the deadline had passed and administrators were told.
  overdue_at BIGINT,
  answered_at BIGINT,
  outcome TEXT,
  -- Who answered and what they wrote, sealed under the request's key.
  answer BYTEA
);
CREATE UNIQUE INDEX contact_task ON contact (task, round);
CREATE INDEX contact_request ON contact (request);

-- Each mail has a link of its own; of its token there is only the hash.
CREATE TABLE contact_link (
  token_hash BYTEA PRIMARY KEY,
  contact TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX contact_link_contact ON contact_link (contact);

-- A file that a processor has added. Rows without whole_at have not arrived to their end: nobody sees them.
CREATE TABLE contact_upload (
  id TEXT PRIMARY KEY,
  contact TEXT NOT NULL,
  request TEXT NOT NULL,
  position BIGINT NOT NULL,
  -- Its name, sealed.
  head BYTEA NOT NULL,
  bytes BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  whole_at BIGINT
);
CREATE INDEX contact_upload_contact ON contact_upload (contact, position);
CREATE INDEX contact_upload_request ON contact_upload (request);

CREATE TABLE contact_piece (
  upload TEXT NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (upload, number)
);
