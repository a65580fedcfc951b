-- Devices: which asset each device of a device management is, what the management reported of it, and what people have to decide.

-- A management's own key for a device, and the asset that it is.
CREATE TABLE external_ref (
    org_id        BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    external_id   TEXT NOT NULL,
    asset_id      BLOB   NOT NULL,
    seq           INTEGER NOT NULL,
    linked_at     INTEGER NOT NULL,
    superseded_by TEXT,
    superseded_at INTEGER,
    PRIMARY KEY (org_id, connection_id, external_id)
) STRICT;
CREATE INDEX external_ref_asset ON external_ref (org_id, asset_id);
-- Reports are looked up by their keys, many at once.
CREATE INDEX external_ref_key ON external_ref (org_id, external_id, connection_id);

-- What a management last reported of an asset that was worth a fact.
CREATE TABLE device (
    org_id        BLOB   NOT NULL,
    asset_id      BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    seq           INTEGER NOT NULL,
    provider      TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    status_since  INTEGER NOT NULL,
    external_id   TEXT,
    enrolled_at   INTEGER,
    unenrolled_at INTEGER,
    checked_in_at INTEGER,
    platform      TEXT,
    os_version    TEXT,
    ownership     TEXT,
    compliance    TEXT,
    PRIMARY KEY (org_id, asset_id, connection_id)
) STRICT;
CREATE INDEX device_connection ON device (org_id, connection_id, asset_id);

-- Kept: when a device was last heard of, and what people and managements call it and its user. No fact says any of it.
CREATE TABLE device_private (
    org_id         BLOB   NOT NULL,
    asset_id       BLOB   NOT NULL,
    connection_id  BLOB   NOT NULL,
    seen_at        INTEGER NOT NULL,
    vouched_at     INTEGER,
    left_at        INTEGER,
    name           TEXT,
    serial         TEXT,
    provider_tag   TEXT,
    email          TEXT,
    principal_name TEXT,
    username       TEXT,
    display_name   TEXT,
    building       TEXT,
    department     TEXT,
    room           TEXT,
    PRIMARY KEY (org_id, asset_id, connection_id)
) STRICT;

-- Assets that may be one thing, or a device that may not be the asset that it says it is: for somebody to decide.
CREATE TABLE duplicate_case (
    org_id        BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    seq           INTEGER NOT NULL,
    kind          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    fingerprint   TEXT   NOT NULL,
    connection_id BLOB   NOT NULL,
    provider      TEXT   NOT NULL,
    external_id   TEXT,
    serial        TEXT,
    manufacturer  TEXT,
    model         TEXT,
    opened_at     INTEGER NOT NULL,
    survivor_id   BLOB,
    decided_at    INTEGER,
    decided_by    BLOB,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX duplicate_case_state ON duplicate_case (org_id, state, seq);

CREATE TABLE duplicate_member (
    org_id     BLOB   NOT NULL,
    case_id    BLOB   NOT NULL,
    asset_id   BLOB   NOT NULL,
    place      INTEGER NOT NULL,
    matched_by TEXT   NOT NULL,
    PRIMARY KEY (org_id, case_id, asset_id)
) STRICT;
CREATE INDEX duplicate_member_asset ON duplicate_member (org_id, asset_id);

-- Proposals that an asset be handed over to whoever uses it.
CREATE TABLE hand_over (
    org_id        BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    seq           INTEGER NOT NULL,
    asset_id      BLOB   NOT NULL,
    person_id     BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    provider      TEXT   NOT NULL,
    assignment_id BLOB,
    state         TEXT   NOT NULL,
    proposed_at   INTEGER NOT NULL,
    decided_at    INTEGER,
    decided_by    BLOB,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX hand_over_open ON hand_over (org_id, asset_id) WHERE state = 'proposed';
CREATE INDEX hand_over_asset ON hand_over (org_id, asset_id, seq);
CREATE INDEX hand_over_state ON hand_over (org_id, state, seq);

-- Kept: in which words the management named the user.
CREATE TABLE hand_over_private (
    org_id         BLOB NOT NULL,
    id             BLOB NOT NULL,
    email          TEXT,
    principal_name TEXT,
    username       TEXT,
    display_name   TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;

-- A record that turned out to be of an asset that has another record already: it stays, leads to the other, and counts no more.
ALTER TABLE asset ADD COLUMN merged_into_id BLOB;
ALTER TABLE asset_version ADD COLUMN merged_into_id BLOB;
CREATE INDEX asset_merged ON asset (org_id, merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Whether hand-overs are proposed for the assets of a unit; none where the unit above decides.
ALTER TABLE unit ADD COLUMN propose_hand_overs INTEGER;
