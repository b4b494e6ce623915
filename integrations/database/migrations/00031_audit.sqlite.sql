-- +goose Up
-- What was asked, decided and done. Rows are only ever added.
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY,
    id          TEXT   NOT NULL UNIQUE,
    at          BIGINT NOT NULL,
    event       TEXT   NOT NULL,
    environment TEXT   NOT NULL,
    deployment  TEXT   NOT NULL,
    component   TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    person      TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    sha         TEXT   NOT NULL,
    run_url     TEXT   NOT NULL,
    request     TEXT   NOT NULL,
    world       TEXT   NOT NULL,
    decision    TEXT   NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_environment ON audit (environment, at);
CREATE INDEX audit_component ON audit (component, at);

-- +goose StatementBegin
CREATE TRIGGER audit_keeps_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keeps_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
