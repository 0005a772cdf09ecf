-- Settings that people edit. What is not here is as the configuration says.
CREATE TABLE company_setting (
  section TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that may ask the same: the same subject and right, open or made not long before.
CREATE TABLE request_duplicate (
  request TEXT NOT NULL,
  earlier TEXT NOT NULL,
  PRIMARY KEY (request, earlier)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_duplicate_earlier ON request_duplicate (earlier, request);

-- Who takes care of a request.
CREATE TABLE request_assignee (
  request TEXT PRIMARY KEY,
  operator TEXT NOT NULL,
  assigned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_assignee_operator ON request_assignee (operator, request);

-- What staff write about a request, sealed under its key.
CREATE TABLE request_note (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  content BLOB NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_note_request ON request_note (request, id);

-- What is handed over as a rule, sealed under the connection's key.
CREATE TABLE field_policy (
  connection TEXT PRIMARY KEY,
  content BLOB NOT NULL,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The rule as it was when a task's findings arrived, sealed under the request's key.
CREATE TABLE task_policy (
  task TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX task_policy_request ON task_policy (request, task);
