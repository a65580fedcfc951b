-- The first schema: the directory, the ledger, units, places, people, the catalogue, assets and their custody.
--
-- Conventions: every tenant table's key begins with the organisation; seq is the ledger index of the entry that created the row and the key
-- by which pages continue; instants are microseconds since 1970; days are ISO texts; money is minor units. Tables named *_private, and those
-- that say so, are kept when projections are rebuilt: they hold what must not be in the ledger.

-- ---------------------------------------------------------------------------------------------------------------- the directory
-- Read before the organisation is known. No tenant data, no row security.

CREATE TABLE org_directory (
    org_id     UUID   NOT NULL PRIMARY KEY,
    ordinal    BIGINT NOT NULL UNIQUE,
    slug       TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- An issuer's name for an organisation means nothing beside another issuer's.
CREATE TABLE issuer_directory (
    issuer      TEXT NOT NULL,
    external_id TEXT NOT NULL,
    org_id      UUID NOT NULL REFERENCES org_directory (org_id),
    PRIMARY KEY (issuer, external_id)
);

CREATE TABLE push_token_directory (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    org_id     UUID  NOT NULL REFERENCES org_directory (org_id),
    device_id  UUID  NOT NULL
);

-- Secrets of the installation itself, sealed with the master key.
CREATE TABLE installation_secret (
    name       TEXT   NOT NULL PRIMARY KEY,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

-- ------------------------------------------------------------------------------------------------------------------- the ledger

CREATE TABLE ledger_head (
    org_id   UUID   NOT NULL PRIMARY KEY REFERENCES org_directory (org_id),
    size     BIGINT NOT NULL CHECK (size >= 0),
    frontier BYTEA  NOT NULL
);

CREATE TABLE ledger_entry (
    org_id      UUID   NOT NULL,
    log_index   BIGINT NOT NULL,
    event_id    UUID   NOT NULL,
    type        TEXT   NOT NULL,
    stream_kind TEXT   NOT NULL,
    stream_id   UUID   NOT NULL,
    recorded_at BIGINT NOT NULL,
    leaf_hash   BYTEA  NOT NULL,
    bytes       TEXT   NOT NULL,
    PRIMARY KEY (org_id, log_index),
    UNIQUE (org_id, event_id)
);
CREATE INDEX ledger_entry_stream ON ledger_entry (org_id, stream_id, log_index);

-- What people wrote. The entry holds a salted commitment; erasing the row keeps every proof. Kept by rebuild.
CREATE TABLE ledger_remark (
    org_id   UUID  NOT NULL,
    event_id UUID  NOT NULL,
    salt     BYTEA NOT NULL,
    text     TEXT  NOT NULL,
    PRIMARY KEY (org_id, event_id)
);

-- Answers to requests that may be repeated. Kept by rebuild.
CREATE TABLE idempotency (
    org_id     UUID   NOT NULL,
    principal  TEXT   NOT NULL,
    route      TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    input_hash BYTEA  NOT NULL,
    answer     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, principal, route, key)
);
CREATE INDEX idempotency_expiry ON idempotency (org_id, expires_at);

-- ------------------------------------------------------------------------------------------------------ organisation and units

CREATE TABLE org (
    org_id            UUID    NOT NULL PRIMARY KEY REFERENCES org_directory (org_id),
    seq               BIGINT  NOT NULL,
    name              TEXT    NOT NULL,
    slug              TEXT    NOT NULL,
    timezone          TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    loan_renewals_max BIGINT  NOT NULL,
    is_sandbox        BOOLEAN NOT NULL,
    log_origin        TEXT    NOT NULL,
    created_at        BIGINT  NOT NULL
);

-- Namespaces in which this organisation issues tags with a check character.
CREATE TABLE tag_namespace (
    org_id    UUID NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, namespace)
);

CREATE TABLE unit (
    org_id    UUID   NOT NULL,
    id        UUID   NOT NULL,
    seq       BIGINT NOT NULL,
    parent_id UUID,
    kind      TEXT   NOT NULL,
    code      TEXT COLLATE "C" NOT NULL,
    name      TEXT   NOT NULL,
    depth     BIGINT NOT NULL CHECK (depth BETWEEN 0 AND 12),
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, parent_id) REFERENCES unit (org_id, id)
);

