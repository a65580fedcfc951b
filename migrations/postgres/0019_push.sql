-- Notifications on phones: who wants to be told what by what, what the push service was handed, and what it said of it later.

-- What somebody wants to be told, and by what. Where there is no row they are told by everything.
CREATE TABLE notice_preference (
    org_id    UUID    NOT NULL,
    person_id UUID    NOT NULL,
    sort      TEXT    NOT NULL,
    chat      BOOLEAN NOT NULL,
    push      BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, person_id, sort)
);

-- When the phone was registered last, which a repetition is too; and a digest of the session that did it, by which the phone is known when
-- that session ends.
ALTER TABLE push_device_private ADD COLUMN confirmed_at BIGINT;
ALTER TABLE push_device_private ADD COLUMN session_hash BYTEA;
CREATE INDEX push_device_private_session ON push_device_private (org_id, session_hash) WHERE session_hash IS NOT NULL;
CREATE INDEX push_device_live ON push_device (org_id, person_id) WHERE removed_at IS NULL;
CREATE INDEX push_token_directory_device ON push_token_directory (org_id, device_id);

-- What the push service took, under its own name for it. Kept by rebuild.
CREATE TABLE push_ticket (
    org_id     UUID   NOT NULL,
    ticket     TEXT   NOT NULL,
    parcel_id  UUID   NOT NULL,
    device_id  UUID   NOT NULL,
    platform   TEXT   NOT NULL,
    sent_at    BIGINT NOT NULL,
    status     TEXT   NOT NULL,
    code       TEXT,
    settled_at BIGINT,
    PRIMARY KEY (org_id, ticket),
    CHECK ((status = 'sent') = (settled_at IS NULL))
);
CREATE INDEX push_ticket_parcel ON push_ticket (org_id, parcel_id);
CREATE INDEX push_ticket_sent ON push_ticket (org_id, sent_at);

-- Of which tickets the push service has to be asked, and when. A directory table: the service's own names and instants, so that one question
-- asks for many organisations.
CREATE TABLE push_ticket_due (
    org_id  UUID   NOT NULL,
    ticket  TEXT   NOT NULL,
    asked   BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    ask_at  BIGINT NOT NULL,
    PRIMARY KEY (org_id, ticket)
);
CREATE INDEX push_ticket_due_at ON push_ticket_due (ask_at);

-- Platforms to which nothing is sent for a while, because the installation's own credentials there do not work.
CREATE TABLE push_stop (
    platform TEXT   NOT NULL PRIMARY KEY,
    code     TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT NOT NULL
);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['notice_preference', 'push_ticket']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON notice_preference TO habeo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_ticket, push_ticket_due, push_stop TO habeo_app;
