-- Whether the account asks its administrators for two-step log-in.
ALTER TABLE account ADD COLUMN two_step_required INTEGER NOT NULL DEFAULT 0;
