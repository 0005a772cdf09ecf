-- In which language the subject is written to.
ALTER TABLE request ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

-- A link that was mailed to a subject: the hash of its token, and which request it opens.
CREATE TABLE request_link (
  token_hash BYTEA PRIMARY KEY,
  request TEXT NOT NULL,
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE INDEX request_link_request ON request_link (request, purpose);

-- A company's own words for a mail; without a row ours are used.
CREATE TABLE mail_template (
  event TEXT NOT NULL,
  language TEXT NOT NULL,
  template TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (event, language)
);
