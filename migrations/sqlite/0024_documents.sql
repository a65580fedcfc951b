-- What is kept of suppliers' documents besides their bodies, and of orders the very text that was sent.

-- What was odd about a document when it was read, or why it could not be: texts of the supplier, which no entry of the ledger holds.
ALTER TABLE supplier_document_body ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
-- The documents of one supplier, the newest first.
CREATE INDEX supplier_document_supplier ON supplier_document (org_id, supplier_id, seq);

-- Kept: a version of an order as it was written at the first attempt, without its secret, so that every attempt sends the same.
CREATE TABLE order_letter (
    org_id      BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    order_id    BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    body_sealed BLOB    NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, order_id, version)
) STRICT;
