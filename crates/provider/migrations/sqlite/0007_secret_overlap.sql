-- The secret before the last one, for as long as it still counts.
ALTER TABLE application ADD COLUMN old_secret_hash BLOB;
ALTER TABLE application ADD COLUMN old_secret_until INTEGER;
