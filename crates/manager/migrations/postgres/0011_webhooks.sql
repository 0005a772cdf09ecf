-- A place that events are sent to.
CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Their words with commas between them, or *.
  events TEXT NOT NULL,
  key BYTEA NOT NULL,
  secret BYTEA NOT NULL,
  -- The secret before, which signs as well until then.
  previous_secret BYTEA,
  previous_until BIGINT,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT,
  disabled_because TEXT,
  last_success_at BIGINT,
  -- Since when nothing has arrived, and since when deliveries are given up.
  failing_since BIGINT,
  given_up_at BIGINT
);

-- One event for one webhook.
CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  webhook TEXT NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- When it was put on its way, first or again.
  queued_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  last_attempt_at BIGINT,
  next_attempt_at BIGINT,
  ended_at BIGINT,
  status BIGINT,
  cause TEXT,
  reason TEXT
);
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_state ON webhook_delivery (webhook, state, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
