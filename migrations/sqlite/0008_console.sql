-- Sessions of the console. The directory leads from a cookie to its organization and holds nothing else; both are kept by rebuild.

CREATE TABLE web_session_directory (
    cookie_hash BLOB    NOT NULL PRIMARY KEY,
    org_id      BLOB    NOT NULL,
    session_id  BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX web_session_directory_expiry ON web_session_directory (expires_at);

CREATE TABLE web_session (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    person_id  BLOB    NOT NULL,
    issuer_session_hash    BLOB NOT NULL,
    issuer_subject_hash    BLOB NOT NULL,
    issuer_membership_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    ended_at   INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX web_session_created ON web_session (org_id, created_at);
