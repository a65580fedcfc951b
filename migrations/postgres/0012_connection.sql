-- Connections: systems of others that report in, and what came in from them.

-- Whose a connection is; read before the organisation is known. No name, no secret.
CREATE TABLE connection_directory (
    connection_id UUID NOT NULL PRIMARY KEY,
    org_id        UUID NOT NULL REFERENCES org_directory (org_id)
);
CREATE INDEX connection_directory_org ON connection_directory (org_id, connection_id);

CREATE TABLE connection (
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    seq        BIGINT NOT NULL,
    provider   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    created_by UUID,
    created_at BIGINT NOT NULL,
    settings   TEXT   NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: what it is called here, and its secrets.
CREATE TABLE connection_private (
    org_id          UUID NOT NULL,
    id              UUID NOT NULL,
    name            TEXT NOT NULL,
    secret_sealed   BYTEA,
    previous_sealed BYTEA,
    previous_until  BIGINT,
    PRIMARY KEY (org_id, id)
);

-- Kept: the last letters that were refused, for whoever wonders why nothing arrives.
CREATE TABLE connection_refusal (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    at            BIGINT NOT NULL,
    status        BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    bytes         BIGINT NOT NULL,
    times         BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX connection_refusal_at ON connection_refusal (org_id, connection_id, at, id);

-- What came in: from which connection, what it was, what came of it, how often it came again, and whether its body is kept when it is worked off.
ALTER TABLE inbox ADD COLUMN connection_id UUID;
ALTER TABLE inbox ADD COLUMN kind TEXT;
ALTER TABLE inbox ADD COLUMN outcome TEXT;
ALTER TABLE inbox ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN keep BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX inbox_connection ON inbox (org_id, connection_id, received_at, id) WHERE connection_id IS NOT NULL;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['connection', 'connection_private', 'connection_refusal']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON connection_directory, connection, connection_private, connection_refusal TO habeo_app;
GRANT UPDATE ON connection, connection_private TO habeo_app;
GRANT DELETE ON connection_directory, connection_refusal TO habeo_app;
