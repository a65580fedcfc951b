-- What the identity provider and the billing service report: who may still sign in, which seats an organisation has, and what cannot be placed
-- with any organisation yet.

-- Which organisations know an issuer's subject; read before the organisation is known. Several may. No name.
CREATE TABLE subject_directory (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    org_id  BLOB NOT NULL REFERENCES org_directory (org_id),
    PRIMARY KEY (issuer, subject, org_id)
) STRICT;
INSERT INTO subject_directory (issuer, subject, org_id) SELECT DISTINCT issuer, subject, org_id FROM person_identity;

-- What an issuer has deleted: a late report of it must not bring it back. Issuers give no name twice, so rows stay.
CREATE TABLE issuer_tombstone (
    issuer      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    external_id TEXT    NOT NULL,
    deleted_at  INTEGER NOT NULL,
    PRIMARY KEY (issuer, kind, external_id)
) STRICT;

-- What came in and concerns no organisation that is known, or not only those. Kept for thirty days; what it says is sealed.
CREATE TABLE unplaced (
    name        TEXT    NOT NULL PRIMARY KEY,
    source      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    waits_for   TEXT,
    happened_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    body_sealed BLOB
) STRICT;
CREATE INDEX unplaced_waiting ON unplaced (source, waits_for, happened_at) WHERE waits_for IS NOT NULL;
CREATE INDEX unplaced_received ON unplaced (received_at);

-- Whose customer of the billing service it is; read before the organisation is known.
CREATE TABLE billing_directory (
    customer  TEXT    NOT NULL PRIMARY KEY,
    org_id    BLOB    NOT NULL REFERENCES org_directory (org_id),
    linked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX billing_directory_org ON billing_directory (org_id);

-- Kept: how far the issuer's reports of somebody are known, and whether they may sign in by this name.
ALTER TABLE person_identity ADD COLUMN ended_at INTEGER;
ALTER TABLE person_identity ADD COLUMN barred_at INTEGER;
ALTER TABLE person_identity ADD COLUMN profile_updated_at INTEGER;
ALTER TABLE person_identity ADD COLUMN membership_key TEXT;
ALTER TABLE person_identity ADD COLUMN membership_updated_at INTEGER;
ALTER TABLE person_identity ADD COLUMN admin_grant_id BLOB;
CREATE INDEX person_identity_person ON person_identity (org_id, person_id);

-- When the issuer's report of the organisation that counts was made.
ALTER TABLE issuer_directory ADD COLUMN object_updated_at INTEGER;

-- An organisation that was closed: nobody signs in, and everything stays.
ALTER TABLE org ADD COLUMN closed_at INTEGER;

-- The licence of an organisation, as the billing service's reports add up to it.
CREATE TABLE seat (
    org_id      BLOB    NOT NULL PRIMARY KEY,
    customer    TEXT    NOT NULL,
    livemode    INTEGER NOT NULL,
    detached    INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    quantity    INTEGER,
    period_end  INTEGER,
    grace_until INTEGER,
    metered     INTEGER NOT NULL,
    unclear     INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE seat_subscription (
    org_id      BLOB    NOT NULL,
    id          TEXT    NOT NULL,
    customer    TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    quantity    INTEGER,
    period_end  INTEGER,
    failed_at   INTEGER,
    grace_until INTEGER,
    metered     INTEGER NOT NULL,
    unclear     INTEGER NOT NULL,
    ended       INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: up to which of its events a subscription is known.
CREATE TABLE seat_seen (
    org_id       BLOB    NOT NULL,
    subscription TEXT    NOT NULL,
    event_at     INTEGER NOT NULL,
    event_id     TEXT    NOT NULL,
    step         TEXT    NOT NULL,
    PRIMARY KEY (org_id, subscription)
) STRICT;

-- Kept: for which days the seats in use were reported, and how many they were.
CREATE TABLE seat_report (
    org_id BLOB    NOT NULL,
    day    TEXT    NOT NULL,
    seats  INTEGER NOT NULL,
    PRIMARY KEY (org_id, day)
) STRICT;
