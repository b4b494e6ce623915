-- +goose Up
-- When a refresh first missed what described the entity; 0 while it is there.
ALTER TABLE catalog_entities ADD COLUMN orphaned_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE catalog_entities DROP COLUMN orphaned_at;
