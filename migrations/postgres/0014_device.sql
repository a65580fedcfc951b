-- Devices: which asset each device of a device management is, what the management reported of it, and what people have to decide.

-- A management's own key for a device, and the asset that it is.
CREATE TABLE external_ref (
    org_id        UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    external_id   TEXT COLLATE "C" NOT NULL,
    asset_id      UUID   NOT NULL,
    seq           BIGINT NOT NULL,
    linked_at     BIGINT NOT NULL,
    superseded_by TEXT,
    superseded_at BIGINT,
    PRIMARY KEY (org_id, connection_id, external_id)
);
CREATE INDEX external_ref_asset ON external_ref (org_id, asset_id);
-- Reports are looked up by their keys, many at once.
CREATE INDEX external_ref_key ON external_ref (org_id, external_id, connection_id);

-- What a management last reported of an asset that was worth a fact.
CREATE TABLE device (
    org_id        UUID   NOT NULL,
    asset_id      UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    seq           BIGINT NOT NULL,
    provider      TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    status_since  BIGINT NOT NULL,
    external_id   TEXT,
    enrolled_at   BIGINT,
    unenrolled_at BIGINT,
    checked_in_at BIGINT,
    platform      TEXT,
    os_version    TEXT,
    ownership     TEXT,
    compliance    TEXT,
    PRIMARY KEY (org_id, asset_id, connection_id)
);
CREATE INDEX device_connection ON device (org_id, connection_id, asset_id);

-- Kept: when a device was last heard of, and what people and managements call it and its user. No fact says any of it.
CREATE TABLE device_private (
    org_id         UUID   NOT NULL,
    asset_id       UUID   NOT NULL,
    connection_id  UUID   NOT NULL,
    seen_at        BIGINT NOT NULL,
    vouched_at     BIGINT,
    left_at        BIGINT,
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
);

-- Assets that may be one thing, or a device that may not be the asset that it says it is: for somebody to decide.
CREATE TABLE duplicate_case (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    seq           BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    fingerprint   TEXT   NOT NULL,
    connection_id UUID   NOT NULL,
    provider      TEXT   NOT NULL,
    external_id   TEXT,
    serial        TEXT,
    manufacturer  TEXT,
    model         TEXT,
    opened_at     BIGINT NOT NULL,
    survivor_id   UUID,
    decided_at    BIGINT,
    decided_by    UUID,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX duplicate_case_state ON duplicate_case (org_id, state, seq);

CREATE TABLE duplicate_member (
    org_id     UUID   NOT NULL,
    case_id    UUID   NOT NULL,
    asset_id   UUID   NOT NULL,
    place      BIGINT NOT NULL,
    matched_by TEXT   NOT NULL,
    PRIMARY KEY (org_id, case_id, asset_id)
);
CREATE INDEX duplicate_member_asset ON duplicate_member (org_id, asset_id);

-- Proposals that an asset be handed over to whoever uses it.
CREATE TABLE hand_over (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    seq           BIGINT NOT NULL,
    asset_id      UUID   NOT NULL,
    person_id     UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    provider      TEXT   NOT NULL,
    assignment_id UUID,
    state         TEXT   NOT NULL,
    proposed_at   BIGINT NOT NULL,
    decided_at    BIGINT,
    decided_by    UUID,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX hand_over_open ON hand_over (org_id, asset_id) WHERE state = 'proposed';
CREATE INDEX hand_over_asset ON hand_over (org_id, asset_id, seq);
CREATE INDEX hand_over_state ON hand_over (org_id, state, seq);

-- Kept: in which words the management named the user.
CREATE TABLE hand_over_private (
    org_id         UUID NOT NULL,
    id             UUID NOT NULL,
    email          TEXT,
    principal_name TEXT,
    username       TEXT,
    display_name   TEXT,
    PRIMARY KEY (org_id, id)
);

-- A record that turned out to be of an asset that has another record already: it stays, leads to the other, and counts no more.
ALTER TABLE asset ADD COLUMN merged_into_id UUID;
ALTER TABLE asset_version ADD COLUMN merged_into_id UUID;
CREATE INDEX asset_merged ON asset (org_id, merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Whether hand-overs are proposed for the assets of a unit; none where the unit above decides.
ALTER TABLE unit ADD COLUMN propose_hand_overs BOOLEAN;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['external_ref', 'device', 'device_private', 'duplicate_case', 'duplicate_member', 'hand_over', 'hand_over_private']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON external_ref, device, device_private, duplicate_case, hand_over TO habeo_app;
GRANT SELECT, INSERT ON duplicate_member, hand_over_private TO habeo_app;
