-- The marketplace: apps as clients of OAuth, where they are installed, and what a consent gives them.

-- Whose a client is; read before the organisation is known. With it what has to be known of a client at every request, whoever installed it.
CREATE TABLE app_client_directory (
    client_id       UUID NOT NULL PRIMARY KEY,
    org_id          UUID NOT NULL REFERENCES org_directory (org_id),
    disabled        BOOLEAN NOT NULL,
    rate_per_minute BIGINT
);
CREATE INDEX app_client_directory_org ON app_client_directory (org_id, client_id);

-- In which organisation a code or token is; read before the organisation is known. A digest, nothing of what it permits.
CREATE TABLE oauth_directory (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    org_id     UUID NOT NULL REFERENCES org_directory (org_id),
    client_id  UUID NOT NULL REFERENCES app_client_directory (client_id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_directory_org ON oauth_directory (org_id, expires_at);

CREATE TABLE app_client (
    org_id          UUID NOT NULL,
    id              UUID NOT NULL,
    seq             BIGINT NOT NULL,
    app_id          UUID NOT NULL,
    form            TEXT NOT NULL,
    proof           TEXT NOT NULL,
    settings        TEXT NOT NULL,
    rate_per_minute BIGINT,
    status          TEXT NOT NULL,
    created_by      UUID,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: by what a client proves itself. Digests.
CREATE TABLE app_client_secret (
    org_id      UUID NOT NULL,
    client_id   UUID NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    PRIMARY KEY (org_id, client_id, secret_hash)
);

-- The app and its client are another organisation's, mostly: what whoever consented was shown of them is kept here.
CREATE TABLE app_install (
    org_id       UUID NOT NULL,
    id           UUID NOT NULL,
    seq          BIGINT NOT NULL,
    client_id    UUID NOT NULL,
    app_org      UUID NOT NULL,
    app_id       UUID NOT NULL,
    name         TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    unit_id      UUID NOT NULL,
    scopes       TEXT NOT NULL,
    status       TEXT NOT NULL,
    installed_by UUID NOT NULL,
    installed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX app_install_client ON app_install (org_id, client_id, unit_id) WHERE status <> 'ended';

-- Kept: when an installation last asked for something.
CREATE TABLE app_install_use (
    org_id       UUID NOT NULL,
    id           UUID NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Kept: codes on their way to tokens, until it need not be noticed any more that one is used twice. Digests.
CREATE TABLE oauth_code (
    org_id       UUID NOT NULL,
    code_hash    BYTEA NOT NULL,
    client_id    UUID NOT NULL,
    install_id   UUID NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    BYTEA NOT NULL,
    person_id    UUID NOT NULL,
    scopes       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    taken_at     BIGINT,
    grant_id     UUID,
    PRIMARY KEY (org_id, code_hash)
);
CREATE INDEX oauth_code_install ON oauth_code (org_id, install_id);
CREATE INDEX oauth_code_expires ON oauth_code (org_id, expires_at);

-- Kept: families of tokens, each with the refresh token whose turn it is and the one before.
CREATE TABLE oauth_grant (
    org_id        UUID NOT NULL,
    id            UUID NOT NULL,
    install_id    UUID NOT NULL,
    client_id     UUID NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    current_hash  BYTEA NOT NULL,
    previous_hash BYTEA,
    revoked_at    BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX oauth_grant_install ON oauth_grant (org_id, install_id);
CREATE INDEX oauth_grant_expires ON oauth_grant (org_id, expires_at);

-- Kept: tokens of both kinds. Digests.
CREATE TABLE oauth_token (
    org_id     UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    kind       TEXT NOT NULL,
    grant_id   UUID NOT NULL,
    install_id UUID NOT NULL,
    scopes     TEXT NOT NULL,
    pair_hash  BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, token_hash)
);
CREATE INDEX oauth_token_pair ON oauth_token (org_id, pair_hash);
CREATE INDEX oauth_token_install ON oauth_token (org_id, install_id);
CREATE INDEX oauth_token_expires ON oauth_token (org_id, expires_at);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'app_client', 'app_client_secret', 'app_install', 'app_install_use', 'oauth_code', 'oauth_grant', 'oauth_token'
    ]
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON app_client_directory, oauth_directory, app_client, app_client_secret, app_install, app_install_use, oauth_code,
    oauth_grant, oauth_token TO habeo_app;
GRANT UPDATE ON app_client_directory, app_client, app_client_secret, app_install, app_install_use, oauth_code, oauth_grant, oauth_token
    TO habeo_app;
GRANT DELETE ON oauth_directory, app_client_secret, oauth_code, oauth_grant, oauth_token TO habeo_app;
