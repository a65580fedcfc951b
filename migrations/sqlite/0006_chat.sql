-- Chat services: apps in workspaces, who chat users are, what they proposed, and what came in.

-- Which organisation a workspace belongs to; read before the organisation is known. No name, no token.
CREATE TABLE workspace_directory (
    platform      TEXT    NOT NULL,
    workspace_key TEXT    NOT NULL,
    org_id        BLOB    NOT NULL REFERENCES org_directory (org_id),
    install_id    BLOB    NOT NULL,
    pending       INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    PRIMARY KEY (platform, workspace_key)
) STRICT;
CREATE INDEX workspace_directory_org ON workspace_directory (org_id, install_id);

CREATE TABLE install (
    org_id            BLOB    NOT NULL,
    id                BLOB    NOT NULL,
    seq               INTEGER NOT NULL,
    platform          TEXT    NOT NULL,
    workspace_key     TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    installed_by      BLOB    NOT NULL,
    installed_at      INTEGER NOT NULL,
    bot_user          TEXT    NOT NULL,
    app_id            TEXT    NOT NULL,
    scopes            TEXT    NOT NULL,
    trusted_domains   TEXT    NOT NULL,
    share_in_channels INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: what the workspace calls itself, its tokens, and how the installation fares.
CREATE TABLE install_private (
    org_id        BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    name          TEXT    NOT NULL,
    tokens_sealed BLOB,
    last_event_at INTEGER,
    last_error    TEXT,
    last_error_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: installations that were begun. A row goes when it is taken or has expired.
CREATE TABLE install_state (
    org_id      BLOB    NOT NULL,
    state_hash  BLOB    NOT NULL,
    person_id   BLOB    NOT NULL,
    platform    TEXT    NOT NULL,
    cookie_hash BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, state_hash)
) STRICT;

CREATE TABLE chat_link (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    install_id  BLOB    NOT NULL,
    user_digest TEXT    NOT NULL,
    person_id   BLOB    NOT NULL,
    how         TEXT    NOT NULL,
    linked_at   INTEGER NOT NULL,
    ended_at    INTEGER,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, install_id) REFERENCES install (org_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
-- A chat user is one person, and a person one user of a workspace.
CREATE UNIQUE INDEX chat_link_user ON chat_link (org_id, install_id, user_digest) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX chat_link_person ON chat_link (org_id, person_id, install_id) WHERE ended_at IS NULL;
CREATE INDEX chat_link_install ON chat_link (org_id, install_id, seq);

-- Kept: who the chat user is on the service. The row goes with the tie.
CREATE TABLE chat_identity (
    org_id     BLOB NOT NULL,
    id         BLOB NOT NULL,
    install_id BLOB NOT NULL,
    chat_user  TEXT NOT NULL,
    shown_name TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX chat_identity_install ON chat_identity (org_id, install_id);

-- Kept: tickets that chat users were given. A row goes when it is taken or has expired.
CREATE TABLE chat_ticket (
    org_id      BLOB    NOT NULL,
    ticket_hash BLOB    NOT NULL,
    install_id  BLOB    NOT NULL,
    chat_user   TEXT    NOT NULL,
    shown_name  TEXT    NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, ticket_hash)
) STRICT;
CREATE INDEX chat_ticket_install ON chat_ticket (org_id, install_id);

-- Kept for a day: what was proposed and shown, and what became of it. The ledger has the digest.
CREATE TABLE confirm_intent (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    person_id   BLOB    NOT NULL,
    install_id  BLOB    NOT NULL,
    user_digest TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    expires_at  INTEGER NOT NULL,
    outcome     TEXT,
    settled_at  INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX confirm_intent_expires ON confirm_intent (org_id, expires_at);

-- Kept for thirty days: what came in from outside. What it said goes when it was worked off.
CREATE TABLE inbox (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    source      TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    body_sealed BLOB,
    received_at INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    attempts    INTEGER NOT NULL,
    error       TEXT,
    settled_at  INTEGER,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, source, key)
) STRICT;
CREATE INDEX inbox_received ON inbox (org_id, received_at);
CREATE INDEX inbox_dead ON inbox (org_id, received_at) WHERE state = 'dead';

-- What waits, of all organisations: read by whichever node is free. Lanes are digests.
CREATE TABLE inbox_directory (
    org_id   BLOB    NOT NULL,
    id       BLOB    NOT NULL,
    source   TEXT    NOT NULL,
    lane     TEXT,
    place    INTEGER NOT NULL,
    due_at   INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease    TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX inbox_directory_due ON inbox_directory (source, due_at, place);
CREATE INDEX inbox_directory_lane ON inbox_directory (org_id, source, lane, place) WHERE lane IS NOT NULL;
-- Of a lane one message is worked off at a time.
CREATE UNIQUE INDEX inbox_directory_turn ON inbox_directory (org_id, source, lane) WHERE lease IS NOT NULL AND lane IS NOT NULL;

-- When whoever has custody said that they have it.
ALTER TABLE assignment ADD COLUMN acknowledged_at INTEGER;
