-- Phones that moved to another organisation, whose records have to end where they were; what phones say against our credentials; and how many
-- tokens an installation was given lately.

-- Records of phones whose token another organisation has registered since. A directory table: whoever registers the phone cannot write into the
-- organisation where it was, and what has to happen there must not be lost with them.
CREATE TABLE push_displaced (
    org_id    UUID NOT NULL,
    device_id UUID NOT NULL,
    PRIMARY KEY (org_id, device_id)
);

-- For whose phones the push service refused our credentials, since something last got through to their platform. One user's phone may be of an
-- app that is not ours; those of several are evidence. A directory table: ids and instants.
CREATE TABLE push_evidence (
    platform  TEXT    NOT NULL,
    org_id    UUID    NOT NULL,
    person_id UUID    NOT NULL,
    at        BIGINT  NOT NULL,
    PRIMARY KEY (platform, org_id, person_id)
);

-- How many tokens an installation was given in the last minute is counted at each one.
CREATE INDEX oauth_token_issued ON oauth_token (org_id, install_id, created_at);
DROP INDEX oauth_token_install;
-- How many subscriptions it has.
CREATE INDEX endpoint_install ON endpoint (org_id, install_id) WHERE install_id IS NOT NULL;

GRANT SELECT, INSERT, DELETE ON push_displaced TO habeo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_evidence TO habeo_app;
