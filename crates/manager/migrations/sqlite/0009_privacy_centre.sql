-- What the public form was used for: keyed hashes of who sent it or whom it names, and of what was sent.
CREATE TABLE form_use (
  subject BLOB NOT NULL,
  sent BLOB NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (subject, sent)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_use_used_at ON form_use (used_at);

-- What a subject wrote to go with a request, sealed under the request's key.
CREATE TABLE request_message (
  request TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
