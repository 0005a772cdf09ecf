-- Who carries a share out: the built-in subject store, an internal team, or a database that is asked in SQL.
ALTER TABLE sub_request ADD COLUMN carrier TEXT NOT NULL DEFAULT 'store';
UPDATE sub_request SET carrier = 'team' WHERE team;
ALTER TABLE sub_request DROP COLUMN team;

-- Why a share failed, in plain words.
ALTER TABLE sub_request ADD COLUMN cause TEXT;
