-- +goose Up
-- A set that differs little from another is kept as the change from that.
ALTER TABLE test_sets ADD COLUMN base TEXT NOT NULL DEFAULT ''; -- the other's set_id, or empty
CREATE INDEX test_sets_base ON test_sets (base) WHERE base <> '';

-- +goose Down
DELETE FROM test_sets WHERE base <> '';
DROP INDEX test_sets_base;
ALTER TABLE test_sets DROP COLUMN base;
