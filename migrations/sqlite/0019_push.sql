-- Notifications on phones: who wants to be told what by what, what the push service was handed, and what it said of it later.

-- What somebody wants to be told, and by what. Where there is no row they are told by everything.
CREATE TABLE notice_preference (
    org_id    BLOB    NOT NULL,
    person_id BLOB    NOT NULL,
    sort      TEXT    NOT NULL,
    chat      INTEGER NOT NULL,
    push      INTEGER NOT NULL,
    PRIMARY KEY (org_id, person_id, sort)
) STRICT;

-- When the phone was registered last, which a repetition is too; and a digest of the session that did it, by which the phone is known when
-- that session ends.
ALTER TABLE push_device_private ADD COLUMN confirmed_at INTEGER;
ALTER TABLE push_device_private ADD COLUMN session_hash BLOB;
CREATE INDEX push_device_private_session ON push_device_private (org_id, session_hash) WHERE session_hash IS NOT NULL;
CREATE INDEX push_device_live ON push_device (org_id, person_id) WHERE removed_at IS NULL;
CREATE INDEX push_token_directory_device ON push_token_directory (org_id, device_id);

-- What the push service took, under its own name for it. Kept by rebuild.
CREATE TABLE push_ticket (
    org_id     BLOB   NOT NULL,
    ticket     TEXT   NOT NULL,
    parcel_id  BLOB   NOT NULL,
    device_id  BLOB   NOT NULL,
    platform   TEXT   NOT NULL,
    sent_at    INTEGER NOT NULL,
    status     TEXT   NOT NULL,
    code       TEXT,
    settled_at INTEGER,
    PRIMARY KEY (org_id, ticket),
    CHECK ((status = 'sent') = (settled_at IS NULL))
) STRICT;
CREATE INDEX push_ticket_parcel ON push_ticket (org_id, parcel_id);
CREATE INDEX push_ticket_sent ON push_ticket (org_id, sent_at);

-- Of which tickets the push service has to be asked, and when. A directory table: the service's own names and instants, so that one question
-- asks for many organisations.
CREATE TABLE push_ticket_due (
    org_id  BLOB   NOT NULL,
    ticket  TEXT   NOT NULL,
    asked   INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    ask_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, ticket)
) STRICT;
CREATE INDEX push_ticket_due_at ON push_ticket_due (ask_at);

-- Platforms to which nothing is sent for a while, because the installation's own credentials there do not work.
CREATE TABLE push_stop (
    platform TEXT   NOT NULL PRIMARY KEY,
    code     TEXT   NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL
) STRICT;
