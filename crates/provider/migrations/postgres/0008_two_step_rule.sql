-- Whether the account asks its administrators for two-step log-in.
ALTER TABLE account ADD COLUMN two_step_required BOOLEAN NOT NULL DEFAULT FALSE;
