-- Wrong passwords and client secrets by address, for as long as they count.
CREATE TABLE wrong_attempt (
  key TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX wrong_attempt_key ON wrong_attempt (key, at);
