-- +goose Up
ALTER TABLE test_runs ADD COLUMN jobs TEXT NOT NULL DEFAULT ''; -- JSON array of counts by artifact, or empty

-- +goose Down
ALTER TABLE test_runs DROP COLUMN jobs;
