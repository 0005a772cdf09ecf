-- The secret before the last one, for as long as it still counts.
ALTER TABLE application ADD COLUMN old_secret_hash BYTEA;
ALTER TABLE application ADD COLUMN old_secret_until BIGINT;
