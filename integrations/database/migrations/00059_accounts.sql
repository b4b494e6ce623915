-- +goose Up
-- Which Slack account is which GitHub login, by the word of who has both; login is in lower case, shown as GitHub writes it.
CREATE TABLE accounts (
    person TEXT   NOT NULL PRIMARY KEY,
    login  TEXT   NOT NULL UNIQUE,
    shown  TEXT   NOT NULL,
    at     BIGINT NOT NULL
);

-- Who is asked to type a code at GitHub just now. A code holds for minutes and opens nothing but who somebody is.
CREATE TABLE account_flows (
    person     TEXT   NOT NULL PRIMARY KEY,
    email      TEXT   NOT NULL,
    user_code  TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    secret     TEXT   NOT NULL,
    pause      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE account_flows;
DROP TABLE accounts;
