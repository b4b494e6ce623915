-- name: by_words @sqlite
SELECT e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_words w
CROSS JOIN catalog_entities e ON e.id = w.rowid
WHERE w.catalog_words MATCH $1 AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
LIMIT $2;

-- name: by_words @postgres
SELECT e.document, e.location, e.file, e.document_number, e.line, e.orphaned_at
FROM catalog_words w
JOIN catalog_entities e ON e.id = w.entity_id
WHERE array_to_tsvector(string_to_array(w.words, ' ')) @@ CAST(CAST($1 AS text) AS tsquery)
  AND e.from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND e.until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
LIMIT $2;

-- name: put_words @sqlite
INSERT INTO catalog_words (rowid, words) VALUES

-- name: put_words @postgres
INSERT INTO catalog_words (entity_id, words) VALUES

-- name: delete_words @sqlite
DELETE FROM catalog_words WHERE rowid = $1;

-- name: delete_words @postgres
DELETE FROM catalog_words WHERE entity_id = $1;
