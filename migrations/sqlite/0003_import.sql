-- Imports: how far each is, so that one that was stopped continues. Kept by rebuild: which chunk comes next is no fact about assets.

CREATE TABLE import_run (
    org_id       BLOB NOT NULL,
    id           BLOB NOT NULL,
    digest       BLOB NOT NULL,
    rows_total   INTEGER NOT NULL,
    rows_done    INTEGER NOT NULL,
    chunks_total INTEGER NOT NULL,
    chunks_done  INTEGER NOT NULL CHECK (chunks_done BETWEEN 0 AND chunks_total),
    begun_at     INTEGER NOT NULL,
    finished_at  INTEGER,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, digest)
) STRICT;
