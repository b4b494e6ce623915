-- +goose Up
-- The words by which the version of an entity is found; rowid is its id. They are split before they are stored, so the
-- tokenizer parts them at spaces alone. Nothing is kept but which word, and which beginning of one, stands in which version.
CREATE VIRTUAL TABLE catalog_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '2 3 4',
    tokenize = "ascii tokenchars '-_.:/+#='"
);
-- All files are read again, to find the words of what is in them.
DELETE FROM catalog_files;

-- +goose Down
DROP TABLE catalog_words;
