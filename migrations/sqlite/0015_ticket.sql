-- Tickets of help desks. Their titles and the names in them are kept apart and are in no entry.
CREATE TABLE ticket (
    org_id        BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    seq           INTEGER NOT NULL,
    -- The connection and the help desk's key, which together name it.
    external_ref  TEXT    NOT NULL,
    connection_id BLOB    NOT NULL,
    provider      TEXT    NOT NULL,
    external_id   TEXT    NOT NULL,
    external_key  TEXT,
    sort          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    -- Whether somebody still has to do something.
    active        INTEGER NOT NULL,
    priority      TEXT,
    requester_id  BLOB,
    assignee_id   BLOB,
    -- Why it is about no asset; none where it is about one.
    unlinked      TEXT,
    opened_at     INTEGER,
    resolved_at   INTEGER,
    created_at    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, external_ref)
) STRICT;
CREATE INDEX ticket_active ON ticket (org_id, active, seq);
CREATE INDEX ticket_requester ON ticket (org_id, requester_id, seq) WHERE requester_id IS NOT NULL;
CREATE INDEX ticket_assignee ON ticket (org_id, assignee_id, seq) WHERE assignee_id IS NOT NULL;

-- Where tickets belong: to assets, and with them to the units that own these now. The nil UUID stands for no asset: such a ticket belongs to
-- the unit that takes in what has no owner. What a ticket is not about any more keeps its row.
CREATE TABLE ticket_link (
    org_id    BLOB    NOT NULL,
    ticket_id BLOB    NOT NULL,
    asset_id  BLOB    NOT NULL,
    unit_id   BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    active    INTEGER NOT NULL,
    current   INTEGER NOT NULL,
    PRIMARY KEY (org_id, ticket_id, asset_id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES ticket (org_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX ticket_link_unit ON ticket_link (org_id, unit_id, seq) WHERE current;
CREATE INDEX ticket_link_unit_active ON ticket_link (org_id, unit_id, seq) WHERE current AND active;
CREATE INDEX ticket_link_asset ON ticket_link (org_id, asset_id, seq);

-- Which entries about tickets belong to the history of which asset.
CREATE TABLE ticket_entry (
    org_id    BLOB    NOT NULL,
    asset_id  BLOB    NOT NULL,
    log_index INTEGER NOT NULL,
    PRIMARY KEY (org_id, asset_id, log_index)
) STRICT, WITHOUT ROWID;

-- Kept: what must not be in the ledger, and how new what is known of a ticket is.
CREATE TABLE ticket_private (
    org_id          BLOB    NOT NULL,
    id              BLOB    NOT NULL,
    title           TEXT,
    url             TEXT,
    status_raw      TEXT,
    priority_raw    TEXT,
    requester_name  TEXT,
    requester_ref   TEXT,
    assignee_name   TEXT,
    assignee_ref    TEXT,
    version_count   INTEGER,
    version_at      INTEGER,
    received_at     INTEGER,
    partial_count   INTEGER,
    partial_at      INTEGER,
    partial_received INTEGER,
    partial_fields  INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
