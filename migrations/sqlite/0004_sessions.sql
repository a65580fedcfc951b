-- Sessions, people and memberships whose remaining tokens are refused, on every node. Read before the organisation is known: a directory
-- table. It holds no name, only digests, and a row means nothing once every token issued before it has ended.
CREATE TABLE session_end (
    key_hash BLOB    NOT NULL PRIMARY KEY,
    ended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_end_at ON session_end (ended_at, key_hash);
