-- +goose Up
-- References stand in lower case, as they are compared. written is namespace/name as a descriptor writes it, where that has capital
-- letters: of an entity in its own descriptor, of a relation's other end in the one that declares it.
ALTER TABLE catalog_entities ADD COLUMN written TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_relations ADD COLUMN written TEXT NOT NULL DEFAULT '';
CREATE INDEX catalog_entities_written ON catalog_entities (ref) WHERE written <> '';
CREATE INDEX catalog_relations_written ON catalog_relations (entity_id) WHERE written <> '';

-- +goose Down
DROP INDEX catalog_relations_written;
DROP INDEX catalog_entities_written;
ALTER TABLE catalog_relations DROP COLUMN written;
ALTER TABLE catalog_entities DROP COLUMN written;
