-- name: record
INSERT INTO inbox (id, body, received_at) VALUES ($1, $2, $3)
ON CONFLICT (id) DO NOTHING;

-- name: load
SELECT body, done_at IS NOT NULL FROM inbox WHERE id = $1;

-- name: finish
UPDATE inbox SET done_at = $2 WHERE id = $1 AND done_at IS NULL;

-- name: remove
DELETE FROM inbox WHERE id = $1;
