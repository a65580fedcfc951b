-- Tickets of help desks. Their titles and the names in them are kept apart and are in no entry.
CREATE TABLE ticket (
    org_id        UUID    NOT NULL,
    id            UUID    NOT NULL,
    seq           BIGINT  NOT NULL,
    -- The connection and the help desk's key, which together name it.
    external_ref  TEXT    COLLATE "C" NOT NULL,
    connection_id UUID    NOT NULL,
    provider      TEXT    NOT NULL,
    external_id   TEXT    NOT NULL,
    external_key  TEXT,
    sort          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    -- Whether somebody still has to do something.
    active        BOOLEAN NOT NULL,
    priority      TEXT,
    requester_id  UUID,
    assignee_id   UUID,
    -- Why it is about no asset; none where it is about one.
    unlinked      TEXT,
    opened_at     BIGINT,
    resolved_at   BIGINT,
    created_at    BIGINT  NOT NULL,
    changed_at    BIGINT  NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, external_ref)
);
CREATE INDEX ticket_active ON ticket (org_id, active, seq);
CREATE INDEX ticket_requester ON ticket (org_id, requester_id, seq) WHERE requester_id IS NOT NULL;
CREATE INDEX ticket_assignee ON ticket (org_id, assignee_id, seq) WHERE assignee_id IS NOT NULL;

-- Where tickets belong: to assets, and with them to the units that own these now. The nil UUID stands for no asset: such a ticket belongs to
-- the unit that takes in what has no owner. What a ticket is not about any more keeps its row.
CREATE TABLE ticket_link (
    org_id    UUID    NOT NULL,
    ticket_id UUID    NOT NULL,
    asset_id  UUID    NOT NULL,
    unit_id   UUID    NOT NULL,
    seq       BIGINT  NOT NULL,
    active    BOOLEAN NOT NULL,
    current   BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, ticket_id, asset_id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES ticket (org_id, id)
);
CREATE INDEX ticket_link_unit ON ticket_link (org_id, unit_id, seq) WHERE current;
CREATE INDEX ticket_link_unit_active ON ticket_link (org_id, unit_id, seq) WHERE current AND active;
CREATE INDEX ticket_link_asset ON ticket_link (org_id, asset_id, seq);

-- Which entries about tickets belong to the history of which asset.
CREATE TABLE ticket_entry (
    org_id    UUID    NOT NULL,
    asset_id  UUID    NOT NULL,
    log_index BIGINT  NOT NULL,
    PRIMARY KEY (org_id, asset_id, log_index)
);

-- Kept: what must not be in the ledger, and how new what is known of a ticket is.
CREATE TABLE ticket_private (
    org_id          UUID    NOT NULL,
    id              UUID    NOT NULL,
    title           TEXT,
    url             TEXT,
    status_raw      TEXT,
    priority_raw    TEXT,
    requester_name  TEXT,
    requester_ref   TEXT,
    assignee_name   TEXT,
    assignee_ref    TEXT,
    version_count   BIGINT,
    version_at      BIGINT,
    received_at     BIGINT,
    partial_count   BIGINT,
    partial_at      BIGINT,
    partial_received BIGINT,
    partial_fields  BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    PRIMARY KEY (org_id, id)
);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['ticket', 'ticket_link', 'ticket_entry', 'ticket_private']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON ticket, ticket_link, ticket_entry, ticket_private TO habeo_app;
GRANT UPDATE ON ticket, ticket_link, ticket_private TO habeo_app;
