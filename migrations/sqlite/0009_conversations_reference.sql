-- Conversations of chat services: where each is reached. Kept by rebuild: the services say it, and say it anew with everything they send.
CREATE TABLE chat_conversation (
    org_id       BLOB NOT NULL,
    install_id   BLOB NOT NULL,
    conversation TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('personal', 'group', 'channel')),
    chat_user    TEXT,
    address      TEXT,
    service_url  TEXT NOT NULL,
    seen_at      INTEGER NOT NULL,
    welcomed_at  INTEGER,
    disabled_at  INTEGER,
    PRIMARY KEY (org_id, install_id, conversation)
) STRICT;
CREATE INDEX chat_conversation_user ON chat_conversation (org_id, install_id, chat_user, seen_at);
