-- Sessions, people and memberships whose remaining tokens are refused, on every node. Read before the organisation is known: a directory
-- table. It holds no name, only digests, and a row means nothing once every token issued before it has ended.
CREATE TABLE session_end (
    key_hash BYTEA  NOT NULL PRIMARY KEY,
    ended_at BIGINT NOT NULL
);
CREATE INDEX session_end_at ON session_end (ended_at, key_hash);

GRANT SELECT, INSERT, UPDATE, DELETE ON session_end TO habeo_app;
