-- The request that was made in place of one that failed.
ALTER TABLE subject_access_request ADD COLUMN retried_as INTEGER;
