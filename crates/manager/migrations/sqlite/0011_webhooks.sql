-- A place that events are sent to.
CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Their words with commas between them, or *.
  events TEXT NOT NULL,
  key BLOB NOT NULL,
  secret BLOB NOT NULL,
  -- The secret before, which signs as well until then.
  previous_secret BLOB,
  previous_until INTEGER,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  disabled_because TEXT,
  last_success_at INTEGER,
  -- Since when nothing has arrived, and since when deliveries are given up.
  failing_since INTEGER,
  given_up_at INTEGER
) STRICT, WITHOUT ROWID;

-- One event for one webhook.
CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  webhook TEXT NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- When it was put on its way, first or again.
  queued_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_attempt_at INTEGER,
  next_attempt_at INTEGER,
  ended_at INTEGER,
  status INTEGER,
  cause TEXT,
  reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_state ON webhook_delivery (webhook, state, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
