-- Purchase orders: what was ordered, what suppliers say of it, which assets it becomes, and who received them.

CREATE TABLE purchase_order (
    org_id         UUID   NOT NULL,
    id             UUID   NOT NULL,
    seq            BIGINT NOT NULL,
    number         BIGINT NOT NULL,
    requisition_id UUID   NOT NULL,
    supplier_id    UUID   NOT NULL,
    unit_id        UUID   NOT NULL,
    location_id    UUID,
    site_id        UUID,
    currency       TEXT   NOT NULL,
    status         TEXT   NOT NULL,
    -- What the supplier last said of the whole.
    answer         TEXT,
    supplier_order TEXT,
    placed_by      UUID,
    placed_at      BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, number),
    UNIQUE (org_id, requisition_id)
);
CREATE INDEX purchase_order_unit ON purchase_order (org_id, unit_id, seq);
CREATE INDEX purchase_order_status ON purchase_order (org_id, status, seq);
CREATE INDEX purchase_order_supplier ON purchase_order (org_id, supplier_id, seq);

CREATE TABLE order_line (
    org_id              UUID   NOT NULL,
    order_id            UUID   NOT NULL,
    line                BIGINT NOT NULL,
    requisition_line_id UUID   NOT NULL,
    part                TEXT   NOT NULL,
    maker_part          TEXT,
    description         TEXT   NOT NULL,
    quantity            TEXT   NOT NULL,
    unit                TEXT   NOT NULL,
    -- How many pieces one of the unit is, and how many become assets; none while somebody has to say.
    pieces_per_unit     TEXT,
    pieces              BIGINT,
    price               TEXT   NOT NULL,
    cost_minor          BIGINT,
    category_id         UUID   NOT NULL,
    model_id            UUID,
    maker_id            UUID,
    state               TEXT   NOT NULL,
    -- What has to be decided before it goes on.
    stop                TEXT,
    answer              TEXT,
    promised_on         TEXT,
    PRIMARY KEY (org_id, order_id, line),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
);

-- The pieces of lines, each an asset.
CREATE TABLE order_unit (
    org_id          UUID    NOT NULL,
    order_id        UUID    NOT NULL,
    line            BIGINT  NOT NULL,
    place           BIGINT  NOT NULL,
    asset_id        UUID    NOT NULL,
    state           TEXT    NOT NULL,
    shipment_id     UUID,
    serial          TEXT,
    -- Where an announced serial number stood; none for one that was scanned.
    source          TEXT,
    tag             TEXT,
    destination_id  UUID,
    container       TEXT,
    -- An announced serial number that is another asset's.
    conflict        TEXT,
    is_contradicted BOOLEAN NOT NULL,
    invoice         TEXT,
    received_at     BIGINT,
    received_by     UUID,
    PRIMARY KEY (org_id, order_id, line, place),
    UNIQUE (org_id, asset_id),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
);

CREATE TABLE order_shipment (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    order_id    UUID   NOT NULL,
    reference   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    shipped_at  BIGINT,
    expected_at BIGINT,
    carrier     TEXT,
    tracking    TEXT   NOT NULL,
    document_id UUID   NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, order_id, reference),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
);

-- What can be read from what arrives: shipments by their numbers, their carriers' numbers and the codes on their boxes.
CREATE TABLE order_arrival_code (
    org_id      UUID NOT NULL,
    code_norm   TEXT COLLATE "C" NOT NULL,
    shipment_id UUID NOT NULL,
    order_id    UUID NOT NULL,
    PRIMARY KEY (org_id, code_norm, shipment_id)
);

-- What was sent to suppliers. Name, instant and lines of a version never change: a repetition says the same.
CREATE TABLE order_version (
    org_id       UUID   NOT NULL,
    order_id     UUID   NOT NULL,
    version      BIGINT NOT NULL,
    operation    TEXT   NOT NULL,
    payload_id   TEXT   COLLATE "C" NOT NULL,
    made_at      BIGINT NOT NULL,
    lines        TEXT   NOT NULL,
    transmission TEXT   NOT NULL,
    code         BIGINT,
    settled_at   BIGINT,
    PRIMARY KEY (org_id, order_id, version),
    UNIQUE (org_id, payload_id),
    FOREIGN KEY (org_id, order_id) REFERENCES purchase_order (org_id, id)
);

-- What documents said of lines, in their order. Line 0 is the whole.
CREATE TABLE order_said (
    org_id      UUID   NOT NULL,
    order_id    UUID   NOT NULL,
    document_id UUID   NOT NULL,
    item        BIGINT NOT NULL,
    line        BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    said        TEXT   NOT NULL,
    log_index   BIGINT NOT NULL,
    PRIMARY KEY (org_id, order_id, log_index, item)
);
CREATE INDEX order_said_line ON order_said (org_id, order_id, line, log_index);

-- Documents that suppliers sent, known by their own names for them.
CREATE TABLE supplier_document (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    seq         BIGINT NOT NULL,
    supplier_id UUID   NOT NULL,
    kind        TEXT   NOT NULL,
    payload_id  TEXT   COLLATE "C" NOT NULL,
    digest      TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    findings    TEXT   NOT NULL,
    taken_at    BIGINT NOT NULL,
    settled_at  BIGINT,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, seq),
    UNIQUE (org_id, supplier_id, payload_id)
);
CREATE INDEX supplier_document_state ON supplier_document (org_id, state, seq);

-- Kept: what came, without its secrets.
CREATE TABLE supplier_document_body (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    body_sealed BYTEA  NOT NULL,
    bytes       BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['purchase_order', 'order_line', 'order_unit', 'order_shipment', 'order_arrival_code', 'order_version',
        'order_said', 'supplier_document', 'supplier_document_body']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON purchase_order, order_line, order_unit, order_shipment, order_version, supplier_document, supplier_document_body
    TO habeo_app;
GRANT SELECT, INSERT ON order_arrival_code, order_said TO habeo_app;
