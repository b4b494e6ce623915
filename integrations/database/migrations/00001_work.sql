-- +goose Up
-- What is due: one row an item, claimed by lease. again_at is the earliest moment for which the item was scheduled
-- while somebody held it; it wins over the moment with which the holder settles.
CREATE TABLE work (
    kind        TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,
    lease       TEXT   NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    again_at    BIGINT,
    PRIMARY KEY (kind, id)
);
CREATE INDEX work_due ON work (kind, due_at);
CREATE INDEX work_leased ON work (kind, lease_until) WHERE lease <> '';

-- +goose Down
DROP TABLE work;
