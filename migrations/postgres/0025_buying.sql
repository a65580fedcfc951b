-- Who had a hand in a requisition, at which price a line of an order was agreed to, and which lines wait for somebody.

-- Who changed the lines of a requisition or handed it in: it is theirs as well, and they do not approve it.
CREATE TABLE requisition_hand (
    org_id         UUID NOT NULL,
    requisition_id UUID NOT NULL,
    person_id      UUID NOT NULL,
    PRIMARY KEY (org_id, requisition_id, person_id)
);

-- The price that somebody agreed to last. Prices of documents are compared with it, and not with what was let pass since; none where that is the
-- line's own.
ALTER TABLE order_line ADD COLUMN agreed TEXT;

-- The lines of which somebody has to decide or say something.
CREATE INDEX order_line_waiting ON order_line (org_id, order_id) WHERE (state = 'stopped' OR state = 'open' AND pieces IS NULL);

ALTER TABLE requisition_hand ENABLE ROW LEVEL SECURITY;
ALTER TABLE requisition_hand FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON requisition_hand
    USING (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('habeo.org', true), '')::uuid));

GRANT SELECT, INSERT ON requisition_hand TO habeo_app;