CREATE TABLE unit_closure (
    org_id        UUID   NOT NULL,
    ancestor_id   UUID   NOT NULL,
    descendant_id UUID   NOT NULL,
    distance      BIGINT NOT NULL,
    PRIMARY KEY (org_id, ancestor_id, descendant_id)
);
CREATE INDEX unit_closure_descendant ON unit_closure (org_id, descendant_id, ancestor_id);

-- ----------------------------------------------------------------------------------------------------------------------- places

CREATE TABLE location (
    org_id    UUID    NOT NULL,
    id        UUID    NOT NULL,
    seq       BIGINT  NOT NULL,
    parent_id UUID,
    site_id   UUID    NOT NULL,
    kind      TEXT    NOT NULL,
    code      TEXT COLLATE "C" NOT NULL,
    name      TEXT    NOT NULL,
    path      TEXT    NOT NULL,
    lineage   TEXT    NOT NULL,
    words     TEXT    NOT NULL,
    room_use  TEXT,
    timezone  TEXT,
    controlling_unit_id UUID,
    active    BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    FOREIGN KEY (org_id, parent_id) REFERENCES location (org_id, id)
);
CREATE INDEX location_site ON location (org_id, site_id, seq);
CREATE INDEX location_parent ON location (org_id, parent_id, seq);

-- ----------------------------------------------------------------------------------------------------------------------- people

CREATE TABLE person (
    org_id       UUID   NOT NULL,
    id           UUID   NOT NULL,
    seq          BIGINT NOT NULL,
    home_unit_id UUID   NOT NULL,
    affiliation  TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    separated_on TEXT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    FOREIGN KEY (org_id, home_unit_id) REFERENCES unit (org_id, id)
);
CREATE INDEX person_unit ON person (org_id, home_unit_id, seq);

-- Names and addresses live here and in person_word, and nowhere else.
CREATE TABLE person_private (
    org_id       UUID NOT NULL,
    id           UUID NOT NULL,
    display_name TEXT NOT NULL,
    email        TEXT,
    email_norm   TEXT COLLATE "C",
    hr_id        TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX person_private_email ON person_private (org_id, email_norm);

-- Kept by rebuild, as person_private is.
CREATE TABLE person_word (
    org_id    UUID NOT NULL,
    word      TEXT COLLATE "C" NOT NULL,
    person_id UUID NOT NULL,
    PRIMARY KEY (org_id, word, person_id)
);

-- How issuers know a person. Kept by rebuild.
CREATE TABLE person_identity (
    org_id    UUID NOT NULL,
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id UUID NOT NULL,
    PRIMARY KEY (org_id, issuer, subject)
);

CREATE TABLE role_grant (
    org_id       UUID   NOT NULL,
    id           UUID   NOT NULL,
    seq          BIGINT NOT NULL,
    person_id    UUID   NOT NULL,
    role         TEXT   NOT NULL,
    root_unit_id UUID   NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_to     BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id),
    FOREIGN KEY (org_id, root_unit_id) REFERENCES unit (org_id, id)
);
CREATE INDEX role_grant_person ON role_grant (org_id, person_id);

-- -------------------------------------------------------------------------------------------------------------------- catalogue

CREATE TABLE manufacturer (
    org_id UUID   NOT NULL,
    id     UUID   NOT NULL,
    seq    BIGINT NOT NULL,
    name   TEXT   NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE category (
    org_id    UUID   NOT NULL,
    id        UUID   NOT NULL,
    seq       BIGINT NOT NULL,
    parent_id UUID,
    code      TEXT COLLATE "C" NOT NULL,
    name      TEXT   NOT NULL,
    lineage   TEXT   NOT NULL,
    words     TEXT   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, code),
    FOREIGN KEY (org_id, parent_id) REFERENCES category (org_id, id)
);

CREATE TABLE product_model (
    org_id             UUID    NOT NULL,
    id                 UUID    NOT NULL,
    seq                BIGINT  NOT NULL,
    manufacturer_id    UUID    NOT NULL,
    category_id        UUID    NOT NULL,
    name               TEXT    NOT NULL,
    model_no           TEXT,
    bears_data         BOOLEAN NOT NULL,
    requires_serial    BOOLEAN NOT NULL,
    useful_life_months BIGINT  NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, manufacturer_id) REFERENCES manufacturer (org_id, id),
    FOREIGN KEY (org_id, category_id) REFERENCES category (org_id, id)
);

