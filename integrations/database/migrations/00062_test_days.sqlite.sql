-- +goose Up
-- What the tests did on one day, on the default branch or on all others: which they were (in test_sets), and packed numbers
-- of each.
CREATE TABLE test_days (
    repo       TEXT    NOT NULL,
    date_at    BIGINT  NOT NULL, -- midnight UTC
    on_default INTEGER NOT NULL,
    set_id     TEXT    NOT NULL,
    counts     BLOB    NOT NULL,
    PRIMARY KEY (repo, date_at, on_default)
);
CREATE INDEX test_days_set ON test_days (set_id);
CREATE INDEX test_days_date ON test_days (date_at);
-- By which the oldest runs are found.
CREATE INDEX test_runs_ended ON test_runs (completed_at);

-- What the messages of failures have in common, each once.
CREATE TABLE test_signatures (
    signature_id TEXT NOT NULL PRIMARY KEY,
    signature    TEXT NOT NULL
);
ALTER TABLE test_messages ADD COLUMN signature_id TEXT NOT NULL DEFAULT ''; -- in test_signatures, or empty
CREATE INDEX test_messages_signature ON test_messages (signature_id) WHERE signature_id <> '';

-- +goose Down
DROP INDEX test_messages_signature;
ALTER TABLE test_messages DROP COLUMN signature_id;
DROP TABLE test_signatures;
DROP INDEX test_runs_ended;
DROP TABLE test_days;
