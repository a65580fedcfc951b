-- Imports: how far each is, so that one that was stopped continues. Kept by rebuild: which chunk comes next is no fact about assets.

CREATE TABLE import_run (
    org_id       UUID NOT NULL,
    id           UUID NOT NULL,
    digest       BYTEA NOT NULL,
    rows_total   BIGINT NOT NULL,
    rows_done    BIGINT NOT NULL,
    chunks_total BIGINT NOT NULL,
    chunks_done  BIGINT NOT NULL CHECK (chunks_done BETWEEN 0 AND chunks_total),
    begun_at     BIGINT NOT NULL,
    finished_at  BIGINT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, digest)
);

ALTER TABLE import_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_run FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON import_run
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE ON import_run TO habeo_app;
