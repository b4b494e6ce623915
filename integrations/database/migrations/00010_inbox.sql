-- +goose Up
-- What people asked that changes something, from before its ack until it was done and for a day after, under the
-- identity that Slack keeps over redeliveries.
CREATE TABLE inbox (
    id          TEXT   NOT NULL PRIMARY KEY,
    body        TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    done_at     BIGINT
);

-- +goose Down
DROP TABLE inbox;
