-- +goose Up
-- Sets of executed tests, each once: sorted hashes of eight bytes.
CREATE TABLE test_sets (
    set_id TEXT NOT NULL PRIMARY KEY,
    tests  BYTEA NOT NULL
);

-- +goose Down
DROP TABLE test_sets;
