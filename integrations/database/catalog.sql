-- name: entity
SELECT e.document, e.location, e.file, e.document_number, e.line
FROM catalog_entities e, catalog_state s
WHERE e.ref = $1 AND e.from_generation <= s.generation AND e.until_generation > s.generation;

-- name: by_key
SELECT e.document, e.location, e.file, e.document_number, e.line
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
CROSS JOIN catalog_state s
WHERE k.type = $1 AND k.key = $2 AND e.from_generation <= s.generation AND e.until_generation > s.generation
ORDER BY e.ref LIMIT $3;

-- name: by_prefix
SELECT k.key, e.ref, e.document, e.location, e.file, e.document_number, e.line
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
CROSS JOIN catalog_state s
WHERE k.type = $1 AND k.key >= $2 AND k.key < $3
  AND ($4 = '' OR $4 LIKE '%,' || e.kind || ',%')
  AND e.from_generation <= s.generation AND e.until_generation > s.generation
ORDER BY k.key, e.ref LIMIT $5;

-- name: related
SELECT r.ref, e.document, e.location, e.file, e.document_number, e.line
FROM (
    SELECT DISTINCT r.target AS ref
    FROM catalog_relations r
    JOIN catalog_entities d ON d.id = r.entity_id
    CROSS JOIN catalog_state s
    WHERE r.source = $1 AND r.type = $2 AND d.from_generation <= s.generation AND d.until_generation > s.generation
) r
CROSS JOIN catalog_state s
LEFT JOIN catalog_entities e ON e.ref = r.ref AND e.from_generation <= s.generation AND e.until_generation > s.generation
ORDER BY r.ref;

-- name: related_inverse
SELECT r.ref, e.document, e.location, e.file, e.document_number, e.line
FROM (
    SELECT DISTINCT r.source AS ref
    FROM catalog_relations r
    JOIN catalog_entities d ON d.id = r.entity_id
    CROSS JOIN catalog_state s
    WHERE r.target = $1 AND r.type = $2 AND d.from_generation <= s.generation AND d.until_generation > s.generation
) r
CROSS JOIN catalog_state s
LEFT JOIN catalog_entities e ON e.ref = r.ref AND e.from_generation <= s.generation AND e.until_generation > s.generation
ORDER BY r.ref;

-- name: keys
SELECT DISTINCT k.key
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
CROSS JOIN catalog_state s
WHERE k.type = $1 AND e.from_generation <= s.generation AND e.until_generation > s.generation
ORDER BY k.key;

-- name: generation
SELECT generation FROM catalog_state;

-- name: status
SELECT s.generation, s.refreshed_at,
    (SELECT COUNT(*) FROM catalog_entities e WHERE e.until_generation > s.generation AND e.from_generation <= s.generation),
    (SELECT COUNT(*) FROM catalog_problems p WHERE p.generation = s.problems_generation) + s.dangling
FROM catalog_state s;

-- name: problems
SELECT p.problem FROM catalog_problems p
JOIN catalog_state s ON p.generation = s.problems_generation
ORDER BY p.number;

-- name: dangling
SELECT r.source, r.type, r.target, r.field, r.line, d.ref, d.location, d.file, d.document_number, d.line
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
CROSS JOIN catalog_state s
WHERE d.from_generation <= s.generation AND d.until_generation > s.generation
  AND (NOT EXISTS (SELECT 1 FROM catalog_entities e WHERE e.ref = r.source AND e.from_generation <= s.generation AND e.until_generation > s.generation)
    OR NOT EXISTS (SELECT 1 FROM catalog_entities e WHERE e.ref = r.target AND e.from_generation <= s.generation AND e.until_generation > s.generation))
ORDER BY d.ref, r.field LIMIT $1;
