-- A delivery is written into the log when it is tried, and not before: what waits knows what it says, and what is said knows what it is about.

ALTER TABLE webhook_event ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_event ADD COLUMN object_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_event ADD COLUMN object_id BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
UPDATE webhook_event SET (type, object_kind, object_id) = (
    SELECT d.type, d.object_kind, d.object_id FROM delivery d
    WHERE d.org_id = webhook_event.org_id AND d.event_id = webhook_event.event_id AND d.form = webhook_event.form LIMIT 1)
WHERE EXISTS (
    SELECT 1 FROM delivery d
    WHERE d.org_id = webhook_event.org_id AND d.event_id = webhook_event.event_id AND d.form = webhook_event.form);

CREATE TABLE delivery_waiting (
    org_id      BLOB    NOT NULL,
    delivery_id BLOB    NOT NULL,
    endpoint_id BLOB    NOT NULL,
    event_id    BLOB    NOT NULL,
    form        TEXT    NOT NULL,
    object_id   BLOB,
    sequence    INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    restarted   INTEGER NOT NULL,
    run         BLOB,
    PRIMARY KEY (org_id, delivery_id)
) STRICT;
INSERT INTO delivery_waiting (org_id, delivery_id, endpoint_id, event_id, form, object_id, sequence, due_at, attempts, restarted, run)
    SELECT q.org_id, q.delivery_id, q.endpoint_id, d.event_id, d.form, q.object_id, q.sequence, q.due_at, q.attempts, q.restarted, q.run
    FROM delivery_due q JOIN delivery d ON d.org_id = q.org_id AND d.id = q.delivery_id;
DROP TABLE delivery_due;
ALTER TABLE delivery_waiting RENAME TO delivery_due;
CREATE INDEX delivery_due_endpoint ON delivery_due (endpoint_id, due_at, delivery_id);
CREATE INDEX delivery_due_object ON delivery_due (org_id, endpoint_id, object_id, sequence) WHERE object_id IS NOT NULL;
CREATE INDEX delivery_due_run ON delivery_due (run) WHERE run IS NOT NULL;
-- What waits for an endpoint in the order in which it is shown.
CREATE INDEX delivery_due_shown ON delivery_due (org_id, endpoint_id, delivery_id);
-- A line whose first delivery was not there any more goes on.
UPDATE delivery_due SET due_at = 0 WHERE object_id IS NOT NULL AND due_at = 9223372036854775807 AND NOT EXISTS (
    SELECT 1 FROM delivery_due e WHERE e.org_id = delivery_due.org_id AND e.endpoint_id = delivery_due.endpoint_id
        AND e.object_id = delivery_due.object_id AND (e.sequence, e.delivery_id) < (delivery_due.sequence, delivery_due.delivery_id));
-- What was not tried yet is in no log.
DELETE FROM delivery WHERE status = 'waiting' AND attempts = 0 AND EXISTS (
    SELECT 1 FROM delivery_due q WHERE q.org_id = delivery.org_id AND q.delivery_id = delivery.id);

ALTER TABLE delivery DROP COLUMN type;
ALTER TABLE delivery DROP COLUMN object_kind;
ALTER TABLE delivery DROP COLUMN object_id;
