-- Chat services: apps in workspaces, who chat users are, what they proposed, and what came in.

-- Which organisation a workspace belongs to; read before the organisation is known. No name, no token.
CREATE TABLE workspace_directory (
    platform      TEXT    NOT NULL,
    workspace_key TEXT    NOT NULL,
    org_id        UUID    NOT NULL REFERENCES org_directory (org_id),
    install_id    UUID    NOT NULL,
    pending       BOOLEAN NOT NULL,
    since         BIGINT  NOT NULL,
    PRIMARY KEY (platform, workspace_key)
);
CREATE INDEX workspace_directory_org ON workspace_directory (org_id, install_id);

CREATE TABLE install (
    org_id            UUID    NOT NULL,
    id                UUID    NOT NULL,
    seq               BIGINT  NOT NULL,
    platform          TEXT    NOT NULL,
    workspace_key     TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    installed_by      UUID    NOT NULL,
    installed_at      BIGINT  NOT NULL,
    bot_user          TEXT    NOT NULL,
    app_id            TEXT    NOT NULL,
    scopes            TEXT    NOT NULL,
    trusted_domains   TEXT    NOT NULL,
    share_in_channels BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: what the workspace calls itself, its tokens, and how the installation fares.
CREATE TABLE install_private (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    name          TEXT   NOT NULL,
    tokens_sealed BYTEA,
    last_event_at BIGINT,
    last_error    TEXT,
    last_error_at BIGINT,
    PRIMARY KEY (org_id, id)
);

-- Kept: installations that were begun. A row goes when it is taken or has expired.
CREATE TABLE install_state (
    org_id      UUID   NOT NULL,
    state_hash  BYTEA  NOT NULL,
    person_id   UUID   NOT NULL,
    platform    TEXT   NOT NULL,
    cookie_hash BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (org_id, state_hash)
);

CREATE TABLE chat_link (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    seq         BIGINT NOT NULL,
    install_id  UUID   NOT NULL,
    user_digest TEXT   NOT NULL,
    person_id   UUID   NOT NULL,
    how         TEXT   NOT NULL,
    linked_at   BIGINT NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, install_id) REFERENCES install (org_id, id)
);
-- A chat user is one person, and a person one user of a workspace.
CREATE UNIQUE INDEX chat_link_user ON chat_link (org_id, install_id, user_digest) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX chat_link_person ON chat_link (org_id, person_id, install_id) WHERE ended_at IS NULL;
CREATE INDEX chat_link_install ON chat_link (org_id, install_id, seq);

-- Kept: who the chat user is on the service. The row goes with the tie.
CREATE TABLE chat_identity (
    org_id     UUID NOT NULL,
    id         UUID NOT NULL,
    install_id UUID NOT NULL,
    chat_user  TEXT NOT NULL,
    shown_name TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX chat_identity_install ON chat_identity (org_id, install_id);

-- Kept: tickets that chat users were given. A row goes when it is taken or has expired.
CREATE TABLE chat_ticket (
    org_id      UUID   NOT NULL,
    ticket_hash BYTEA  NOT NULL,
    install_id  UUID   NOT NULL,
    chat_user   TEXT   NOT NULL,
    shown_name  TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (org_id, ticket_hash)
);
CREATE INDEX chat_ticket_install ON chat_ticket (org_id, install_id);

-- Kept for a day: what was proposed and shown, and what became of it. The ledger has the digest.
CREATE TABLE confirm_intent (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    person_id   UUID   NOT NULL,
    install_id  UUID   NOT NULL,
    user_digest TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL,
    outcome     TEXT,
    settled_at  BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX confirm_intent_expires ON confirm_intent (org_id, expires_at);

-- Kept for thirty days: what came in from outside. What it said goes when it was worked off.
CREATE TABLE inbox (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    source      TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    body_sealed BYTEA,
    received_at BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    error       TEXT,
    settled_at  BIGINT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, source, key)
);
CREATE INDEX inbox_received ON inbox (org_id, received_at);
CREATE INDEX inbox_dead ON inbox (org_id, received_at) WHERE state = 'dead';

-- What waits, of all organisations: read by whichever node is free. Lanes are digests.
CREATE TABLE inbox_directory (
    org_id   UUID   NOT NULL,
    id       UUID   NOT NULL,
    source   TEXT   NOT NULL,
    lane     TEXT,
    place    BIGINT NOT NULL,
    due_at   BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease    TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX inbox_directory_due ON inbox_directory (source, due_at, place);
CREATE INDEX inbox_directory_lane ON inbox_directory (org_id, source, lane, place) WHERE lane IS NOT NULL;
-- Of a lane one message is worked off at a time.
CREATE UNIQUE INDEX inbox_directory_turn ON inbox_directory (org_id, source, lane) WHERE lease IS NOT NULL AND lane IS NOT NULL;

-- When whoever has custody said that they have it.
ALTER TABLE assignment ADD COLUMN acknowledged_at BIGINT;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['install', 'install_private', 'install_state', 'chat_link', 'chat_identity', 'chat_ticket', 'confirm_intent',
        'inbox']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON workspace_directory, install, install_private, install_state, chat_link, chat_identity, chat_ticket, confirm_intent,
    inbox, inbox_directory TO habeo_app;
GRANT UPDATE ON workspace_directory, install, install_private, chat_link, confirm_intent, inbox, inbox_directory TO habeo_app;
GRANT DELETE ON workspace_directory, install_state, chat_identity, chat_ticket, confirm_intent, inbox, inbox_directory TO habeo_app;
