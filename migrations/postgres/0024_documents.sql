-- What is kept of suppliers' documents besides their bodies, and of orders the very text that was sent.

-- What was odd about a document when it was read, or why it could not be: texts of the supplier, which no entry of the ledger holds.
ALTER TABLE supplier_document_body ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
-- The documents of one supplier, the newest first.
CREATE INDEX supplier_document_supplier ON supplier_document (org_id, supplier_id, seq);

-- Kept: a version of an order as it was written at the first attempt, without its secret, so that every attempt sends the same.
CREATE TABLE order_letter (
    org_id      UUID   NOT NULL,
    id          UUID   NOT NULL,
    order_id    UUID   NOT NULL,
    version     BIGINT NOT NULL,
    body_sealed BYTEA  NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, order_id, version)
);

ALTER TABLE order_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON order_letter
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));

GRANT SELECT, INSERT, UPDATE ON order_letter TO habeo_app;
-- What could not be read gives way to what is sent in its place.
GRANT DELETE ON supplier_document, supplier_document_body TO habeo_app;
