-- name: range
SELECT e.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_entities e
WHERE e.ref > $1 AND e.ref < $2 AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY e.ref LIMIT $3;

-- name: refs
SELECT e.ref FROM catalog_entities e
WHERE e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY e.ref;

-- name: describe @sqlite
SELECT e.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_entities e
WHERE e.ref IN (SELECT value FROM json_each($1)) AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY e.ref;

-- name: relations_from @sqlite
SELECT DISTINCT r.source, r.type, r.target
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.source IN (SELECT value FROM json_each($1)) AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);

-- name: relations_to @sqlite
SELECT DISTINCT r.source, r.type, r.target
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.target IN (SELECT value FROM json_each($1)) AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);

-- name: describe @postgres
SELECT e.ref, e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_entities e
WHERE e.ref IN (SELECT jsonb_array_elements_text($1::jsonb)) AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
ORDER BY e.ref;

-- name: relations_from @postgres
SELECT DISTINCT r.source, r.type, r.target
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.source IN (SELECT jsonb_array_elements_text($1::jsonb)) AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);

-- name: relations_to @postgres
SELECT DISTINCT r.source, r.type, r.target
FROM catalog_relations r
JOIN catalog_entities d ON d.id = r.entity_id
WHERE r.target IN (SELECT jsonb_array_elements_text($1::jsonb)) AND d.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND d.until_generation > (SELECT generation FROM catalog_state WHERE id = 1);
