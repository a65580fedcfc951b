-- The outbox: what has to be delivered, put there by the transaction that records why. Kept by rebuild: what was announced is not announced again.

CREATE TABLE outbox (
    org_id           BLOB   NOT NULL,
    id               BLOB   NOT NULL,
    channel          TEXT   NOT NULL,
    lane             TEXT   NOT NULL,
    body             TEXT   NOT NULL,
    cause            BLOB,
    status           TEXT   NOT NULL,
    attempts         INTEGER NOT NULL,
    enqueued_at      INTEGER NOT NULL,
    first_attempt_at INTEGER,
    settled_at       INTEGER,
    PRIMARY KEY (org_id, id),
    CHECK ((status = 'waiting') = (settled_at IS NULL))
) STRICT;
CREATE INDEX outbox_status ON outbox (org_id, status, id);
CREATE INDEX outbox_settled ON outbox (org_id, settled_at) WHERE settled_at IS NOT NULL;

-- What became of each attempt. A number that is missing belongs to a worker that died on the way.
CREATE TABLE outbox_attempt (
    org_id    BLOB   NOT NULL,
    parcel_id BLOB   NOT NULL,
    attempt   INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    outcome   TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    PRIMARY KEY (org_id, parcel_id, attempt),
    FOREIGN KEY (org_id, parcel_id) REFERENCES outbox (org_id, id)
) STRICT;
CREATE INDEX outbox_attempt_at ON outbox_attempt (org_id, at);

-- Which parcels wait, and until when: by it workers find work without reading every organisation. A directory table: ids, instants and a
-- digest of the lane, nothing of what is in a parcel. A claimed parcel is due when its lease runs out; one behind another, never.
CREATE TABLE outbox_due (
    org_id      BLOB    NOT NULL,
    parcel_id   BLOB    NOT NULL,
    channel     TEXT    NOT NULL,
    lane_hash   INTEGER  NOT NULL,
    lane_seq    INTEGER  NOT NULL,
    retry       INTEGER NOT NULL CHECK (retry IN (0, 1)),
    due_at      INTEGER  NOT NULL,
    enqueued_at INTEGER  NOT NULL,
    lease_token BLOB,
    PRIMARY KEY (org_id, parcel_id)
) STRICT;
CREATE INDEX outbox_due_at ON outbox_due (channel, org_id, retry, due_at, parcel_id);
CREATE INDEX outbox_due_lane ON outbox_due (org_id, lane_hash, lane_seq);

-- Digests of a unit's changes that channels of a chat service receive.
CREATE TABLE digest (
    org_id     BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    seq        INTEGER NOT NULL,
    install_id BLOB   NOT NULL,
    chat       TEXT   NOT NULL,
    unit_id    BLOB   NOT NULL,
    cadence    TEXT   NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    ended_at   INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX digest_live ON digest (org_id, install_id, chat, unit_id) WHERE ended_at IS NULL;

-- How far each digest has told. Kept by rebuild, as is everything below.
CREATE TABLE digest_run (
    org_id    BLOB   NOT NULL,
    digest_id BLOB   NOT NULL,
    until     INTEGER NOT NULL,
    day       TEXT   NOT NULL,
    PRIMARY KEY (org_id, digest_id)
) STRICT;

-- The last local day on which an organisation's loans were looked through.
CREATE TABLE notice_day (
    org_id BLOB NOT NULL PRIMARY KEY,
    day    TEXT NOT NULL
) STRICT;

-- Loans whose borrowers were told that the end is near.
CREATE TABLE notice_due (
    org_id        BLOB   NOT NULL,
    assignment_id BLOB   NOT NULL,
    due_at        INTEGER NOT NULL,
    PRIMARY KEY (org_id, assignment_id, due_at)
) STRICT;
