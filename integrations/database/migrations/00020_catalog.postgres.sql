-- +goose Up
-- The catalog as a whole. generation is the one that people see; dangling counts its relations that lead nowhere; holder is
-- the refresh under way, until held_until.
CREATE TABLE catalog_state (
    id                  BIGINT PRIMARY KEY CHECK (id = 1),
    generation          BIGINT NOT NULL DEFAULT 0,
    problems_generation BIGINT NOT NULL DEFAULT 0,
    dangling            BIGINT NOT NULL DEFAULT 0,
    refreshed_at        BIGINT NOT NULL DEFAULT 0,
    holder              TEXT   NOT NULL DEFAULT '',
    held_until          BIGINT NOT NULL DEFAULT 0
);
INSERT INTO catalog_state (id) VALUES (1);

-- A version of an entity is seen from from_generation on, until until_generation (not included) comes to be seen.
CREATE TABLE catalog_entities (
    id               BIGINT PRIMARY KEY,
    ref              TEXT   COLLATE "C" NOT NULL,
    kind             TEXT   NOT NULL,
    hash             TEXT   NOT NULL,
    location         TEXT   NOT NULL,
    file             TEXT   COLLATE "C" NOT NULL,
    document_number  BIGINT NOT NULL,
    line             BIGINT NOT NULL,
    from_generation  BIGINT NOT NULL,
    until_generation BIGINT NOT NULL,
    document         TEXT   NOT NULL
);
CREATE INDEX catalog_entities_ref ON catalog_entities (ref);
CREATE INDEX catalog_entities_seen ON catalog_entities (until_generation, from_generation);

-- Relations stand in one direction only, and are seen as long as the version of the entity that declares them.
CREATE TABLE catalog_relations (
    entity_id BIGINT NOT NULL,
    source    TEXT   COLLATE "C" NOT NULL,
    type      TEXT   NOT NULL,
    target    TEXT   COLLATE "C" NOT NULL,
    field     TEXT   NOT NULL,
    line      BIGINT NOT NULL
);
CREATE INDEX catalog_relations_source ON catalog_relations (source, type);
CREATE INDEX catalog_relations_target ON catalog_relations (target, type);

-- What an entity is found by.
CREATE TABLE catalog_keys (
    type      TEXT   NOT NULL,
    key       TEXT   COLLATE "C" NOT NULL,
    entity_id BIGINT NOT NULL,
    PRIMARY KEY (type, key, entity_id)
);
CREATE INDEX catalog_keys_entity ON catalog_keys (entity_id);

-- Files that were read wholly, by a hash of what they held.
CREATE TABLE catalog_files (
    file TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL
);

CREATE TABLE catalog_problems (
    generation BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    problem    TEXT   NOT NULL,
    PRIMARY KEY (generation, number)
);

-- +goose Down
DROP TABLE catalog_problems;
DROP TABLE catalog_files;
DROP TABLE catalog_keys;
DROP TABLE catalog_relations;
DROP TABLE catalog_entities;
DROP TABLE catalog_state;
