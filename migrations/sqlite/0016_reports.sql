-- What is recorded of letters of connections, and what is not.

-- How many letters of a connection the ledger says were taken in, and when it said so last.
ALTER TABLE connection ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN accepted_at INTEGER;

-- Kept: letters that were taken in and that no entry counts yet. Rows are only added and removed, so that whoever takes letters in and whoever
-- records never wait for one another.
CREATE TABLE connection_accepted (
    org_id        BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    connection_id BLOB    NOT NULL,
    at            INTEGER NOT NULL,
    letters       INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX connection_accepted_connection ON connection_accepted (org_id, connection_id);

-- Kept: as whom a connection proves itself by user and password. No entry says it.
ALTER TABLE connection_private ADD COLUMN basic_user TEXT;
