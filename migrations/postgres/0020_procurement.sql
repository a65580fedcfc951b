-- Procurement as far as the approved requisition: suppliers, sessions in their shops, what came back, and who approves what.

CREATE TABLE supplier (
    org_id     UUID   NOT NULL,
    id         UUID   NOT NULL,
    seq        BIGINT NOT NULL,
    protocol   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    created_by UUID,
    created_at BIGINT NOT NULL,
    settings   TEXT   NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Whose a supplier's address for documents is; read before the organisation is known. No name, no secret.
CREATE TABLE supplier_directory (
    supplier_id UUID NOT NULL PRIMARY KEY,
    org_id      UUID NOT NULL REFERENCES org_directory (org_id)
);
CREATE INDEX supplier_directory_org ON supplier_directory (org_id, supplier_id);

-- Kept: what it is called here, and the secrets of both directions.
CREATE TABLE supplier_private (
    org_id          UUID   NOT NULL,
    id              UUID   NOT NULL,
    name            TEXT   NOT NULL,
    -- By which we prove ourselves to them.
    ours_sealed     BYTEA,
    -- By which they prove themselves to us; the one before it for a while.
    theirs_sealed   BYTEA,
    previous_sealed BYTEA,
    previous_until  BIGINT,
    -- What a catalogue without a handshake is called up with; users and passwords are among it.
    call_up_sealed  BYTEA,
    PRIMARY KEY (org_id, id)
);

-- Kept: what was last paid for a supplier's part.
CREATE TABLE supplier_price (
    org_id         UUID             NOT NULL,
    supplier_id    UUID             NOT NULL,
    part_key       TEXT COLLATE "C" NOT NULL,
    currency       TEXT             NOT NULL,
    unit           TEXT             NOT NULL,
    price          TEXT             NOT NULL,
    paid_at        BIGINT           NOT NULL,
    requisition_id UUID             NOT NULL,
    PRIMARY KEY (org_id, supplier_id, part_key, currency, unit)
);

CREATE TABLE punchout_session (
    org_id         UUID   NOT NULL,
    id             UUID   NOT NULL,
    seq            BIGINT NOT NULL,
    supplier_id    UUID   NOT NULL,
    person_id      UUID   NOT NULL,
    unit_id        UUID   NOT NULL,
    operation      TEXT   NOT NULL,
    -- Which one is edited or looked at; none where something new is bought.
    requisition_id UUID,
    location_id    UUID,
    cost_centre    TEXT,
    state          TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    returned_at    BIGINT,
    -- SHA-256 of the document that came back, as it was decoded.
    document_hash  TEXT,
    outcome        TEXT,
    -- The requisitions that it made or changed, as a list.
    requisitions   TEXT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq)
);
CREATE INDEX punchout_session_person ON punchout_session (org_id, person_id, seq);
CREATE INDEX punchout_session_requisition ON punchout_session (org_id, requisition_id, seq) WHERE requisition_id IS NOT NULL;

