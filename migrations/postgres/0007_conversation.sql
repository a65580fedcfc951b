-- Questions: numbers of assets that are alike, orders that lists are asked for in, and what a conversation was about.

-- How many assets are alike in everything that questions count by. No model, maker or site is the nil UUID.
CREATE TABLE asset_group (
    org_id          UUID    NOT NULL,
    unit_id         UUID    NOT NULL,
    state           TEXT    COLLATE "C" NOT NULL,
    held            BOOLEAN NOT NULL,
    category_id     UUID    NOT NULL,
    model_id        UUID    NOT NULL,
    manufacturer_id UUID    NOT NULL,
    site_id         UUID    NOT NULL,
    assets          BIGINT  NOT NULL,
    PRIMARY KEY (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id)
);

-- The owner sees an organization's rows only in its name, as everybody does.
DO $$
DECLARE
    org UUID;
BEGIN
    FOR org IN SELECT org_id FROM org_directory
    LOOP
        PERFORM set_config('habeo.org', org::text, true);
        INSERT INTO asset_group (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id, assets)
        SELECT org_id, owning_unit_id, state, assignment_id IS NOT NULL, category_id,
               COALESCE(model_id, '00000000-0000-0000-0000-000000000000'), COALESCE(manufacturer_id, '00000000-0000-0000-0000-000000000000'),
               COALESCE(site_id, '00000000-0000-0000-0000-000000000000'), COUNT(*)
        FROM asset WHERE org_id = org GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
    END LOOP;
    PERFORM set_config('habeo.org', '', true);
END $$;

-- With what a breakdown by year asks besides, so that it need not look at the assets.
CREATE INDEX asset_acquired ON asset (org_id, acquired_on, seq, state, owning_unit_id);
CREATE INDEX asset_warranty ON asset (org_id, warranty_ends_on, seq);
CREATE INDEX asset_verified ON asset (org_id, last_verified_at, seq);
CREATE INDEX asset_cost ON asset (org_id, cost_minor, seq);
-- The same for a breakdown by room.
CREATE INDEX asset_place ON asset (org_id, location_id, state, owning_unit_id);

-- What a conversation was about, for a day: one person's, sealed, because people write names and words. Kept by rebuild.
CREATE TABLE conversation (
    org_id       UUID   NOT NULL,
    id           UUID   NOT NULL,
    key_hash     BYTEA  NOT NULL,
    person_id    UUID   NOT NULL,
    state_sealed BYTEA  NOT NULL,
    updated_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, person_id, key_hash)
);
CREATE INDEX conversation_expiry ON conversation (org_id, expires_at);

-- What the buttons of an answer stand for. Known by the digest of a token that only the answer carried. Kept by rebuild.
CREATE TABLE conversation_offer (
    org_id          UUID   NOT NULL,
    id              UUID   NOT NULL,
    token_hash      BYTEA  NOT NULL,
    person_id       UUID   NOT NULL,
    meanings_sealed BYTEA  NOT NULL,
    offered_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, token_hash)
);
CREATE INDEX conversation_offer_person ON conversation_offer (org_id, person_id, offered_at);
CREATE INDEX conversation_offer_expiry ON conversation_offer (org_id, expires_at);

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['asset_group', 'conversation', 'conversation_offer']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY org ON %I
                USING (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))
                WITH CHECK (org_id = (SELECT nullif(current_setting(''habeo.org'', true), '''')::uuid))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON asset_group, conversation TO habeo_app;
GRANT SELECT, INSERT ON conversation_offer TO habeo_app;
-- What has expired is nobody's any more, and a person keeps only so many.
GRANT DELETE ON conversation, conversation_offer TO habeo_app;
-- Values are carried over to a new master key in place.
GRANT UPDATE ON conversation_offer TO habeo_app;
