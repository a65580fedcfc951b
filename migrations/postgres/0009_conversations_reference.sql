-- Conversations of chat services: where each is reached. Kept by rebuild: the services say it, and say it anew with everything they send.
CREATE TABLE chat_conversation (
    org_id       UUID NOT NULL,
    install_id   UUID NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('personal', 'group', 'channel')),
    chat_user    TEXT COLLATE "C",
    address      TEXT,
    service_url  TEXT NOT NULL,
    seen_at      BIGINT NOT NULL,
    welcomed_at  BIGINT,
    disabled_at  BIGINT,
    PRIMARY KEY (org_id, install_id, conversation)
);
CREATE INDEX chat_conversation_user ON chat_conversation (org_id, install_id, chat_user, seen_at);

ALTER TABLE chat_conversation ENABLE ROW LEVEL SECURITY;
ALTER TABLE chat_conversation FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON chat_conversation
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE ON chat_conversation TO habeo_app;
