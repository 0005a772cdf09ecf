-- Lists of requests that are taken in by and by. What they say is sealed, and goes when they have ended.
CREATE TABLE import (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  format TEXT NOT NULL,
  made_by TEXT NOT NULL,
  origin TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  bytes INTEGER NOT NULL,
  -- How far it was read, and the first line's names, sealed.
  position INTEGER NOT NULL,
  names BLOB,
  rows_read INTEGER NOT NULL,
  created INTEGER NOT NULL,
  existing INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  reason TEXT,
  data_key BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE import_piece (
  import TEXT NOT NULL,
  number INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;

-- What became of each row: nothing of what stood in it.
CREATE TABLE import_row (
  import TEXT NOT NULL,
  number INTEGER NOT NULL,
  result TEXT NOT NULL,
  request TEXT,
  field TEXT,
  reason TEXT,
  PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_row_refused ON import_row (import, number) WHERE result = 'refused';

-- How often the same row stood in the list so far, by its keyed hash; it goes with the list.
CREATE TABLE import_content (
  import TEXT NOT NULL,
  content BLOB NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (import, content)
) STRICT, WITHOUT ROWID;
