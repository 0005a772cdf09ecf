-- Lists of requests that are taken in by and by. What they say is sealed, and goes when they have ended.
CREATE TABLE import (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  format TEXT NOT NULL,
  made_by TEXT NOT NULL,
  origin TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  bytes BIGINT NOT NULL,
  -- How far it was read, and the first line's names, sealed.
  position BIGINT NOT NULL,
  names BYTEA,
  rows_read BIGINT NOT NULL,
  created BIGINT NOT NULL,
  existing BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  reason TEXT,
  data_key BYTEA
);

CREATE TABLE import_piece (
  import TEXT NOT NULL,
  number BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (import, number)
);

-- What became of each row: nothing of what stood in it.
CREATE TABLE import_row (
  import TEXT NOT NULL,
  number BIGINT NOT NULL,
  result TEXT NOT NULL,
  request TEXT,
  field TEXT,
  reason TEXT,
  PRIMARY KEY (import, number)
);
CREATE INDEX import_row_refused ON import_row (import, number) WHERE result = 'refused';

-- How often the same row stood in the list so far, by its keyed hash; it goes with the list.
CREATE TABLE import_content (
  import TEXT NOT NULL,
  content BYTEA NOT NULL,
  times BIGINT NOT NULL,
  PRIMARY KEY (import, content)
);
