-- name: get
SELECT version, document FROM environments WHERE name = $1;

-- name: get_to_change @sqlite
SELECT version, document FROM environments WHERE name = $1;

-- name: get_to_change @postgres
SELECT version, document FROM environments WHERE name = $1 FOR UPDATE;

-- name: insert
INSERT INTO environments (name, component, kind, person, state, present, updated_at, document, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
ON CONFLICT (name) DO NOTHING;

-- name: update
UPDATE environments SET component = $2, kind = $3, person = $4, state = $5, present = $6, updated_at = $7, document = $8, version = version + 1
WHERE name = $1 AND version = $9;

-- name: list
SELECT version, document FROM environments
WHERE present = 1 AND ($1 = '' OR component = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR person = $3);

-- name: person_key
SELECT key FROM audit_people WHERE person = $1;

-- name: add_person
INSERT INTO audit_people (key, person, name) VALUES ($1, $2, $3)
ON CONFLICT (person) DO NOTHING;

-- name: rename_person
UPDATE audit_people SET name = $2 WHERE person = $1 AND name <> $2;

-- name: record
INSERT INTO audit (id, at, event, environment, deployment, component, kind, person, channel, outcome, code, sha, run_url, request, world, decision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: history
SELECT audit.id, audit.at, audit.event, audit.environment, audit.deployment, audit.component, audit.kind,
       COALESCE(audit_people.person, ''), COALESCE(audit_people.name, ''),
       audit.channel, audit.outcome, audit.code, audit.sha, audit.run_url, audit.request, audit.world, audit.decision
FROM audit LEFT JOIN audit_people ON audit_people.key = audit.person
WHERE ($1 = '' OR audit.environment = $1) AND ($2 = '' OR audit.component = $2) AND ($3 = '' OR audit.kind = $3)
  AND ($4 = '' OR $4 LIKE '%,' || audit.event || ',%')
  AND audit.at >= $5 AND audit.at < $6
ORDER BY audit.at DESC, audit.seq DESC
LIMIT $7;
