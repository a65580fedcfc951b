-- Apps, their keys, and endpoints that are told of what happens.

CREATE TABLE app (
    org_id     UUID    NOT NULL,
    id         UUID    NOT NULL,
    seq        BIGINT NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by UUID,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Whose a key is, by its hash; read before the organisation is known.
CREATE TABLE api_key_directory (
    key_hash BYTEA NOT NULL PRIMARY KEY,
    org_id   UUID NOT NULL REFERENCES org_directory (org_id),
    key_id   UUID NOT NULL
);
CREATE INDEX api_key_directory_org ON api_key_directory (org_id, key_id);

CREATE TABLE api_key (
    org_id     UUID    NOT NULL,
    id         UUID    NOT NULL,
    seq        BIGINT NOT NULL,
    app_id     UUID    NOT NULL,
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    mode       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by UUID,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id)
);

-- Kept: by what people tell a key apart, and when it was last used.
CREATE TABLE api_key_private (
    org_id       UUID NOT NULL,
    id           UUID NOT NULL,
    hint         TEXT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE endpoint (
    org_id     UUID    NOT NULL,
    id         UUID    NOT NULL,
    seq        BIGINT NOT NULL,
    app_id     UUID,
    install_id UUID,
    status     TEXT    NOT NULL,
    because    TEXT,
    settings   TEXT    NOT NULL,
    created_by UUID,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: where it is, what it is called, its secrets, and which of two its receiver accepted last.
CREATE TABLE endpoint_private (
    org_id            UUID    NOT NULL,
    id                UUID    NOT NULL,
    url               TEXT    NOT NULL,
    description       TEXT,
    secret_sealed     BYTEA    NOT NULL,
    previous_sealed   BYTEA,
    previous_until    BIGINT,
    previous_accepted BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (org_id, id)
);

-- Kept: how deliveries to it fared.
CREATE TABLE endpoint_health (
    org_id          UUID    NOT NULL,
    id              UUID    NOT NULL,
    delivered       BIGINT NOT NULL DEFAULT 0,
    failed          BIGINT NOT NULL DEFAULT 0,
    failures_in_row BIGINT NOT NULL DEFAULT 0,
    failing_since   BIGINT,
    delivered_at    BIGINT,
    attempted_at    BIGINT,
    gone_times      BIGINT NOT NULL DEFAULT 0,
    gone_since      BIGINT,
    settled_seq     BIGINT NOT NULL DEFAULT 0,
    confirmed_seq   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, id)
);

-- Kept: the same by the hour, for a week.
CREATE TABLE endpoint_hour (
    org_id    UUID    NOT NULL,
    id        UUID    NOT NULL,
    hour      BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    PRIMARY KEY (org_id, id, hour)
);

-- Kept: what was said of an event, once for each form in which somebody wanted it, as the exact bytes.
CREATE TABLE webhook_event (
    org_id   UUID    NOT NULL,
    event_id UUID    NOT NULL,
    form     TEXT    NOT NULL,
    at       BIGINT NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (org_id, event_id, form)
);
CREATE INDEX webhook_event_at ON webhook_event (org_id, at);

-- Kept: how many events were announced of an object.
CREATE TABLE webhook_sequence (
    org_id    UUID    NOT NULL,
    object_id UUID    NOT NULL,
    last      BIGINT NOT NULL,
    PRIMARY KEY (org_id, object_id)
);

-- Kept: one event on its way to one endpoint, and how its last attempt ended.
CREATE TABLE delivery (
    org_id           UUID    NOT NULL,
    id               UUID    NOT NULL,
    endpoint_id      UUID    NOT NULL,
    event_id         UUID    NOT NULL,
    form             TEXT    NOT NULL,
    type             TEXT    NOT NULL,
    object_kind      TEXT    NOT NULL,
    object_id        UUID    NOT NULL,
    status           TEXT    COLLATE "C" NOT NULL,
    attempts         BIGINT NOT NULL,
    enqueued_at      BIGINT NOT NULL,
    first_attempt_at BIGINT,
    settled_at       BIGINT,
    settled_seq      BIGINT,
    answer           BIGINT,
    millis           BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX delivery_endpoint ON delivery (org_id, endpoint_id, id);
CREATE INDEX delivery_status ON delivery (org_id, endpoint_id, status, id);
CREATE INDEX delivery_settled ON delivery (org_id, endpoint_id, settled_seq) WHERE settled_seq IS NOT NULL;
CREATE INDEX delivery_event ON delivery (org_id, event_id);

-- Kept: attempts that failed, and what was said by those that did not.
CREATE TABLE delivery_attempt (
    org_id      UUID    NOT NULL,
    delivery_id UUID    NOT NULL,
    attempt     BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    answer      BIGINT,
    millis      BIGINT NOT NULL,
    why         TEXT    NOT NULL,
    excerpt     TEXT    NOT NULL,
    PRIMARY KEY (org_id, delivery_id, attempt)
);

-- What waits to be delivered, for all organisations: ids, times, and who is at it. `run` is the process that has it.
CREATE TABLE delivery_due (
    org_id      UUID    NOT NULL,
    delivery_id UUID    NOT NULL,
    endpoint_id UUID    NOT NULL,
    object_id   UUID,
    sequence    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    restarted   BIGINT NOT NULL,
    run         UUID,
    PRIMARY KEY (org_id, delivery_id)
);
CREATE INDEX delivery_due_endpoint ON delivery_due (endpoint_id, due_at, delivery_id);
CREATE INDEX delivery_due_object ON delivery_due (org_id, endpoint_id, object_id, sequence) WHERE object_id IS NOT NULL;
CREATE INDEX delivery_due_run ON delivery_due (run) WHERE run IS NOT NULL;

-- The processes that deliver, and until when each is known to live.
CREATE TABLE delivery_run (
    run         UUID    NOT NULL PRIMARY KEY,
    alive_until BIGINT NOT NULL
);

-- How often the organisation's endpoints changed: whoever writes facts has the head locked, and so knows whether what it remembers is so.
ALTER TABLE ledger_head ADD COLUMN endpoints_version BIGINT NOT NULL DEFAULT 0;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['app', 'api_key', 'api_key_private', 'endpoint', 'endpoint_private', 'endpoint_health',
        'endpoint_hour', 'webhook_event', 'webhook_sequence', 'delivery', 'delivery_attempt']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON app, api_key, api_key_private, endpoint, endpoint_private, endpoint_health, endpoint_hour, webhook_sequence,
    delivery, delivery_due, delivery_run TO habeo_app;
GRANT SELECT, INSERT ON api_key_directory, webhook_event, delivery_attempt TO habeo_app;
GRANT DELETE ON api_key_directory, endpoint_private, endpoint_hour, webhook_event, delivery, delivery_attempt, delivery_due, delivery_run TO habeo_app;
