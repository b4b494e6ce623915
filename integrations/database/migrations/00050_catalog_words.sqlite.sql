-- +goose Up
-- The words by which the version of an entity is found; rowid is its id. They are split before they are stored, so the
-- tokenizer parts them at spaces alone. Nothing is kept but which word, and which beginning of one, stands in which version.
CREATE VIRTUAL TABLE catalog_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '2 3 4',
    tokenize = "ascii tokenchars '-_.:/+#='"
);
-- What is deleted goes when it is merged anyway: merging for its own sake held up the writer for hundreds of milliseconds.
INSERT INTO catalog_words (catalog_words, rank) VALUES ('deletemerge', 0);
-- All files are read again, to find the words of what is in them.
DELETE FROM catalog_files;

-- +goose Down
DROP TABLE catalog_words;
