-- What is recorded of letters of connections, and what is not.

-- How many letters of a connection the ledger says were taken in, and when it said so last.
ALTER TABLE connection ADD COLUMN accepted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN accepted_at BIGINT;

-- Kept: letters that were taken in and that no entry counts yet. Rows are only added and removed, so that whoever takes letters in and whoever
-- records never wait for one another.
CREATE TABLE connection_accepted (
    org_id        UUID   NOT NULL,
    id            UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    at            BIGINT NOT NULL,
    letters       BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX connection_accepted_connection ON connection_accepted (org_id, connection_id);

ALTER TABLE connection_accepted ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_accepted FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON connection_accepted
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));
GRANT SELECT, INSERT, DELETE ON connection_accepted TO habeo_app;

-- Kept: as whom a connection proves itself by user and password. No entry says it.
ALTER TABLE connection_private ADD COLUMN basic_user TEXT;

-- In which words proposals named somebody is forgotten with them.
GRANT UPDATE ON hand_over_private TO habeo_app;
