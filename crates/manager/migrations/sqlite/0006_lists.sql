-- What the queue and the start page ask for is read along an index, however many requests there are.
-- Whether the request is open and a task of it failed.
ALTER TABLE request ADD COLUMN failed INTEGER NOT NULL DEFAULT FALSE;
UPDATE request SET failed = TRUE WHERE state <> 'closed'
  AND id IN (SELECT request FROM task WHERE status = 'failed');
CREATE INDEX request_failed ON request (id) WHERE failed;
CREATE INDEX request_due ON request (due_at, id, state) WHERE state <> 'closed';
CREATE INDEX request_type ON request (request_type, id);
CREATE INDEX request_type_state ON request (request_type, state, id);
CREATE INDEX task_connection ON task (connection, request);
