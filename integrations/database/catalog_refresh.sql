-- name: begin
UPDATE catalog_state SET holder = $1, held_until = $3 WHERE holder = '' OR held_until <= $2;

-- name: hold
UPDATE catalog_state SET held_until = $2 WHERE holder = $1;

-- name: end
UPDATE catalog_state SET holder = '', held_until = 0 WHERE holder = $1;

-- name: generation
SELECT generation FROM catalog_state WHERE id = 1;

-- name: unfinished
SELECT id, ref FROM catalog_entities WHERE from_generation > $1 ORDER BY id LIMIT $2;

-- name: outdated
SELECT id, ref FROM catalog_entities WHERE until_generation <= $1 ORDER BY id LIMIT $2;

-- name: delete_relations_of
DELETE FROM catalog_relations WHERE entity_id = $1 AND source = $2;

-- name: delete_relations_to
DELETE FROM catalog_relations WHERE entity_id = $1 AND target = $2;

-- name: delete_keys
DELETE FROM catalog_keys WHERE entity_id = $1;

-- name: delete_entity
DELETE FROM catalog_entities WHERE id = $1;

-- name: reopen
UPDATE catalog_entities SET until_generation = $3
WHERE id IN (SELECT id FROM catalog_entities WHERE until_generation > $1 AND until_generation < $3 ORDER BY id LIMIT $2);

-- name: delete_problems
DELETE FROM catalog_problems
WHERE number >= $1 AND number < $2
  AND EXISTS (SELECT 1 FROM catalog_state s WHERE s.problems_generation <> catalog_problems.generation);

-- name: last_old_problem
SELECT COALESCE(MAX(p.number), -1) FROM catalog_problems p
WHERE EXISTS (SELECT 1 FROM catalog_state s WHERE s.problems_generation <> p.generation);

-- name: places
SELECT ref, hash, location, file, document_number, line, orphaned_at FROM catalog_entities
WHERE from_generation <= $1 AND until_generation > $1
ORDER BY ref;

-- name: count_by_location
SELECT location, COUNT(*) FROM catalog_entities
WHERE from_generation <= (SELECT generation FROM catalog_state WHERE id = 1) AND until_generation > (SELECT generation FROM catalog_state WHERE id = 1)
GROUP BY location;

-- name: keys_of
SELECT k.key, e.ref FROM catalog_keys k
JOIN catalog_entities e ON e.id = k.entity_id
WHERE k.type = $1 AND e.from_generation <= $2 AND e.until_generation > $2;

-- name: files
SELECT file, hash FROM catalog_files ORDER BY file;

-- name: put_entities
INSERT INTO catalog_entities (id, ref, kind, hash, location, file, document_number, line, from_generation, until_generation, document, written) VALUES

-- name: put_relations
INSERT INTO catalog_relations (entity_id, source, type, target, field, line, written) VALUES

-- name: put_keys
INSERT INTO catalog_keys (type, key, entity_id) VALUES

-- name: put_problems
INSERT INTO catalog_problems (generation, number, problem) VALUES

-- name: put_files
INSERT INTO catalog_files (file, hash) VALUES

-- name: supersede
-- The plus signs keep SQLite from walking over all that is seen, by the index on generations, for each slice.
UPDATE catalog_entities SET until_generation = $1
WHERE +until_generation = $4 AND +from_generation < $1
  AND ref IN (SELECT n.ref FROM catalog_entities n WHERE n.id >= $2 AND n.id <= $3);

-- name: remove
UPDATE catalog_entities SET until_generation = $1 WHERE ref = $2 AND until_generation = $3;

-- name: move
UPDATE catalog_entities SET location = $1, file = $2, document_number = $3, line = $4, orphaned_at = $7
WHERE ref = $5 AND until_generation = $6;

-- name: forget
DELETE FROM catalog_files WHERE file = $1;

-- name: commit
UPDATE catalog_state SET generation = $2, problems_generation = $3, refreshed_at = $4 WHERE holder = $1;

-- name: count_together
UPDATE catalog_state SET dangling = $2 WHERE holder = $1;

-- name: problems_generation
SELECT problems_generation FROM catalog_state WHERE id = 1;

-- name: replace_file
ON CONFLICT (file) DO UPDATE SET hash = excluded.hash;

-- name: analyze @postgres
ANALYZE catalog_state, catalog_entities, catalog_relations, catalog_keys, catalog_words;
