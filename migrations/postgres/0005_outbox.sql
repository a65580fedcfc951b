-- The outbox: what has to be delivered, put there by the transaction that records why. Kept by rebuild: what was announced is not announced again.

CREATE TABLE outbox (
    org_id           UUID   NOT NULL,
    id               UUID   NOT NULL,
    channel          TEXT   NOT NULL,
    lane             TEXT   NOT NULL,
    body             TEXT   NOT NULL,
    cause            UUID,
    status           TEXT   NOT NULL,
    attempts         BIGINT NOT NULL,
    enqueued_at      BIGINT NOT NULL,
    first_attempt_at BIGINT,
    settled_at       BIGINT,
    PRIMARY KEY (org_id, id),
    CHECK ((status = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX outbox_status ON outbox (org_id, status, id);
CREATE INDEX outbox_settled ON outbox (org_id, settled_at) WHERE settled_at IS NOT NULL;

-- What became of each attempt. A number that is missing belongs to a worker that died on the way.
CREATE TABLE outbox_attempt (
    org_id    UUID   NOT NULL,
    parcel_id UUID   NOT NULL,
    attempt   BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    outcome   TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    PRIMARY KEY (org_id, parcel_id, attempt),
    FOREIGN KEY (org_id, parcel_id) REFERENCES outbox (org_id, id)
);
CREATE INDEX outbox_attempt_at ON outbox_attempt (org_id, at);

-- Which parcels wait, and until when: by it workers find work without reading every organisation. A directory table: ids, instants and a
-- digest of the lane, nothing of what is in a parcel. A claimed parcel is due when its lease runs out; one behind another, never.
CREATE TABLE outbox_due (
    org_id      UUID    NOT NULL,
    parcel_id   UUID    NOT NULL,
    channel     TEXT    NOT NULL,
    lane_hash   BIGINT  NOT NULL,
    lane_seq    BIGINT  NOT NULL,
    retry       BOOLEAN NOT NULL,
    due_at      BIGINT  NOT NULL,
    enqueued_at BIGINT  NOT NULL,
    lease_token UUID,
    PRIMARY KEY (org_id, parcel_id)
);
CREATE INDEX outbox_due_at ON outbox_due (channel, org_id, retry, due_at, parcel_id);
CREATE INDEX outbox_due_lane ON outbox_due (org_id, lane_hash, lane_seq);

-- Digests of a unit's changes that channels of a chat service receive.
CREATE TABLE digest (
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    seq        BIGINT NOT NULL,
    install_id UUID   NOT NULL,
    chat       TEXT   NOT NULL,
    unit_id    UUID   NOT NULL,
    cadence    TEXT   NOT NULL,
    local_hour BIGINT NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    ended_at   BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX digest_live ON digest (org_id, install_id, chat, unit_id) WHERE ended_at IS NULL;

-- How far each digest has told. Kept by rebuild, as is everything below.
CREATE TABLE digest_run (
    org_id    UUID   NOT NULL,
    digest_id UUID   NOT NULL,
    until     BIGINT NOT NULL,
    day       TEXT   NOT NULL,
    PRIMARY KEY (org_id, digest_id)
);

-- The last local day on which an organisation's loans were looked through.
CREATE TABLE notice_day (
    org_id UUID NOT NULL PRIMARY KEY,
    day    TEXT NOT NULL
);

-- Loans whose borrowers were told that the end is near.
CREATE TABLE notice_due (
    org_id        UUID   NOT NULL,
    assignment_id UUID   NOT NULL,
    due_at        BIGINT NOT NULL,
    PRIMARY KEY (org_id, assignment_id, due_at)
);

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON outbox
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
ALTER TABLE outbox_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON outbox_attempt
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
ALTER TABLE digest ENABLE ROW LEVEL SECURITY;
ALTER TABLE digest FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON digest
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
ALTER TABLE digest_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE digest_run FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON digest_run
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
ALTER TABLE notice_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_day FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON notice_day
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
ALTER TABLE notice_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_due FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON notice_due
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, outbox_attempt, outbox_due, notice_due TO habeo_app;
GRANT SELECT, INSERT, UPDATE ON digest, digest_run, notice_day TO habeo_app;
