-- +goose Up
-- One row an environment; document holds all of it, the columns what it is looked for by.
CREATE TABLE environments (
    name       TEXT   NOT NULL PRIMARY KEY,
    component  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    present    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    document   TEXT   NOT NULL
);
CREATE INDEX environments_present ON environments (present, component, kind);

-- Who stands behind a key of the audit. Deleting a row here forgets the person; the audit stays.
CREATE TABLE audit_people (
    key    TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL
);

-- +goose Down
DROP TABLE audit_people;
DROP TABLE environments;
