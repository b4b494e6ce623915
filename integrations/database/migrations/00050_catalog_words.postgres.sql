-- +goose Up
-- The words by which the version of an entity is found, with spaces between. They are split before they are stored, so no
-- text search configuration has a say.
CREATE TABLE catalog_words (
    entity_id BIGINT PRIMARY KEY,
    words     TEXT   NOT NULL
);
CREATE INDEX catalog_words_words ON catalog_words USING gin (array_to_tsvector(string_to_array(words, ' ')));
-- All files are read again, to find the words of what is in them.
DELETE FROM catalog_files;

-- +goose Down
DROP TABLE catalog_words;