-- ----------------------------------------------------------------------------------------------------------------------- assets

CREATE TABLE asset (
    org_id               UUID    NOT NULL,
    id                   UUID    NOT NULL,
    seq                  BIGINT  NOT NULL,
    tag                  TEXT,
    tag_norm             TEXT COLLATE "C",
    serial               TEXT,
    serial_norm          TEXT COLLATE "C",
    serial_reversed      TEXT COLLATE "C",
    serial_claim_id      UUID,
    manufacturer_id      UUID,
    model_id             UUID,
    category_id          UUID    NOT NULL,
    description          TEXT    NOT NULL,
    owning_unit_id       UUID    NOT NULL,
    location_id          UUID,
    site_id              UUID,
    location_source      TEXT,
    location_observed_at BIGINT,
    state                TEXT    NOT NULL,
    state_since          BIGINT  NOT NULL,
    prior_state          TEXT,
    bound_for_id         UUID,
    condition            TEXT    NOT NULL,
    acquisition          TEXT    NOT NULL,
    acquired_on          TEXT,
    received_on          TEXT,
    in_service_on        TEXT,
    cost_minor           BIGINT,
    currency             TEXT,
    po_no                TEXT,
    invoice_no           TEXT,
    warranty_ends_on     TEXT,
    last_verified_at     BIGINT,
    assignment_id        UUID,
    holder_id            UUID,
    ever_in_custody      BOOLEAN NOT NULL,
    rev                  BIGINT  NOT NULL,
    created_at           BIGINT  NOT NULL,
    updated_at           BIGINT  NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    -- A serial number is claimed once per maker; placeholders and voided records claim nothing (NULLs are distinct).
    UNIQUE (org_id, serial_norm, serial_claim_id),
    FOREIGN KEY (org_id, owning_unit_id) REFERENCES unit (org_id, id),
    FOREIGN KEY (org_id, category_id) REFERENCES category (org_id, id),
    FOREIGN KEY (org_id, location_id) REFERENCES location (org_id, id)
);
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
    org_id   UUID    NOT NULL,
    tag_norm TEXT COLLATE "C" NOT NULL,
    asset_id UUID    NOT NULL,
    tag      TEXT    NOT NULL,
    current  BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, tag_norm)
);

CREATE TABLE asset_identifier (
    org_id     UUID   NOT NULL,
    asset_id   UUID   NOT NULL,
    kind       TEXT   NOT NULL,
    value_norm TEXT COLLATE "C" NOT NULL,
    value      TEXT   NOT NULL,
    first_seen BIGINT NOT NULL,
    PRIMARY KEY (org_id, value_norm, kind, asset_id)
);
-- Network adapters move between machines; nothing else may be claimed twice.
CREATE UNIQUE INDEX asset_identifier_once ON asset_identifier (org_id, kind, value_norm) WHERE kind <> 'mac_wired';

CREATE TABLE assignment (
    org_id        UUID    NOT NULL,
    id            UUID    NOT NULL,
    seq           BIGINT  NOT NULL,
    asset_id      UUID    NOT NULL,
    target_kind   TEXT    NOT NULL,
    target_id     UUID    NOT NULL,
    kind          TEXT    NOT NULL,
    from_at       BIGINT  NOT NULL,
    to_at         BIGINT,
    due_at        BIGINT,
    renewals      BIGINT  NOT NULL,
    suspended     BOOLEAN NOT NULL,
    condition_out TEXT    NOT NULL,
    condition_in  TEXT,
    issued_by     UUID,
    received_by   UUID,
    PRIMARY KEY (org_id, id),
    CHECK (to_at IS NULL OR to_at >= from_at),
    FOREIGN KEY (org_id, asset_id) REFERENCES asset (org_id, id)
);
CREATE UNIQUE INDEX assignment_open ON assignment (org_id, asset_id) WHERE to_at IS NULL;
CREATE INDEX assignment_asset ON assignment (org_id, asset_id, from_at);
CREATE INDEX assignment_due ON assignment (org_id, due_at) WHERE to_at IS NULL AND due_at IS NOT NULL;

