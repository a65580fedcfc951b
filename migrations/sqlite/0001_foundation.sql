-- The first schema: the directory, the ledger, units, places, people, the catalogue, assets and their custody.
--
-- Conventions: every tenant table's key begins with the organisation; seq is the ledger index of the entry that created the row and the key
-- by which pages continue; instants are microseconds since 1970; days are ISO texts; money is minor units. Tables named *_private, and those
-- that say so, are kept when projections are rebuilt: they hold what must not be in the ledger.

-- ---------------------------------------------------------------------------------------------------------------- the directory
-- Read before the organisation is known. No tenant data, no row security.

CREATE TABLE org_directory (
    org_id     BLOB   NOT NULL PRIMARY KEY,
    ordinal    INTEGER NOT NULL UNIQUE,
    slug       TEXT   NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

-- An issuer's name for an organisation means nothing beside another issuer's.
CREATE TABLE issuer_directory (
    issuer      TEXT NOT NULL,
    external_id TEXT NOT NULL,
    org_id      BLOB NOT NULL REFERENCES org_directory (org_id),
    PRIMARY KEY (issuer, external_id)
) STRICT;

CREATE TABLE push_token_directory (
    token_hash BLOB NOT NULL PRIMARY KEY,
    org_id     BLOB  NOT NULL REFERENCES org_directory (org_id),
    device_id  BLOB  NOT NULL
) STRICT;

-- Secrets of the installation itself, sealed with the master key.
CREATE TABLE installation_secret (
    name       TEXT   NOT NULL PRIMARY KEY,
    sealed     BLOB  NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------------------------------------- the ledger

CREATE TABLE ledger_head (
    org_id   BLOB   NOT NULL PRIMARY KEY REFERENCES org_directory (org_id),
    size     INTEGER NOT NULL CHECK (size >= 0),
    frontier BLOB  NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entry (
    org_id      BLOB   NOT NULL,
    log_index   INTEGER NOT NULL,
    event_id    BLOB   NOT NULL,
    type        TEXT   NOT NULL,
    stream_kind TEXT   NOT NULL,
    stream_id   BLOB   NOT NULL,
    recorded_at INTEGER NOT NULL,
    leaf_hash   BLOB  NOT NULL,
    bytes       TEXT   NOT NULL,
    PRIMARY KEY (org_id, log_index),
    UNIQUE (org_id, event_id)
-- With rowids, unlike the small tables around it: an entry is longer than the quarter of a page that a row may fill without them.
) STRICT;
CREATE INDEX ledger_entry_stream ON ledger_entry (org_id, stream_id, log_index);

-- What people wrote. The entry holds a salted commitment; erasing the row keeps every proof. Kept by rebuild.
CREATE TABLE ledger_remark (
    org_id   BLOB  NOT NULL,
    event_id BLOB  NOT NULL,
    salt     BLOB NOT NULL,
    text     TEXT  NOT NULL,
    PRIMARY KEY (org_id, event_id)
) STRICT, WITHOUT ROWID;

-- Answers to requests that may be repeated. Kept by rebuild.
CREATE TABLE idempotency (
    org_id     BLOB   NOT NULL,
    principal  TEXT   NOT NULL,
    route      TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    input_hash BLOB  NOT NULL,
    answer     TEXT   NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, principal, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (org_id, expires_at);

-- ------------------------------------------------------------------------------------------------------ organisation and units

CREATE TABLE org (
    org_id            BLOB    NOT NULL PRIMARY KEY REFERENCES org_directory (org_id),
    seq               INTEGER  NOT NULL,
    name              TEXT    NOT NULL,
    slug              TEXT    NOT NULL,
    timezone          TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    loan_renewals_max INTEGER  NOT NULL,
    is_sandbox        INTEGER NOT NULL,
    log_origin        TEXT    NOT NULL,
    created_at        INTEGER  NOT NULL
) STRICT;

-- Namespaces in which this organisation issues tags with a check character.
CREATE TABLE tag_namespace (
    org_id    BLOB NOT NULL,
    namespace TEXT NOT NULL,
    PRIMARY KEY (org_id, namespace)
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
    org_id    BLOB   NOT NULL,
    id        BLOB   NOT NULL,
    seq       INTEGER NOT NULL,
    parent_id BLOB,
    kind      TEXT   NOT NULL,
    code      TEXT NOT NULL,
    name      TEXT   NOT NULL,
    depth     INTEGER NOT NULL CHECK (depth BETWEEN 0 AND 12),
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, parent_id) REFERENCES unit (org_id, id)
) STRICT;

CREATE TABLE unit_closure (
    org_id        BLOB   NOT NULL,
    ancestor_id   BLOB   NOT NULL,
    descendant_id BLOB   NOT NULL,
    distance      INTEGER NOT NULL,
    PRIMARY KEY (org_id, ancestor_id, descendant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_closure_descendant ON unit_closure (org_id, descendant_id, ancestor_id);

-- ----------------------------------------------------------------------------------------------------------------------- places

CREATE TABLE location (
    org_id    BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    seq       INTEGER  NOT NULL,
    parent_id BLOB,
    site_id   BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    code      TEXT NOT NULL,
    name      TEXT    NOT NULL,
    path      TEXT    NOT NULL,
    lineage   TEXT    NOT NULL,
    words     TEXT    NOT NULL,
    room_use  TEXT,
    timezone  TEXT,
    controlling_unit_id BLOB,
    active    INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    FOREIGN KEY (org_id, parent_id) REFERENCES location (org_id, id)
) STRICT;
CREATE INDEX location_site ON location (org_id, site_id, seq);
CREATE INDEX location_parent ON location (org_id, parent_id, seq);

-- ----------------------------------------------------------------------------------------------------------------------- people

CREATE TABLE person (
    org_id       BLOB   NOT NULL,
    id           BLOB   NOT NULL,
    seq          INTEGER NOT NULL,
    home_unit_id BLOB   NOT NULL,
    affiliation  TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    separated_on TEXT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    FOREIGN KEY (org_id, home_unit_id) REFERENCES unit (org_id, id)
) STRICT;
CREATE INDEX person_unit ON person (org_id, home_unit_id, seq);

-- Names and addresses live here and in person_word, and nowhere else.
CREATE TABLE person_private (
    org_id       BLOB NOT NULL,
    id           BLOB NOT NULL,
    display_name TEXT NOT NULL,
    email        TEXT,
    email_norm   TEXT,
    hr_id        TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX person_private_email ON person_private (org_id, email_norm);

-- Kept by rebuild, as person_private is.
CREATE TABLE person_word (
    org_id    BLOB NOT NULL,
    word      TEXT NOT NULL,
    person_id BLOB NOT NULL,
    PRIMARY KEY (org_id, word, person_id)
) STRICT, WITHOUT ROWID;

-- How issuers know a person. Kept by rebuild.
CREATE TABLE person_identity (
    org_id    BLOB NOT NULL,
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id BLOB NOT NULL,
    PRIMARY KEY (org_id, issuer, subject)
) STRICT;

CREATE TABLE role_grant (
    org_id       BLOB   NOT NULL,
    id           BLOB   NOT NULL,
    seq          INTEGER NOT NULL,
    person_id    BLOB   NOT NULL,
    role         TEXT   NOT NULL,
    root_unit_id BLOB   NOT NULL,
    valid_from   INTEGER NOT NULL,
    valid_to     INTEGER,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id),
    FOREIGN KEY (org_id, root_unit_id) REFERENCES unit (org_id, id)
) STRICT;
CREATE INDEX role_grant_person ON role_grant (org_id, person_id);

-- -------------------------------------------------------------------------------------------------------------------- catalogue

CREATE TABLE manufacturer (
    org_id BLOB   NOT NULL,
    id     BLOB   NOT NULL,
    seq    INTEGER NOT NULL,
    name   TEXT   NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE TABLE category (
    org_id    BLOB   NOT NULL,
    id        BLOB   NOT NULL,
    seq       INTEGER NOT NULL,
    parent_id BLOB,
    code      TEXT NOT NULL,
    name      TEXT   NOT NULL,
    lineage   TEXT   NOT NULL,
    words     TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, parent_id) REFERENCES category (org_id, id)
) STRICT;

CREATE TABLE product_model (
    org_id             BLOB    NOT NULL,
    id                 BLOB    NOT NULL,
    seq                INTEGER  NOT NULL,
    manufacturer_id    BLOB    NOT NULL,
    category_id        BLOB    NOT NULL,
    name               TEXT    NOT NULL,
    model_no           TEXT,
    bears_data         INTEGER NOT NULL,
    requires_serial    INTEGER NOT NULL,
    useful_life_months INTEGER  NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, manufacturer_id) REFERENCES manufacturer (org_id, id),
    FOREIGN KEY (org_id, category_id) REFERENCES category (org_id, id)
) STRICT;

-- ----------------------------------------------------------------------------------------------------------------------- assets

CREATE TABLE asset (
    org_id               BLOB    NOT NULL,
    id                   BLOB    NOT NULL,
    seq                  INTEGER  NOT NULL,
    tag                  TEXT,
    tag_norm             TEXT,
    serial               TEXT,
    serial_norm          TEXT,
    serial_reversed      TEXT,
    serial_claim_id      BLOB,
    manufacturer_id      BLOB,
    model_id             BLOB,
    category_id          BLOB    NOT NULL,
    description          TEXT    NOT NULL,
    owning_unit_id       BLOB    NOT NULL,
    location_id          BLOB,
    site_id              BLOB,
    location_source      TEXT,
    location_observed_at INTEGER,
    state                TEXT    NOT NULL,
    state_since          INTEGER  NOT NULL,
    prior_state          TEXT,
    bound_for_id         BLOB,
    condition            TEXT    NOT NULL,
    acquisition          TEXT    NOT NULL,
    acquired_on          TEXT,
    received_on          TEXT,
    in_service_on        TEXT,
    cost_minor           INTEGER,
    currency             TEXT,
    po_no                TEXT,
    invoice_no           TEXT,
    warranty_ends_on     TEXT,
    last_verified_at     INTEGER,
    assignment_id        BLOB,
    holder_id            BLOB,
    ever_in_custody      INTEGER NOT NULL,
    rev                  INTEGER  NOT NULL,
    created_at           INTEGER  NOT NULL,
    updated_at           INTEGER  NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    -- A serial number is claimed once per maker; placeholders and voided records claim nothing (NULLs are distinct).
    UNIQUE (org_id, serial_norm, serial_claim_id),
    FOREIGN KEY (org_id, owning_unit_id) REFERENCES unit (org_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (org_id, category_id) REFERENCES category (org_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (org_id, location_id) REFERENCES location (org_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX asset_unit ON asset (org_id, owning_unit_id, seq);
CREATE INDEX asset_state ON asset (org_id, state, seq);
CREATE INDEX asset_site ON asset (org_id, site_id, seq);
CREATE INDEX asset_category ON asset (org_id, category_id, seq);
CREATE INDEX asset_model ON asset (org_id, model_id, seq);
CREATE INDEX asset_holder ON asset (org_id, holder_id, seq) WHERE holder_id IS NOT NULL;
CREATE INDEX asset_updated ON asset (org_id, updated_at, seq);
CREATE INDEX asset_serial_reversed ON asset (org_id, serial_reversed);

-- A label is issued once and never again: retired ones and aliases keep their row.
CREATE TABLE asset_tag (
    org_id   BLOB    NOT NULL,
    tag_norm TEXT NOT NULL,
    asset_id BLOB    NOT NULL,
    tag      TEXT    NOT NULL,
    current  INTEGER NOT NULL,
    PRIMARY KEY (org_id, tag_norm)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_identifier (
    org_id     BLOB   NOT NULL,
    asset_id   BLOB   NOT NULL,
    kind       TEXT   NOT NULL,
    value_norm TEXT NOT NULL,
    value      TEXT   NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (org_id, value_norm, kind, asset_id)
) STRICT, WITHOUT ROWID;
-- Network adapters move between machines; nothing else may be claimed twice.
CREATE UNIQUE INDEX asset_identifier_once ON asset_identifier (org_id, kind, value_norm) WHERE kind <> 'mac_wired';

CREATE TABLE assignment (
    org_id        BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    seq           INTEGER  NOT NULL,
    asset_id      BLOB    NOT NULL,
    target_kind   TEXT    NOT NULL,
    target_id     BLOB    NOT NULL,
    kind          TEXT    NOT NULL,
    from_at       INTEGER  NOT NULL,
    to_at         INTEGER,
    due_at        INTEGER,
    renewals      INTEGER  NOT NULL,
    suspended     INTEGER NOT NULL,
    condition_out TEXT    NOT NULL,
    condition_in  TEXT,
    issued_by     BLOB,
    received_by   BLOB,
    PRIMARY KEY (org_id, id),
    CHECK (to_at IS NULL OR to_at >= from_at),
    FOREIGN KEY (org_id, asset_id) REFERENCES asset (org_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE UNIQUE INDEX assignment_open ON assignment (org_id, asset_id) WHERE to_at IS NULL;
CREATE INDEX assignment_asset ON assignment (org_id, asset_id, from_at);
CREATE INDEX assignment_due ON assignment (org_id, due_at) WHERE to_at IS NULL AND due_at IS NOT NULL;

CREATE TABLE hold (
    org_id    BLOB   NOT NULL,
    id        BLOB   NOT NULL,
    seq       INTEGER NOT NULL,
    asset_id  BLOB   NOT NULL,
    kind      TEXT   NOT NULL,
    from_at   INTEGER NOT NULL,
    to_at     INTEGER,
    placed_by BLOB,
    PRIMARY KEY (org_id, id),
    CHECK (to_at IS NULL OR to_at >= from_at),
    FOREIGN KEY (org_id, asset_id) REFERENCES asset (org_id, id)
) STRICT;
CREATE INDEX hold_asset ON hold (org_id, asset_id);

CREATE TABLE observation (
    org_id      BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    asset_id    BLOB   NOT NULL,
    raw_code    TEXT   NOT NULL,
    location_id BLOB,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- How many live assets each unit has at each site: counts for every scope without counting. No site is the nil UUID.
CREATE TABLE asset_tally (
    org_id  BLOB   NOT NULL,
    unit_id BLOB   NOT NULL,
    site_id BLOB   NOT NULL,
    assets  INTEGER NOT NULL,
    PRIMARY KEY (org_id, unit_id, site_id)
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------------------------------------------------------------- push devices

CREATE TABLE push_device (
    org_id        BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    seq           INTEGER NOT NULL,
    person_id     BLOB   NOT NULL,
    platform      TEXT   NOT NULL,
    registered_at INTEGER NOT NULL,
    removed_at    INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX push_device_person ON push_device (org_id, person_id);

CREATE TABLE push_device_private (
    org_id       BLOB  NOT NULL,
    id           BLOB  NOT NULL,
    token_hash   BLOB NOT NULL,
    token_sealed BLOB NOT NULL,
    device_name  TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;

-- ------------------------------------------------------------------------------------------------------------------ full text
-- Contentless: the words and tokens of an asset under rowid = organisation's ordinal << 40 | seq, so that one range of rowids is one
-- organisation in the order of its pages. Words are split and folded before they get here.
CREATE VIRTUAL TABLE asset_search USING fts5 (
    document, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_'", detail = none
);
-- Every word that was ever in the index of an organisation: a searched beginning is asked as the few words that it stands for.
CREATE TABLE asset_search_word (
    org_id BLOB NOT NULL,
    word   TEXT NOT NULL,
    PRIMARY KEY (org_id, word)
) STRICT, WITHOUT ROWID;

-- --------------------------------------------------------------------------------------------------------------------- triggers

CREATE TRIGGER ledger_entry_is_never_updated BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(FAIL, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(FAIL, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_head_never_shrinks BEFORE UPDATE ON ledger_head WHEN NEW.size < OLD.size OR NEW.org_id <> OLD.org_id
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_head_is_never_deleted BEFORE DELETE ON ledger_head
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- INSERT OR REPLACE deletes without asking the triggers of deletion.
CREATE TRIGGER ledger_entry_is_never_replaced BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE org_id = NEW.org_id AND log_index = NEW.log_index)
  OR EXISTS (SELECT 1 FROM ledger_entry WHERE org_id = NEW.org_id AND event_id = NEW.event_id)
BEGIN SELECT RAISE(FAIL, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_head_is_never_replaced BEFORE INSERT ON ledger_head
WHEN EXISTS (SELECT 1 FROM ledger_head WHERE org_id = NEW.org_id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER assignment_inserted_apart BEFORE INSERT ON assignment
WHEN EXISTS (
    SELECT 1 FROM assignment other
    WHERE other.org_id = NEW.org_id AND other.asset_id = NEW.asset_id AND other.id <> NEW.id
      AND other.from_at < COALESCE(NEW.to_at, 9223372036854775807)
      AND COALESCE(other.to_at, 9223372036854775807) > NEW.from_at)
BEGIN SELECT RAISE(ABORT, 'custody intervals of an asset must not overlap'); END;
CREATE TRIGGER assignment_updated_apart BEFORE UPDATE OF asset_id, from_at, to_at ON assignment
WHEN EXISTS (
    SELECT 1 FROM assignment other
    WHERE other.org_id = NEW.org_id AND other.asset_id = NEW.asset_id AND other.id <> NEW.id
      AND other.from_at < COALESCE(NEW.to_at, 9223372036854775807)
      AND COALESCE(other.to_at, 9223372036854775807) > NEW.from_at)
BEGIN SELECT RAISE(ABORT, 'custody intervals of an asset must not overlap'); END;
