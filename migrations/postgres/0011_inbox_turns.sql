-- Organisations have their turn one after the other when messages are worked off.
DROP INDEX inbox_directory_due;
CREATE INDEX inbox_directory_due ON inbox_directory (source, org_id, due_at, place);
