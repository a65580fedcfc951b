-- Evidence: hashes of the tree from which proofs are made, signed checkpoints, and what assets were before they changed.

-- 256 neighbouring hashes of one level, written when they are complete: level 0 has the leaves, level n the roots of the tiles below. The
-- root of the tile stands before its hashes, so that reading roots does not read them.
CREATE TABLE ledger_tile (
    org_id   BLOB    NOT NULL,
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    root     BLOB    NOT NULL,
    hashes   BLOB    NOT NULL,
    PRIMARY KEY (org_id, level, position)
) STRICT;

-- The signed sizes and roots of a ledger, as signed notes.
CREATE TABLE ledger_checkpoint (
    org_id    BLOB    NOT NULL,
    epoch     INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    origin    TEXT    NOT NULL,
    root      BLOB    NOT NULL,
    note      TEXT    NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, epoch, size)
) STRICT;

-- A restored ledger goes on under another name, and says which head it could not reach. The first epoch is that of the organisation's creation.
CREATE TABLE ledger_epoch (
    org_id        BLOB    NOT NULL,
    epoch         INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    origin        TEXT    NOT NULL,
    former_origin TEXT    NOT NULL,
    former_size   INTEGER NOT NULL,
    former_root   BLOB    NOT NULL,
    PRIMARY KEY (org_id, epoch)
) STRICT;

-- The installation's keys for checkpoints. The secret halves are sealed in installation_secret; the public ones stay published for ever.
CREATE TABLE checkpoint_key (
    number     INT     NOT NULL PRIMARY KEY,
    public_key BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Work that only one node does at a time.
CREATE TABLE lease (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

-- The entry from which on the row counts.
ALTER TABLE asset ADD COLUMN since_index INTEGER NOT NULL DEFAULT 0;
-- Rows from before this column was there have no earlier version; they count from their last entry.
UPDATE asset SET since_index = COALESCE(
    (SELECT MAX(e.log_index) FROM ledger_entry e WHERE e.org_id = asset.org_id AND e.stream_id = asset.id), seq);

-- What an asset was until it changed: from the entry that made it so, to the one that made it something else. What it is now is its row.
CREATE TABLE asset_version (
    org_id           BLOB    NOT NULL,
    id               BLOB    NOT NULL,
    from_index       INTEGER NOT NULL,
    to_index         INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
    tag              TEXT,
    serial           TEXT,
    serial_norm      TEXT,
    manufacturer_id  BLOB,
    model_id         BLOB,
    category_id      BLOB    NOT NULL,
    description      TEXT    NOT NULL,
    owning_unit_id   BLOB    NOT NULL,
    location_id      BLOB,
    site_id          BLOB,
    state            TEXT    NOT NULL,
    state_since      INTEGER NOT NULL,
    condition        TEXT    NOT NULL,
    acquisition      TEXT    NOT NULL,
    acquired_on      TEXT,
    cost_minor       INTEGER,
    currency         TEXT,
    warranty_ends_on TEXT,
    last_verified_at INTEGER,
    assignment_id    BLOB,
    holder_id        BLOB,
    due_at           INTEGER,
    suspended        INTEGER NOT NULL,
    rev              INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (org_id, id, from_index)
) STRICT;
CREATE INDEX asset_version_unit ON asset_version (org_id, owning_unit_id, seq);
CREATE INDEX asset_version_seq ON asset_version (org_id, seq);
CREATE INDEX asset_version_to ON asset_version (org_id, to_index);

CREATE TRIGGER ledger_tile_is_never_updated BEFORE UPDATE ON ledger_tile
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_tile_is_never_deleted BEFORE DELETE ON ledger_tile
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_tile_is_never_replaced BEFORE INSERT ON ledger_tile
WHEN EXISTS (SELECT 1 FROM ledger_tile WHERE org_id = NEW.org_id AND level = NEW.level AND position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_checkpoint_is_never_updated BEFORE UPDATE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_checkpoint_is_never_deleted BEFORE DELETE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_checkpoint_is_never_replaced BEFORE INSERT ON ledger_checkpoint
WHEN EXISTS (SELECT 1 FROM ledger_checkpoint WHERE org_id = NEW.org_id AND epoch = NEW.epoch AND size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER checkpoint_key_is_never_updated BEFORE UPDATE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'published keys stay published'); END;
CREATE TRIGGER checkpoint_key_is_never_deleted BEFORE DELETE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'published keys stay published'); END;
CREATE TRIGGER checkpoint_key_is_never_replaced BEFORE INSERT ON checkpoint_key
WHEN EXISTS (SELECT 1 FROM checkpoint_key WHERE number = NEW.number AND public_key <> NEW.public_key)
BEGIN SELECT RAISE(ABORT, 'published keys stay published'); END;
