-- +goose Up
-- Repositories whose completed runs are followed, and how far.
CREATE TABLE test_repositories (
    repo        TEXT   NOT NULL PRIMARY KEY,
    followed    INTEGER NOT NULL,           -- 0: its history stays, nothing new is read
    begun_at    BIGINT NOT NULL,            -- when it was followed for the first time
    branch      TEXT   NOT NULL DEFAULT '', -- the default branch
    branch_at   BIGINT NOT NULL DEFAULT 0,
    tag         TEXT   NOT NULL DEFAULT '', -- ETag of the listing at the last complete look
    complete_at BIGINT NOT NULL DEFAULT 0,
    polled_at   BIGINT NOT NULL DEFAULT 0,
    waiting     INTEGER NOT NULL DEFAULT 0,
    problem     TEXT   NOT NULL DEFAULT ''
);

-- One row an attempt of a run, whatever it brought.
CREATE TABLE test_runs (
    repo         TEXT   NOT NULL,
    run_id       BIGINT NOT NULL,
    attempt      INTEGER NOT NULL,
    workflow     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    branch       TEXT   NOT NULL,
    sha          TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    author       TEXT   NOT NULL,
    login        TEXT   NOT NULL,
    event        TEXT   NOT NULL,
    conclusion   TEXT   NOT NULL,
    url          TEXT   NOT NULL,
    started_at   BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    tests        INTEGER NOT NULL,
    passed       INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    errors       INTEGER NOT NULL,
    skipped      INTEGER NOT NULL,
    flaky        INTEGER NOT NULL,
    duration_ms  BIGINT NOT NULL,
    executed     TEXT   NOT NULL,           -- hash of the executed tests, in test_sets
    problems     TEXT   NOT NULL,           -- JSON array of sentences, or empty
    PRIMARY KEY (repo, run_id, attempt)
);
CREATE INDEX test_runs_completed ON test_runs (repo, branch, completed_at);
CREATE INDEX test_runs_recorded ON test_runs (repo, branch, recorded_at);
CREATE INDEX test_runs_id ON test_runs (run_id);
CREATE INDEX test_runs_executed ON test_runs (executed);

-- The tests that were ever anything but green; of the others only their hash is known, in test_sets.
CREATE TABLE test_cases (
    repo     TEXT   NOT NULL,
    test_id  BIGINT NOT NULL,
    workflow TEXT   NOT NULL,
    job      TEXT   NOT NULL,
    file     TEXT   NOT NULL,
    suite    TEXT   NOT NULL,
    class    TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    nth      INTEGER NOT NULL,
    PRIMARY KEY (repo, test_id)
);

-- Rows only for failures, errors and passes after a retry.
CREATE TABLE test_results (
    repo        TEXT   NOT NULL,
    run_id      BIGINT NOT NULL,
    attempt     INTEGER NOT NULL,
    test_id     BIGINT NOT NULL,
    verdict     TEXT   NOT NULL,
    duration_ms BIGINT NOT NULL,
    message_id  TEXT   NOT NULL,            -- in test_messages, or empty
    PRIMARY KEY (repo, run_id, attempt, test_id)
);

-- What failures said, each once.
CREATE TABLE test_messages (
    message_id TEXT NOT NULL PRIMARY KEY,
    message    TEXT NOT NULL
);

-- How far each configured summary has been told.
CREATE TABLE test_summaries (
    summary_id TEXT   NOT NULL PRIMARY KEY,
    schedule   TEXT   NOT NULL,
    active     INTEGER NOT NULL,
    until_at   BIGINT NOT NULL DEFAULT 0,
    noticed_at BIGINT NOT NULL DEFAULT 0,
    pending_at BIGINT NOT NULL DEFAULT 0,
    posted     TEXT   NOT NULL DEFAULT '',
    outcome    TEXT   NOT NULL DEFAULT '',
    told_fail  INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE test_summaries;
DROP TABLE test_messages;
DROP TABLE test_results;
DROP TABLE test_cases;
DROP TABLE test_runs;
DROP TABLE test_repositories;