CREATE TABLE hold (
    org_id    UUID   NOT NULL,
    id        UUID   NOT NULL,
    seq       BIGINT NOT NULL,
    asset_id  UUID   NOT NULL,
    kind      TEXT   NOT NULL,
    from_at   BIGINT NOT NULL,
    to_at     BIGINT,
    placed_by UUID,
    PRIMARY KEY (org_id, id),
    CHECK (to_at IS NULL OR to_at >= from_at),
    FOREIGN KEY (org_id, asset_id) REFERENCES asset (org_id, id)
);
CREATE INDEX hold_asset ON hold (org_id, asset_id);

CREATE TABLE observation (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    asset_id    UUID   NOT NULL,
    raw_code    TEXT   NOT NULL,
    location_id UUID,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- How many live assets each unit has at each site: counts for every scope without counting. No site is the nil UUID.
CREATE TABLE asset_tally (
    org_id  UUID   NOT NULL,
    unit_id UUID   NOT NULL,
    site_id UUID   NOT NULL,
    assets  BIGINT NOT NULL,
    PRIMARY KEY (org_id, unit_id, site_id)
);

-- ----------------------------------------------------------------------------------------------------------------- push devices

CREATE TABLE push_device (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    seq           BIGINT NOT NULL,
    person_id     UUID   NOT NULL,
    platform      TEXT   NOT NULL,
    registered_at BIGINT NOT NULL,
    removed_at    BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX push_device_person ON push_device (org_id, person_id);

CREATE TABLE push_device_private (
    org_id       UUID  NOT NULL,
    id           UUID  NOT NULL,
    token_hash   BYTEA NOT NULL,
    token_sealed BYTEA NOT NULL,
    device_name  TEXT,
    PRIMARY KEY (org_id, id)
);

-- ------------------------------------------------------------------------------------------------------------------ full text
-- The words and tokens of an asset, split and folded before they get here.
CREATE TABLE asset_search (
    org_id   UUID     NOT NULL,
    seq      BIGINT   NOT NULL,
    document TSVECTOR NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX asset_search_document ON asset_search USING gin (document);

-- --------------------------------------------------------------------------------------------------------------------- triggers

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER ledger_entry_is_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_entry_is_never_truncated BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_never_shrinks BEFORE UPDATE ON ledger_head
    FOR EACH ROW WHEN (NEW.size < OLD.size OR NEW.org_id <> OLD.org_id) EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_is_never_deleted BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_head_is_never_truncated BEFORE TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

CREATE FUNCTION refuse_custody_overlap() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM assignment other
        WHERE other.org_id = NEW.org_id AND other.asset_id = NEW.asset_id AND other.id <> NEW.id
          AND other.from_at < COALESCE(NEW.to_at, 9223372036854775807)
          AND COALESCE(other.to_at, 9223372036854775807) > NEW.from_at)
    THEN
        RAISE EXCEPTION 'custody intervals of an asset must not overlap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assignment_apart BEFORE INSERT OR UPDATE OF asset_id, from_at, to_at ON assignment
    FOR EACH ROW EXECUTE FUNCTION refuse_custody_overlap();

-- ----------------------------------------------------------------------------------------------------------------- row security
-- The owner is bound as well. The setting is empty outside a transaction that set it; then no row is visible.

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_head',
        'ledger_entry',
        'ledger_remark',
        'idempotency',
        'org',
        'tag_namespace',
        'unit',
        'unit_closure',
        'location',
        'person',
        'person_private',
        'person_word',
        'person_identity',
        'role_grant',
        'manufacturer',
        'category',
        'product_model',
        'asset',
        'asset_tag',
        'asset_identifier',
        'assignment',
        'hold',
        'observation',
        'asset_tally',
        'push_device',
        'push_device_private',
        'asset_search'
    ]
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

-- ----------------------------------------------------------------------------------------------------------------------- rights
-- The serving role owns nothing. Rebuilding projections is the owner's work, so it deletes only where a row's absence is the fact.

GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO habeo_app;
REVOKE INSERT ON _sqlx_migrations FROM habeo_app;
GRANT UPDATE ON org_directory, issuer_directory, push_token_directory, installation_secret, ledger_head, idempotency, org, unit, location, person, person_private,
    role_grant, manufacturer, category, product_model, asset, asset_tag, asset_identifier, assignment, hold, asset_tally, push_device,
    push_device_private, asset_search TO habeo_app;
GRANT DELETE ON push_token_directory, idempotency, unit_closure, person_word, asset_search, push_device_private TO habeo_app;