-- Whose session a cookie belongs to; read before the organisation is known. Only the SHA-256 of the cookie is anywhere.
CREATE TABLE punchout_directory (
    cookie_hash BYTEA  NOT NULL PRIMARY KEY,
    org_id      UUID   NOT NULL REFERENCES org_directory (org_id),
    session_id  UUID   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX punchout_directory_expires ON punchout_directory (org_id, expires_at);

-- Kept for a month, late ones for a day: what went to and fro in a session, without its secrets.
CREATE TABLE punchout_document (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    session_id  UUID   NOT NULL,
    at          BIGINT NOT NULL,
    direction   TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    -- How it was decoded, and what was odd about it.
    decoded     TEXT   NOT NULL,
    warnings    TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    bytes       BIGINT NOT NULL,
    -- Why it was not applied and may be recovered; none for all others.
    late        TEXT,
    body_sealed BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX punchout_document_session ON punchout_document (org_id, session_id, at, id);
CREATE INDEX punchout_document_expires ON punchout_document (org_id, expires_at);

CREATE TABLE requisition (
    org_id           UUID    NOT NULL,
    id               UUID    NOT NULL,
    seq              BIGINT  NOT NULL,
    number           BIGINT  NOT NULL,
    supplier_id      UUID    NOT NULL,
    session_id       UUID    NOT NULL,
    requester_id     UUID    NOT NULL,
    unit_id          UUID    NOT NULL,
    location_id      UUID,
    cost_centre      TEXT,
    currency         TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    allowed          TEXT    NOT NULL,
    -- The cart is a draft of the supplier's, and nothing can be ordered by it yet.
    quote_pending    BOOLEAN NOT NULL,
    supplier_order   TEXT,
    lines            BIGINT  NOT NULL,
    total            TEXT    NOT NULL,
    -- SHA-256 of everything that an approval is of.
    digest           TEXT    NOT NULL,
    -- How often it was submitted or changed since; an approval holds within one.
    round            BIGINT  NOT NULL,
    approvals_needed BIGINT  NOT NULL,
    created_at       BIGINT  NOT NULL,
    changed_at       BIGINT  NOT NULL,
    submitted_at     BIGINT,
    decided_at       BIGINT,
    -- The entry of the decision, with which its reason is kept.
    decided_index    BIGINT,
    order_id         UUID,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, number)
);
CREATE INDEX requisition_unit ON requisition (org_id, unit_id, seq);
CREATE INDEX requisition_requester ON requisition (org_id, requester_id, seq);
CREATE INDEX requisition_state ON requisition (org_id, state, seq);
CREATE INDEX requisition_session ON requisition (org_id, session_id);

-- Kept: the lines. The requisition's digest in the ledger is of them.
CREATE TABLE requisition_line (
    org_id         UUID             NOT NULL,
    id             UUID             NOT NULL,
    requisition_id UUID             NOT NULL,
    position       BIGINT           NOT NULL,
    -- What the supplier sent, what was made of it, and what is odd about it, each as an object.
    sent           TEXT             NOT NULL,
    stored         TEXT             NOT NULL,
    warnings       TEXT             NOT NULL,
    -- The line exactly as it came, without secrets.
    raw            TEXT,
    raw_hash       TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX requisition_line_position ON requisition_line (org_id, requisition_id, position);

-- Who decided what about a requisition, and on whose behalf.
CREATE TABLE requisition_decision (
    org_id         UUID   NOT NULL,
    requisition_id UUID   NOT NULL,
    round          BIGINT NOT NULL,
    person_id      UUID   NOT NULL,
    for_id         UUID,
    decision       TEXT   NOT NULL,
    digest         TEXT   NOT NULL,
    at             BIGINT NOT NULL,
    PRIMARY KEY (org_id, requisition_id, round, person_id)
);

-- Up to which amount one person approves in a unit and below it; without limits, what the unit above says.
CREATE TABLE approval_policy (
    org_id     UUID   NOT NULL,
    unit_id    UUID   NOT NULL,
    limits     TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, unit_id)
);

-- Who approves in somebody's place for a while.
CREATE TABLE approval_delegation (
    org_id    UUID   NOT NULL,
    id        UUID   NOT NULL,
    seq       BIGINT NOT NULL,
    from_id   UUID   NOT NULL,
    to_id     UUID   NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    ended_at  BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX approval_delegation_to ON approval_delegation (org_id, to_id, ends_at);
CREATE INDEX approval_delegation_from ON approval_delegation (org_id, from_id, seq);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['supplier', 'supplier_private', 'supplier_price', 'punchout_session', 'punchout_document', 'requisition',
        'requisition_line', 'requisition_decision', 'approval_policy', 'approval_delegation']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON supplier, supplier_private, supplier_price, punchout_session, requisition, approval_policy, approval_delegation
    TO habeo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON punchout_document, requisition_line TO habeo_app;
GRANT SELECT, INSERT, DELETE ON supplier_directory, punchout_directory TO habeo_app;
GRANT SELECT, INSERT, UPDATE ON requisition_decision TO habeo_app;
