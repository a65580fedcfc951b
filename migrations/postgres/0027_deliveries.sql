-- A delivery is written into the log when it is tried, and not before: what waits knows what it says, and what is said knows what it is about.

ALTER TABLE webhook_event ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_event ADD COLUMN object_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_event ADD COLUMN object_id UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE delivery_due ADD COLUMN event_id UUID;
ALTER TABLE delivery_due ADD COLUMN form TEXT;

-- Rows of an organization are seen only as that organization, by the owner of the tables as well.
DO $$
DECLARE
    org UUID;
BEGIN
    FOR org IN SELECT org_id FROM org_directory LOOP
        PERFORM set_config('habeo.org', org::text, true);
        UPDATE webhook_event e SET type = d.type, object_kind = d.object_kind, object_id = d.object_id FROM delivery d
            WHERE e.org_id = org AND d.org_id = org AND d.event_id = e.event_id AND d.form = e.form;
        UPDATE delivery_due q SET event_id = d.event_id, form = d.form FROM delivery d
            WHERE q.org_id = org AND d.org_id = org AND d.id = q.delivery_id;
        -- What was not tried yet is in no log.
        DELETE FROM delivery d WHERE d.org_id = org AND d.status = 'waiting' AND d.attempts = 0 AND EXISTS (
            SELECT 1 FROM delivery_due q WHERE q.org_id = org AND q.delivery_id = d.id);
    END LOOP;
    PERFORM set_config('habeo.org', '', true);
END $$;

DELETE FROM delivery_due WHERE event_id IS NULL;
-- A line whose first delivery was not there any more goes on.
UPDATE delivery_due q SET due_at = 0 WHERE q.object_id IS NOT NULL AND q.due_at = 9223372036854775807 AND NOT EXISTS (
    SELECT 1 FROM delivery_due e WHERE e.org_id = q.org_id AND e.endpoint_id = q.endpoint_id AND e.object_id = q.object_id
        AND (e.sequence, e.delivery_id) < (q.sequence, q.delivery_id));
ALTER TABLE delivery_due ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE delivery_due ALTER COLUMN form SET NOT NULL;
-- What waits for an endpoint in the order in which it is shown.
CREATE INDEX delivery_due_shown ON delivery_due (org_id, endpoint_id, delivery_id);

ALTER TABLE delivery DROP COLUMN type;
ALTER TABLE delivery DROP COLUMN object_kind;
ALTER TABLE delivery DROP COLUMN object_id;
