-- Who had a hand in a requisition, at which price a line of an order was agreed to, and which lines wait for somebody.

-- Who changed the lines of a requisition or handed it in: it is theirs as well, and they do not approve it.
CREATE TABLE requisition_hand (
    org_id         BLOB NOT NULL,
    requisition_id BLOB NOT NULL,
    person_id      BLOB NOT NULL,
    PRIMARY KEY (org_id, requisition_id, person_id)
) STRICT;

-- The price that somebody agreed to last. Prices of documents are compared with it, and not with what was let pass since; none where that is the
-- line's own.
ALTER TABLE order_line ADD COLUMN agreed TEXT;

-- The lines of which somebody has to decide or say something.
CREATE INDEX order_line_waiting ON order_line (org_id, order_id) WHERE (state = 'stopped' OR state = 'open' AND pieces IS NULL);
