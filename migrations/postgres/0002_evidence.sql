-- Evidence: hashes of the tree from which proofs are made, signed checkpoints, and what assets were before they changed.

-- 256 neighbouring hashes of one level, written when they are complete: level 0 has the leaves, level n the roots of the tiles below. The
-- root of the tile stands before its hashes, so that reading roots does not read them.
CREATE TABLE ledger_tile (
    org_id   UUID    NOT NULL,
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    root     BYTEA    NOT NULL,
    hashes   BYTEA    NOT NULL,
    PRIMARY KEY (org_id, level, position)
);
-- Hashes do not compress.
ALTER TABLE ledger_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- The signed sizes and roots of a ledger, as signed notes.
CREATE TABLE ledger_checkpoint (
    org_id    UUID    NOT NULL,
    epoch     BIGINT NOT NULL,
    size      BIGINT NOT NULL,
    origin    TEXT    NOT NULL,
    root      BYTEA    NOT NULL,
    note      TEXT    NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, epoch, size)
);

-- A restored ledger goes on under another name, and says which head it could not reach. The first epoch is that of the organisation's creation.
CREATE TABLE ledger_epoch (
    org_id        UUID    NOT NULL,
    epoch         BIGINT NOT NULL,
    seq           BIGINT NOT NULL,
    origin        TEXT    NOT NULL,
    former_origin TEXT    NOT NULL,
    former_size   BIGINT NOT NULL,
    former_root   BYTEA    NOT NULL,
    PRIMARY KEY (org_id, epoch)
);

-- The installation's keys for checkpoints. The secret halves are sealed in installation_secret; the public ones stay published for ever.
CREATE TABLE checkpoint_key (
    number     BIGINT     NOT NULL PRIMARY KEY,
    public_key BYTEA    NOT NULL,
    created_at BIGINT NOT NULL
);

-- Work that only one node does at a time.
CREATE TABLE lease (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  BIGINT NOT NULL
);

-- The entry from which on the row counts.
ALTER TABLE asset ADD COLUMN since_index BIGINT NOT NULL DEFAULT 0;
-- Rows from before this column was there have no earlier version; they count from their last entry.
-- Row security shows the owner one organisation at a time.
DO $$
DECLARE
    one UUID;
BEGIN
    FOR one IN SELECT org_id FROM org_directory LOOP
        PERFORM set_config('habeo.org', one::text, true);
        UPDATE asset SET since_index = COALESCE(
            (SELECT MAX(e.log_index) FROM ledger_entry e WHERE e.org_id = asset.org_id AND e.stream_id = asset.id), seq)
        WHERE org_id = one;
    END LOOP;
    PERFORM set_config('habeo.org', '', true);
END $$;

-- What an asset was until it changed: from the entry that made it so, to the one that made it something else. What it is now is its row.
CREATE TABLE asset_version (
    org_id           UUID    NOT NULL,
    id               UUID    NOT NULL,
    from_index       BIGINT NOT NULL,
    to_index         BIGINT NOT NULL,
    seq              BIGINT NOT NULL,
    tag              TEXT,
    serial           TEXT,
    serial_norm      TEXT COLLATE "C",
    manufacturer_id  UUID,
    model_id         UUID,
    category_id      UUID    NOT NULL,
    description      TEXT    NOT NULL,
    owning_unit_id   UUID    NOT NULL,
    location_id      UUID,
    site_id          UUID,
    state            TEXT    NOT NULL,
    state_since      BIGINT NOT NULL,
    condition        TEXT    NOT NULL,
    acquisition      TEXT    NOT NULL,
    acquired_on      TEXT,
    cost_minor       BIGINT,
    currency         TEXT,
    warranty_ends_on TEXT,
    last_verified_at BIGINT,
    assignment_id    UUID,
    holder_id        UUID,
    due_at           BIGINT,
    suspended        BOOLEAN NOT NULL,
    rev              BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (org_id, id, from_index)
);
CREATE INDEX asset_version_unit ON asset_version (org_id, owning_unit_id, seq);
CREATE INDEX asset_version_seq ON asset_version (org_id, seq);
CREATE INDEX asset_version_to ON asset_version (org_id, to_index);

CREATE FUNCTION refuse_key_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'published keys stay published';
END $$;
CREATE TRIGGER ledger_tile_is_append_only BEFORE UPDATE OR DELETE ON ledger_tile
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_tile_is_never_truncated BEFORE TRUNCATE ON ledger_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_checkpoint_is_append_only BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_checkpoint_is_never_truncated BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER checkpoint_key_stays BEFORE UPDATE OR DELETE ON checkpoint_key
    FOR EACH ROW EXECUTE FUNCTION refuse_key_change();
CREATE TRIGGER checkpoint_key_is_never_truncated BEFORE TRUNCATE ON checkpoint_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_key_change();

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['ledger_tile', 'ledger_checkpoint', 'ledger_epoch', 'asset_version']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

-- Projections are replaced by the owner (`habeo ledger rebuild`); the serving role compares them in temporary tables and needs no more rights.
GRANT SELECT, INSERT ON ledger_tile, ledger_checkpoint, ledger_epoch, checkpoint_key, lease, asset_version TO habeo_app;
GRANT UPDATE ON lease TO habeo_app;
