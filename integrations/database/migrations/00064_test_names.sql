-- +goose Up
-- Up to which day names of tests that nothing speaks of were forgotten.
ALTER TABLE test_repositories ADD COLUMN swept_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE test_repositories DROP COLUMN swept_at;
