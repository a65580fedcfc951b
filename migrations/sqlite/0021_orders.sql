-- Purchase orders: what was ordered, what suppliers say of it, which assets it becomes, and who received them.

CREATE TABLE purchase_order (
    org_id         BLOB    NOT NULL,
    id             BLOB    NOT NULL,
    seq            INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    requisition_id BLOB    NOT NULL,
    supplier_id    BLOB    NOT NULL,
    unit_id        BLOB    NOT NULL,
    location_id    BLOB,
    site_id        BLOB,
    currency       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    -- What the supplier last said of the whole.
    answer         TEXT,
    supplier_order TEXT,
    placed_by      BLOB,
    placed_at      INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, number),
    UNIQUE (org_id, requisition_id)
) STRICT;
CREATE INDEX purchase_order_unit ON purchase_order (org_id, unit_id, seq);
CREATE INDEX purchase_order_status ON purchase_order (org_id, status, seq);
CREATE INDEX purchase_order_supplier ON purchase_order (org_id, supplier_id, seq);

CREATE TABLE order_line (
    org_id              BLOB    NOT NULL,
    order_id            BLOB    NOT NULL,
    line                INTEGER NOT NULL,
    requisition_line_id BLOB    NOT NULL,
    part                TEXT    NOT NULL,
    maker_part          TEXT,
    description         TEXT    NOT NULL,
    quantity            TEXT    NOT NULL,
    unit                TEXT    NOT NULL,
    -- How many pieces one of the unit is, and how many become assets; none while somebody has to say.
    pieces_per_unit     TEXT,
    pieces              INTEGER,
    price               TEXT    NOT NULL,
    cost_minor          INTEGER,
    category_id         BLOB    NOT NULL,
    model_id            BLOB,
    maker_id            BLOB,
    state               TEXT    NOT NULL,
    -- What has to be decided before it goes on.
    stop                TEXT,
    answer              TEXT,
    promised_on         TEXT,
    PRIMARY KEY (org_id, order_id, line),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
) STRICT;

-- The pieces of lines, each an asset.
CREATE TABLE order_unit (
    org_id          BLOB    NOT NULL,
    order_id        BLOB    NOT NULL,
    line            INTEGER NOT NULL,
    place           INTEGER NOT NULL,
    asset_id        BLOB    NOT NULL,
    state           TEXT    NOT NULL,
    shipment_id     BLOB,
    serial          TEXT,
    -- Where an announced serial number stood; none for one that was scanned.
    source          TEXT,
    tag             TEXT,
    destination_id  BLOB,
    container       TEXT,
    -- An announced serial number that is another asset's.
    conflict        TEXT,
    is_contradicted INTEGER NOT NULL,
    invoice         TEXT,
    received_at     INTEGER,
    received_by     BLOB,
    PRIMARY KEY (org_id, order_id, line, place),
    UNIQUE (org_id, asset_id),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
) STRICT;

CREATE TABLE order_shipment (
    org_id      BLOB NOT NULL,
    id          BLOB NOT NULL,
    order_id    BLOB NOT NULL,
    reference   TEXT NOT NULL,
    state       TEXT NOT NULL,
    shipped_at  INTEGER,
    expected_at INTEGER,
    carrier     TEXT,
    tracking    TEXT NOT NULL,
    document_id BLOB NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, order_id, reference),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
) STRICT;

-- What can be read from what arrives: shipments by their numbers, their carriers' numbers and the codes on their boxes.
CREATE TABLE order_arrival_code (
    org_id      BLOB NOT NULL,
    code_norm   TEXT NOT NULL,
    shipment_id BLOB NOT NULL,
    order_id    BLOB NOT NULL,
    PRIMARY KEY (org_id, code_norm, shipment_id)
) STRICT;

-- What was sent to suppliers. Name, instant and lines of a version never change: a repetition says the same.
CREATE TABLE order_version (
    org_id       BLOB    NOT NULL,
    order_id     BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    operation    TEXT    NOT NULL,
    payload_id   TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    lines        TEXT    NOT NULL,
    transmission TEXT    NOT NULL,
    code         INTEGER,
    settled_at   INTEGER,
    PRIMARY KEY (org_id, order_id, version),
    UNIQUE (org_id, payload_id),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
) STRICT;

-- What documents said of lines, in their order. Line 0 is the whole.
CREATE TABLE order_said (
    org_id      BLOB    NOT NULL,
    order_id    BLOB    NOT NULL,
    document_id BLOB    NOT NULL,
    item        INTEGER NOT NULL,
    line        INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    said        TEXT    NOT NULL,
    log_index   INTEGER NOT NULL,
    PRIMARY KEY (org_id, order_id, log_index, item)
) STRICT;
CREATE INDEX order_said_line ON order_said (org_id, order_id, line, log_index);

-- Documents that suppliers sent, known by their own names for them.
CREATE TABLE supplier_document (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    supplier_id BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    payload_id  TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    findings    TEXT    NOT NULL,
    taken_at    INTEGER NOT NULL,
    settled_at  INTEGER,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, supplier_id, payload_id)
) STRICT;
CREATE INDEX supplier_document_state ON supplier_document (org_id, state, seq);

-- Kept: what came, without its secrets.
CREATE TABLE supplier_document_body (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    body_sealed BLOB    NOT NULL,
    bytes       INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
