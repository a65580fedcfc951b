-- The marketplace: apps as clients of OAuth, where they are installed, and what a consent gives them.

-- Whose a client is; read before the organisation is known. With it what has to be known of a client at every request, whoever installed it.
CREATE TABLE app_client_directory (
    client_id       BLOB NOT NULL PRIMARY KEY,
    org_id          BLOB NOT NULL REFERENCES org_directory (org_id),
    disabled        INTEGER NOT NULL,
    rate_per_minute INTEGER
) STRICT;
CREATE INDEX app_client_directory_org ON app_client_directory (org_id, client_id);

-- In which organisation a code or token is; read before the organisation is known. A digest, nothing of what it permits.
CREATE TABLE oauth_directory (
    token_hash BLOB NOT NULL PRIMARY KEY,
    org_id     BLOB NOT NULL REFERENCES org_directory (org_id),
    client_id  BLOB NOT NULL REFERENCES app_client_directory (client_id),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_directory_org ON oauth_directory (org_id, expires_at);

CREATE TABLE app_client (
    org_id          BLOB NOT NULL,
    id              BLOB NOT NULL,
    seq             INTEGER NOT NULL,
    app_id          BLOB NOT NULL,
    form            TEXT NOT NULL,
    proof           TEXT NOT NULL,
    settings        TEXT NOT NULL,
    rate_per_minute INTEGER,
    status          TEXT NOT NULL,
    created_by      BLOB,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: by what a client proves itself. Digests.
CREATE TABLE app_client_secret (
    org_id      BLOB NOT NULL,
    client_id   BLOB NOT NULL,
    secret_hash BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    PRIMARY KEY (org_id, client_id, secret_hash)
) STRICT;

-- The app and its client are another organisation's, mostly: what whoever consented was shown of them is kept here.
CREATE TABLE app_install (
    org_id       BLOB NOT NULL,
    id           BLOB NOT NULL,
    seq          INTEGER NOT NULL,
    client_id    BLOB NOT NULL,
    app_org      BLOB NOT NULL,
    app_id       BLOB NOT NULL,
    name         TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    unit_id      BLOB NOT NULL,
    scopes       TEXT NOT NULL,
    status       TEXT NOT NULL,
    installed_by BLOB NOT NULL,
    installed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE UNIQUE INDEX app_install_client ON app_install (org_id, client_id, unit_id) WHERE status <> 'ended';

-- Kept: when an installation last asked for something.
CREATE TABLE app_install_use (
    org_id       BLOB NOT NULL,
    id           BLOB NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: codes on their way to tokens, until it need not be noticed any more that one is used twice. Digests.
CREATE TABLE oauth_code (
    org_id       BLOB NOT NULL,
    code_hash    BLOB NOT NULL,
    client_id    BLOB NOT NULL,
    install_id   BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    BLOB NOT NULL,
    person_id    BLOB NOT NULL,
    scopes       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    taken_at     INTEGER,
    grant_id     BLOB,
    PRIMARY KEY (org_id, code_hash)
) STRICT;
CREATE INDEX oauth_code_install ON oauth_code (org_id, install_id);
CREATE INDEX oauth_code_expires ON oauth_code (org_id, expires_at);

-- Kept: families of tokens, each with the refresh token whose turn it is and the one before.
CREATE TABLE oauth_grant (
    org_id        BLOB NOT NULL,
    id            BLOB NOT NULL,
    install_id    BLOB NOT NULL,
    client_id     BLOB NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    current_hash  BLOB NOT NULL,
    previous_hash BLOB,
    revoked_at    INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX oauth_grant_install ON oauth_grant (org_id, install_id);
CREATE INDEX oauth_grant_expires ON oauth_grant (org_id, expires_at);

-- Kept: tokens of both kinds. Digests.
CREATE TABLE oauth_token (
    org_id     BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    kind       TEXT NOT NULL,
    grant_id   BLOB NOT NULL,
    install_id BLOB NOT NULL,
    scopes     TEXT NOT NULL,
    pair_hash  BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (org_id, token_hash)
) STRICT;
CREATE INDEX oauth_token_pair ON oauth_token (org_id, pair_hash);
CREATE INDEX oauth_token_install ON oauth_token (org_id, install_id);
CREATE INDEX oauth_token_expires ON oauth_token (org_id, expires_at);
