-- Sessions of the console. The directory leads from a cookie to its organization and holds nothing else; both are kept by rebuild.

CREATE TABLE web_session_directory (
    cookie_hash BYTEA  NOT NULL PRIMARY KEY,
    org_id      UUID   NOT NULL,
    session_id  UUID   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX web_session_directory_expiry ON web_session_directory (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON web_session_directory TO habeo_app;

CREATE TABLE web_session (
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    person_id  UUID   NOT NULL,
    issuer_session_hash    BYTEA NOT NULL,
    issuer_subject_hash    BYTEA NOT NULL,
    issuer_membership_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    ended_at   BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX web_session_created ON web_session (org_id, created_at);

ALTER TABLE web_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE web_session FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON web_session
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON web_session TO habeo_app;
