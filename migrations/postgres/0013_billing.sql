-- What the identity provider and the billing service report: who may still sign in, which seats an organisation has, and what cannot be placed
-- with any organisation yet.

-- Which organisations know an issuer's subject; read before the organisation is known. Several may. No name.
CREATE TABLE subject_directory (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    org_id  UUID NOT NULL REFERENCES org_directory (org_id),
    PRIMARY KEY (issuer, subject, org_id)
);
-- The rows of all organisations at once: for this statement the owner is not held to row security.
ALTER TABLE person_identity NO FORCE ROW LEVEL SECURITY;
INSERT INTO subject_directory (issuer, subject, org_id) SELECT DISTINCT issuer, subject, org_id FROM person_identity;
ALTER TABLE person_identity FORCE ROW LEVEL SECURITY;

-- What an issuer has deleted: a late report of it must not bring it back. Issuers give no name twice, so rows stay.
CREATE TABLE issuer_tombstone (
    issuer      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    external_id TEXT    NOT NULL,
    deleted_at  BIGINT NOT NULL,
    PRIMARY KEY (issuer, kind, external_id)
);

-- What came in and concerns no organisation that is known, or not only those. Kept for thirty days; what it says is sealed.
CREATE TABLE unplaced (
    name        TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    source      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    waits_for   TEXT,
    happened_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body_sealed BYTEA
);
CREATE INDEX unplaced_waiting ON unplaced (source, waits_for, happened_at) WHERE waits_for IS NOT NULL;
CREATE INDEX unplaced_received ON unplaced (received_at);

-- Whose customer of the billing service it is; read before the organisation is known.
CREATE TABLE billing_directory (
    customer  TEXT    NOT NULL PRIMARY KEY,
    org_id    UUID    NOT NULL REFERENCES org_directory (org_id),
    linked_at BIGINT NOT NULL
);
CREATE INDEX billing_directory_org ON billing_directory (org_id);

-- Kept: how far the issuer's reports of somebody are known, and whether they may sign in by this name.
ALTER TABLE person_identity ADD COLUMN ended_at BIGINT;
ALTER TABLE person_identity ADD COLUMN barred_at BIGINT;
ALTER TABLE person_identity ADD COLUMN profile_updated_at BIGINT;
ALTER TABLE person_identity ADD COLUMN membership_key TEXT;
ALTER TABLE person_identity ADD COLUMN membership_updated_at BIGINT;
ALTER TABLE person_identity ADD COLUMN admin_grant_id UUID;
CREATE INDEX person_identity_person ON person_identity (org_id, person_id);

-- When the issuer's report of the organisation that counts was made.
ALTER TABLE issuer_directory ADD COLUMN object_updated_at BIGINT;

-- An organisation that was closed: nobody signs in, and everything stays.
ALTER TABLE org ADD COLUMN closed_at BIGINT;

-- The licence of an organisation, as the billing service's reports add up to it.
CREATE TABLE seat (
    org_id      UUID    NOT NULL PRIMARY KEY,
    customer    TEXT    NOT NULL,
    livemode    BOOLEAN NOT NULL,
    detached    BOOLEAN NOT NULL,
    state       TEXT    NOT NULL,
    quantity    BIGINT,
    period_end  BIGINT,
    grace_until BIGINT,
    metered     BOOLEAN NOT NULL,
    unclear     BOOLEAN NOT NULL,
    changed_at  BIGINT NOT NULL
);

CREATE TABLE seat_subscription (
    org_id      UUID    NOT NULL,
    id          TEXT    COLLATE "C" NOT NULL,
    customer    TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    quantity    BIGINT,
    period_end  BIGINT,
    failed_at   BIGINT,
    grace_until BIGINT,
    metered     BOOLEAN NOT NULL,
    unclear     BOOLEAN NOT NULL,
    ended       BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: up to which of its events a subscription is known.
CREATE TABLE seat_seen (
    org_id       UUID    NOT NULL,
    subscription TEXT    NOT NULL,
    event_at     BIGINT NOT NULL,
    event_id     TEXT    NOT NULL,
    step         TEXT    NOT NULL,
    PRIMARY KEY (org_id, subscription)
);

-- Kept: for which days the seats in use were reported, and how many they were.
CREATE TABLE seat_report (
    org_id UUID    NOT NULL,
    day    TEXT    COLLATE "C" NOT NULL,
    seats  BIGINT NOT NULL,
    PRIMARY KEY (org_id, day)
);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['seat', 'seat_subscription', 'seat_seen', 'seat_report']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON subject_directory, issuer_tombstone, unplaced, billing_directory, seat, seat_subscription, seat_seen, seat_report TO habeo_app;
GRANT UPDATE ON unplaced, person_identity, seat, seat_subscription, seat_seen TO habeo_app;
GRANT DELETE ON unplaced, billing_directory TO habeo_app;
