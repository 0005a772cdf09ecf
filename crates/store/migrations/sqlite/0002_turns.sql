-- Work of several on one lane takes turns: whose a job is, and whose turn was last.
ALTER TABLE job ADD COLUMN share TEXT NOT NULL DEFAULT '';
ALTER TABLE lane ADD COLUMN turn TEXT NOT NULL DEFAULT '';
DROP INDEX job_due;
CREATE INDEX job_due ON job (lane, share, run_at);
