-- What was said of an order on its way is looked up by the order, which is the lane of its parcels.
CREATE INDEX outbox_supplier ON outbox (org_id, lane, id) WHERE channel = 'supplier';
-- Which orders a document spoke of: it is shown beside an order to those who order for its unit where it spoke of no other.
CREATE INDEX order_said_document ON order_said (org_id, document_id, order_id);
