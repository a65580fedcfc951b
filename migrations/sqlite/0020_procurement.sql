-- Procurement as far as the approved requisition: suppliers, sessions in their shops, what came back, and who approves what.

CREATE TABLE supplier (
    org_id     BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    seq        INTEGER NOT NULL,
    protocol   TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    settings   TEXT    NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Whose a supplier's address for documents is; read before the organisation is known. No name, no secret.
CREATE TABLE supplier_directory (
    supplier_id BLOB NOT NULL PRIMARY KEY,
    org_id      BLOB NOT NULL REFERENCES org_directory (org_id)
) STRICT;
CREATE INDEX supplier_directory_org ON supplier_directory (org_id, supplier_id);

-- Kept: what it is called here, and the secrets of both directions.
CREATE TABLE supplier_private (
    org_id          BLOB NOT NULL,
    id              BLOB NOT NULL,
    name            TEXT NOT NULL,
    -- By which we prove ourselves to them.
    ours_sealed     BLOB,
    -- By which they prove themselves to us; the one before it for a while.
    theirs_sealed   BLOB,
    previous_sealed BLOB,
    previous_until  INTEGER,
    -- What a catalogue without a handshake is called up with; users and passwords are among it.
    call_up_sealed  BLOB,
    PRIMARY KEY (org_id, id)
) STRICT;

-- Kept: what was last paid for a supplier's part.
CREATE TABLE supplier_price (
    org_id         BLOB    NOT NULL,
    supplier_id    BLOB    NOT NULL,
    part_key       TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    unit           TEXT    NOT NULL,
    price          TEXT    NOT NULL,
    paid_at        INTEGER NOT NULL,
    requisition_id BLOB    NOT NULL,
    PRIMARY KEY (org_id, supplier_id, part_key, currency, unit)
) STRICT;

CREATE TABLE punchout_session (
    org_id         BLOB    NOT NULL,
    id             BLOB    NOT NULL,
    seq            INTEGER NOT NULL,
    supplier_id    BLOB    NOT NULL,
    person_id      BLOB    NOT NULL,
    unit_id        BLOB    NOT NULL,
    operation      TEXT    NOT NULL,
    -- Which one is edited or looked at; none where something new is bought.
    requisition_id BLOB,
    location_id    BLOB,
    cost_centre    TEXT,
    state          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    returned_at    INTEGER,
    -- SHA-256 of the document that came back, as it was decoded.
    document_hash  TEXT,
    outcome        TEXT,
    -- The requisitions that it made or changed, as a list.
    requisitions   TEXT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq)
) STRICT;
CREATE INDEX punchout_session_person ON punchout_session (org_id, person_id, seq);
CREATE INDEX punchout_session_requisition ON punchout_session (org_id, requisition_id, seq) WHERE requisition_id IS NOT NULL;

-- Whose session a cookie belongs to; read before the organisation is known. Only the SHA-256 of the cookie is anywhere.
CREATE TABLE punchout_directory (
    cookie_hash BLOB    NOT NULL PRIMARY KEY,
    org_id      BLOB    NOT NULL REFERENCES org_directory (org_id),
    session_id  BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX punchout_directory_expires ON punchout_directory (org_id, expires_at);

-- Kept for a month, late ones for a day: what went to and fro in a session, without its secrets.
CREATE TABLE punchout_document (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    session_id  BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    direction   TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    -- How it was decoded, and what was odd about it.
    decoded     TEXT    NOT NULL,
    warnings    TEXT    NOT NULL,
    hash        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    -- Why it was not applied and may be recovered; none for all others.
    late        TEXT,
    body_sealed BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX punchout_document_session ON punchout_document (org_id, session_id, at, id);
CREATE INDEX punchout_document_expires ON punchout_document (org_id, expires_at);

CREATE TABLE requisition (
    org_id           BLOB    NOT NULL,
    id               BLOB    NOT NULL,
    seq              INTEGER NOT NULL,
    number           INTEGER NOT NULL,
    supplier_id      BLOB    NOT NULL,
    session_id       BLOB    NOT NULL,
    requester_id     BLOB    NOT NULL,
    unit_id          BLOB    NOT NULL,
    location_id      BLOB,
    cost_centre      TEXT,
    currency         TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    allowed          TEXT    NOT NULL,
    -- The cart is a draft of the supplier's, and nothing can be ordered by it yet.
    quote_pending    INTEGER NOT NULL,
    supplier_order   TEXT,
    lines            INTEGER NOT NULL,
    total            TEXT    NOT NULL,
    -- SHA-256 of everything that an approval is of.
    digest           TEXT    NOT NULL,
    -- How often it was submitted or changed since; an approval holds within one.
    round            INTEGER NOT NULL,
    approvals_needed INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL,
    submitted_at     INTEGER,
    decided_at       INTEGER,
    -- The entry of the decision, with which its reason is kept.
    decided_index    INTEGER,
    order_id         BLOB,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, number)
) STRICT;
CREATE INDEX requisition_unit ON requisition (org_id, unit_id, seq);
CREATE INDEX requisition_requester ON requisition (org_id, requester_id, seq);
CREATE INDEX requisition_state ON requisition (org_id, state, seq);
CREATE INDEX requisition_session ON requisition (org_id, session_id);

-- Kept: the lines. The requisition's digest in the ledger is of them.
CREATE TABLE requisition_line (
    org_id         BLOB    NOT NULL,
    id             BLOB    NOT NULL,
    requisition_id BLOB    NOT NULL,
    position       INTEGER NOT NULL,
    -- What the supplier sent, what was made of it, and what is odd about it, each as an object.
    sent           TEXT    NOT NULL,
    stored         TEXT    NOT NULL,
    warnings       TEXT    NOT NULL,
    -- The line exactly as it came, without secrets.
    raw            TEXT,
    raw_hash       TEXT,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX requisition_line_position ON requisition_line (org_id, requisition_id, position);

-- Who decided what about a requisition, and on whose behalf.
CREATE TABLE requisition_decision (
    org_id         BLOB    NOT NULL,
    requisition_id BLOB    NOT NULL,
    round          INTEGER NOT NULL,
    person_id      BLOB    NOT NULL,
    for_id         BLOB,
    decision       TEXT    NOT NULL,
    digest         TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (org_id, requisition_id, round, person_id)
) STRICT;

-- Up to which amount one person approves in a unit and below it; without limits, what the unit above says.
CREATE TABLE approval_policy (
    org_id     BLOB    NOT NULL,
    unit_id    BLOB    NOT NULL,
    limits     TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, unit_id)
) STRICT;

-- Who approves in somebody's place for a while.
CREATE TABLE approval_delegation (
    org_id    BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    from_id   BLOB    NOT NULL,
    to_id     BLOB    NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    ended_at  INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX approval_delegation_to ON approval_delegation (org_id, to_id, ends_at);
CREATE INDEX approval_delegation_from ON approval_delegation (org_id, from_id, seq);
