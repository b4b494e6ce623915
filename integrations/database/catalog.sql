-- name: entity
SELECT e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_entities e
WHERE e.ref = $1 AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);

-- name: by_key
SELECT e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
WHERE k.type = $1 AND k.key = $2 AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY e.ref LIMIT $3;

-- name: by_prefix
SELECT k.key, e.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
WHERE k.type = $1 AND k.key >= $2 AND k.key < $3
  AND ($4 = '' OR $4 LIKE '%,' || e.kind || ',%')
  AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY k.key, e.ref LIMIT $5;

-- name: related
SELECT r.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM (
    SELECT DISTINCT r.target AS ref
    FROM catalog_relations r
    JOIN catalog_entities d ON d.id = r.entity_id
    WHERE r.source = $1 AND r.type = $2 AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
) r
LEFT JOIN catalog_entities e ON e.ref = r.ref AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY r.ref;

-- name: related_inverse
SELECT r.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM (
    SELECT DISTINCT r.source AS ref
    FROM catalog_relations r
    JOIN catalog_entities d ON d.id = r.entity_id
    WHERE r.target = $1 AND r.type = $2 AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
) r
LEFT JOIN catalog_entities e ON e.ref = r.ref AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY r.ref;

-- name: keys
SELECT DISTINCT k.key
FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
WHERE k.type = $1 AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY k.key;

-- name: generation
SELECT generation FROM catalog_state WHERE id = 1;

-- name: status
SELECT s.generation, s.refreshed_at,
    (SELECT COUNT(*) FROM catalog_entities e WHERE e.until_generation > s.generation AND e.from_generation <= s.generation),
    (SELECT COUNT(*) FROM catalog_problems p WHERE p.generation = s.problems_generation) + s.dangling
FROM catalog_state s WHERE s.id = 1;

-- name: problems
SELECT p.problem FROM catalog_problems p
JOIN catalog_state s ON p.generation = s.problems_generation
ORDER BY p.number;

-- name: dangling
-- One end is the entity that declares the relation, so it exists.
SELECT r.source, r.type, r.target, r.field, r.line, d.ref, d.location, d.file, d.document_number, d.line
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
LEFT JOIN catalog_entities o ON o.ref = CASE WHEN r.target = d.ref THEN r.source ELSE r.target END
  AND o.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND o.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
WHERE d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
  AND o.id IS NULL
ORDER BY d.ref, r.field LIMIT $1;

-- name: count_targets
SELECT r.target, COUNT(*)
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.type = $1 AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
GROUP BY r.target;

-- name: upward
SELECT r.source, r.type, r.target, r.field, r.line, d.ref, d.location, d.file, d.document_number, d.line
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.type IN ('childOf', 'partOf') AND r.source LIKE d.kind || ':%' AND r.target LIKE d.kind || ':%'
  AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);

-- name: miswritten
-- What is written so and what is called so are looked up apart, each by its own small index.
SELECT m.source, m.type, m.target, m.field, m.line, m.ref, m.location, m.file, m.document_number, m.doc_line, m.other, m.written, m.named
FROM (
    SELECT r.source, r.type, r.target, r.field, r.line, d.ref, d.location, d.file, d.document_number, d.line AS doc_line, e.ref AS other, r.written, e.written AS named
    FROM catalog_relations r
    JOIN catalog_entities d ON d.id = r.entity_id
    JOIN catalog_entities e ON e.ref = CASE WHEN r.target = d.ref THEN r.source ELSE r.target END
    WHERE r.written <> ''
      AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
      AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
    UNION ALL
    SELECT r.source, r.type, r.target, r.field, r.line, d.ref, d.location, d.file, d.document_number, d.line, e.ref, r.written, e.written
    FROM catalog_entities e
    JOIN catalog_relations r ON r.target = e.ref OR r.source = e.ref
    JOIN catalog_entities d ON d.id = r.entity_id
    WHERE e.written <> '' AND r.written = '' AND d.ref <> e.ref
      AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
      AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
) m
WHERE m.written <> m.named
ORDER BY m.ref, m.field LIMIT $1;
