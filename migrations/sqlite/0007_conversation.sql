-- Questions: numbers of assets that are alike, orders that lists are asked for in, and what a conversation was about.

-- How many assets are alike in everything that questions count by. No model, maker or site is the nil UUID.
CREATE TABLE asset_group (
    org_id          BLOB    NOT NULL,
    unit_id         BLOB    NOT NULL,
    state           TEXT    NOT NULL,
    held            INTEGER NOT NULL,
    category_id     BLOB    NOT NULL,
    model_id        BLOB    NOT NULL,
    manufacturer_id BLOB    NOT NULL,
    site_id         BLOB    NOT NULL,
    assets          INTEGER NOT NULL,
    PRIMARY KEY (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id)
) STRICT, WITHOUT ROWID;

INSERT INTO asset_group (org_id, unit_id, state, held, category_id, model_id, manufacturer_id, site_id, assets)
SELECT org_id, owning_unit_id, state, assignment_id IS NOT NULL, category_id, COALESCE(model_id, zeroblob(16)),
       COALESCE(manufacturer_id, zeroblob(16)), COALESCE(site_id, zeroblob(16)), COUNT(*)
FROM asset GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- With what a breakdown by year asks besides, so that it need not look at the assets.
CREATE INDEX asset_acquired ON asset (org_id, acquired_on, seq, state, owning_unit_id);
CREATE INDEX asset_warranty ON asset (org_id, warranty_ends_on, seq);
CREATE INDEX asset_verified ON asset (org_id, last_verified_at, seq);
CREATE INDEX asset_cost ON asset (org_id, cost_minor, seq);
-- The same for a breakdown by room.
CREATE INDEX asset_place ON asset (org_id, location_id, state, owning_unit_id);

-- What a conversation was about, for a day: one person's, sealed, because people write names and words. Kept by rebuild.
CREATE TABLE conversation (
    org_id       BLOB    NOT NULL,
    id           BLOB    NOT NULL,
    key_hash     BLOB    NOT NULL,
    person_id    BLOB    NOT NULL,
    state_sealed BLOB    NOT NULL,
    updated_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, person_id, key_hash)
) STRICT;
CREATE INDEX conversation_expiry ON conversation (org_id, expires_at);

-- What the buttons of an answer stand for. Known by the digest of a token that only the answer carried. Kept by rebuild.
CREATE TABLE conversation_offer (
    org_id          BLOB    NOT NULL,
    id              BLOB    NOT NULL,
    token_hash      BLOB    NOT NULL,
    person_id       BLOB    NOT NULL,
    meanings_sealed BLOB    NOT NULL,
    offered_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, token_hash)
) STRICT;
CREATE INDEX conversation_offer_person ON conversation_offer (org_id, person_id, offered_at);
CREATE INDEX conversation_offer_expiry ON conversation_offer (org_id, expires_at);
