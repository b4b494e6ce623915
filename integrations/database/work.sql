-- name: claim @sqlite
UPDATE work SET lease = $4, lease_until = $3, attempts = attempts + 1
WHERE kind = $1 AND id IN (
    SELECT id FROM work WHERE kind = $1 AND due_at <= $2 AND lease_until <= $2
    ORDER BY due_at, id LIMIT $5)
RETURNING id, due_at, attempts;

-- name: claim @postgres
WITH due AS MATERIALIZED (
    SELECT kind, id FROM work WHERE kind = $1 AND due_at <= $2 AND lease_until <= $2
    ORDER BY due_at, id LIMIT $5
    FOR UPDATE SKIP LOCKED)
UPDATE work SET lease = $4, lease_until = $3, attempts = work.attempts + 1
FROM due WHERE work.kind = due.kind AND work.id = due.id
RETURNING work.id, work.due_at, work.attempts;

-- name: extend
UPDATE work SET lease_until = $4 WHERE kind = $1 AND id = $2 AND lease = $3;

-- name: settle_again
UPDATE work SET
    due_at      = CASE WHEN again_at IS NOT NULL AND again_at < $4 THEN again_at ELSE $4 END,
    attempts    = CASE WHEN $5 = 1 THEN attempts ELSE 0 END,
    lease = '', lease_until = 0, again_at = NULL
WHERE kind = $1 AND id = $2 AND lease = $3;

-- name: settle_scheduled
UPDATE work SET due_at = again_at, attempts = 0, lease = '', lease_until = 0, again_at = NULL
WHERE kind = $1 AND id = $2 AND lease = $3 AND again_at IS NOT NULL;

-- name: settle_done
DELETE FROM work WHERE kind = $1 AND id = $2 AND lease = $3;

-- name: exists
SELECT COUNT(*) FROM work WHERE kind = $1 AND id = $2;

-- name: next_due
SELECT MIN(at) FROM (
    SELECT MIN(due_at) AS at FROM work WHERE kind = $1 AND lease = ''
    UNION ALL
    SELECT MIN(lease_until) FROM work WHERE kind = $1 AND lease <> '') AS soonest;

-- name: release
UPDATE work SET lease = '', lease_until = 0 WHERE lease <> '';

-- name: waiting
SELECT kind, COUNT(*) FROM work WHERE due_at <= $1 AND lease_until <= $1 GROUP BY kind;
