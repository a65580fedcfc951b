-- Connections: systems of others that report in, and what came in from them.

-- Whose a connection is; read before the organisation is known. No name, no secret.
CREATE TABLE connection_directory (
    connection_id BLOB NOT NULL PRIMARY KEY,
    org_id        BLOB NOT NULL REFERENCES org_directory (org_id)
) STRICT;
CREATE INDEX connection_directory_org ON connection_directory (org_id, connection_id);

CREATE TABLE connection (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    seq        INTEGER NOT NULL,
    provider   TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    settings   TEXT    NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: what it is called here, and its secrets.
CREATE TABLE connection_private (
    org_id          BLOB NOT NULL,
    id              BLOB NOT NULL,
    name            TEXT NOT NULL,
    secret_sealed   BLOB,
    previous_sealed BLOB,
    previous_until  INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: the last letters that were refused, for whoever wonders why nothing arrives.
CREATE TABLE connection_refusal (
    org_id        BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    connection_id BLOB    NOT NULL,
    at            INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    bytes         INTEGER NOT NULL,
    times         INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX connection_refusal_at ON connection_refusal (org_id, connection_id, at, id);

-- What came in: from which connection, what it was, what came of it, how often it came again, and whether its body is kept when it is worked off.
ALTER TABLE inbox ADD COLUMN connection_id BLOB;
ALTER TABLE inbox ADD COLUMN kind TEXT;
ALTER TABLE inbox ADD COLUMN outcome TEXT;
ALTER TABLE inbox ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;
CREATE INDEX inbox_connection ON inbox (org_id, connection_id, received_at, id) WHERE connection_id IS NOT NULL;
