-- name: links
SELECT person, shown, at FROM accounts ORDER BY person;

-- name: owner
SELECT person FROM accounts WHERE login = $1;

-- name: link
INSERT INTO accounts (person, login, shown, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person) DO UPDATE SET login = excluded.login, shown = excluded.shown, at = excluded.at;

-- name: unlink
DELETE FROM accounts WHERE person = $1;

-- name: begin
INSERT INTO account_flows (person, email, user_code, url, secret, pause, expires_at, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person) DO UPDATE SET email = excluded.email, user_code = excluded.user_code, url = excluded.url, secret = excluded.secret,
    pause = excluded.pause, expires_at = excluded.expires_at, started_at = excluded.started_at;

-- name: flow
SELECT email, user_code, url, secret, pause, expires_at, started_at FROM account_flows WHERE person = $1;

-- name: end
DELETE FROM account_flows WHERE person = $1 AND secret = $2;
