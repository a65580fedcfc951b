-- Apps, their keys, and endpoints that are told of what happens.

CREATE TABLE app (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    seq        INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Whose a key is, by its hash; read before the organisation is known.
CREATE TABLE api_key_directory (
    key_hash BLOB NOT NULL PRIMARY KEY,
    org_id   BLOB NOT NULL REFERENCES org_directory (org_id),
    key_id   BLOB NOT NULL
) STRICT;
CREATE INDEX api_key_directory_org ON api_key_directory (org_id, key_id);

CREATE TABLE api_key (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    seq        INTEGER NOT NULL,
    app_id     BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    mode       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: by what people tell a key apart, and when it was last used.
CREATE TABLE api_key_private (
    org_id       BLOB NOT NULL,
    id           BLOB NOT NULL,
    hint         TEXT NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;

CREATE TABLE endpoint (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    seq        INTEGER NOT NULL,
    app_id     BLOB,
    install_id BLOB,
    status     TEXT    NOT NULL,
    because    TEXT,
    settings   TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: where it is, what it is called, its secrets, and which of two its receiver accepted last.
CREATE TABLE endpoint_private (
    org_id            BLOB    NOT NULL,
    id                BLOB    NOT NULL,
    url               TEXT    NOT NULL,
    description       TEXT,
    secret_sealed     BLOB    NOT NULL,
    previous_sealed   BLOB,
    previous_until    INTEGER,
    previous_accepted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: how deliveries to it fared.
CREATE TABLE endpoint_health (
    org_id          BLOB    NOT NULL,
    id              BLOB    NOT NULL,
    delivered       INTEGER NOT NULL DEFAULT 0,
    failed          INTEGER NOT NULL DEFAULT 0,
    failures_in_row INTEGER NOT NULL DEFAULT 0,
    failing_since   INTEGER,
    delivered_at    INTEGER,
    attempted_at    INTEGER,
    gone_times      INTEGER NOT NULL DEFAULT 0,
    gone_since      INTEGER,
    settled_seq     INTEGER NOT NULL DEFAULT 0,
    confirmed_seq   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: the same by the hour, for a week.
CREATE TABLE endpoint_hour (
    org_id    BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    hour      INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    PRIMARY KEY (org_id, id, hour)
) STRICT;

-- Kept: what was said of an event, once for each form in which somebody wanted it, as the exact bytes.
CREATE TABLE webhook_event (
    org_id   BLOB    NOT NULL,
    event_id BLOB    NOT NULL,
    form     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (org_id, event_id, form)
) STRICT;
CREATE INDEX webhook_event_at ON webhook_event (org_id, at);

-- Kept: how many events were announced of an object.
CREATE TABLE webhook_sequence (
    org_id    BLOB    NOT NULL,
    object_id BLOB    NOT NULL,
    last      INTEGER NOT NULL,
    PRIMARY KEY (org_id, object_id)
) STRICT;

-- Kept: one event on its way to one endpoint, and how its last attempt ended.
CREATE TABLE delivery (
    org_id           BLOB    NOT NULL,
    id               BLOB    NOT NULL,
    endpoint_id      BLOB    NOT NULL,
    event_id         BLOB    NOT NULL,
    form             TEXT    NOT NULL,
    type             TEXT    NOT NULL,
    object_kind      TEXT    NOT NULL,
    object_id        BLOB    NOT NULL,
    status           TEXT    NOT NULL,
    attempts         INTEGER NOT NULL,
    enqueued_at      INTEGER NOT NULL,
    first_attempt_at INTEGER,
    settled_at       INTEGER,
    settled_seq      INTEGER,
    answer           INTEGER,
    millis           INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX delivery_endpoint ON delivery (org_id, endpoint_id, id);
CREATE INDEX delivery_status ON delivery (org_id, endpoint_id, status, id);
CREATE INDEX delivery_settled ON delivery (org_id, endpoint_id, settled_seq) WHERE settled_seq IS NOT NULL;
CREATE INDEX delivery_event ON delivery (org_id, event_id);

-- Kept: attempts that failed, and what was said by those that did not.
CREATE TABLE delivery_attempt (
    org_id      BLOB    NOT NULL,
    delivery_id BLOB    NOT NULL,
    attempt     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    answer      INTEGER,
    millis      INTEGER NOT NULL,
    why         TEXT    NOT NULL,
    excerpt     TEXT    NOT NULL,
    PRIMARY KEY (org_id, delivery_id, attempt)
) STRICT;

-- What waits to be delivered, for all organisations: ids, times, and who is at it. `run` is the process that has it.
CREATE TABLE delivery_due (
    org_id      BLOB    NOT NULL,
    delivery_id BLOB    NOT NULL,
    endpoint_id BLOB    NOT NULL,
    object_id   BLOB,
    sequence    INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    restarted   INTEGER NOT NULL,
    run         BLOB,
    PRIMARY KEY (org_id, delivery_id)
) STRICT;
CREATE INDEX delivery_due_endpoint ON delivery_due (endpoint_id, due_at, delivery_id);
CREATE INDEX delivery_due_object ON delivery_due (org_id, endpoint_id, object_id, sequence) WHERE object_id IS NOT NULL;
CREATE INDEX delivery_due_run ON delivery_due (run) WHERE run IS NOT NULL;

-- The processes that deliver, and until when each is known to live.
CREATE TABLE delivery_run (
    run         BLOB    NOT NULL PRIMARY KEY,
    alive_until INTEGER NOT NULL
) STRICT;

-- How often the organisation's endpoints changed: whoever writes facts has the head locked, and so knows whether what it remembers is so.
ALTER TABLE ledger_head ADD COLUMN endpoints_version INTEGER NOT NULL DEFAULT 0;
