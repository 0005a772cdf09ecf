-- Who does it: the vendor's API, or a person through a mailed form.
ALTER TABLE task ADD COLUMN done_by TEXT NOT NULL DEFAULT 'api';

-- One asking of one processor about one task. A retry after "can't delete" asks anew.
CREATE TABLE contact (
  id TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  request TEXT NOT NULL,
  -- Which asking of the task it is, from 1.
  round INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  -- The last mail that asked or reminded: the next reminder counts from it.
  mailed_at INTEGER NOT NULL,
  reminders INTEGER NOT NULL,
  opened_at INTEGER,
  -- When the deadline had passed and administrators were told.
  overdue_at INTEGER,
  answered_at INTEGER,
  outcome TEXT,
  -- Who answered and what they wrote, sealed under the request's key.
  answer BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contact_task ON contact (task, round);
CREATE INDEX contact_request ON contact (request);

-- Each mail has a link of its own; of its token there is only the hash.
CREATE TABLE contact_link (
  token_hash BLOB PRIMARY KEY,
  contact TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_link_contact ON contact_link (contact);

-- A file that a processor has added. Rows without whole_at have not arrived to their end: nobody sees them.
CREATE TABLE contact_upload (
  id TEXT PRIMARY KEY,
  contact TEXT NOT NULL,
  request TEXT NOT NULL,
  position INTEGER NOT NULL,
  -- Its name, sealed.
  head BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  begun_at INTEGER NOT NULL,
  whole_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_upload_contact ON contact_upload (contact, position);
CREATE INDEX contact_upload_request ON contact_upload (request);

CREATE TABLE contact_piece (
  upload TEXT NOT NULL,
  number INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
