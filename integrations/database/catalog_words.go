package database

import (
	"cmp"
	"context"
	_ "embed" // the .sql file
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
)

//go:embed catalog_words.sql
var catalogWordsSQL string

// wordQueries are the statements about the words of entities.
type wordQueries struct{ byWords, put, remove string }

func newWordQueries(dialect Dialect) wordQueries {
	q := parseQueries(dialect, catalogWordsSQL)
	return wordQueries{byWords: q.get("by_words"), put: q.get("put_words"), remove: q.get("delete_words")}
}

// ByWords implements catalog.Store. What the full-text index gives first is taken, unranked: that is what makes broad
// questions cheap.
func (c *CatalogStore) ByWords(ctx context.Context, words, beginnings []string, limit int) ([]catalog.Entity, error) {
	if len(words)+len(beginnings) == 0 {
		return nil, nil
	}
	found, err := c.entities(ctx, c.words.byWords, c.matching(words, beginnings), limit)
	if err != nil {
		return nil, fmt.Errorf("read entities by words: %w", err)
	}
	slices.SortFunc(found, func(a, b catalog.Entity) int { return cmp.Compare(a.Ref.String(), b.Ref.String()) })
	return found, nil
}

// matching is a question in the database's own full-text language. Each word is quoted, whatever is in it.
func (c *CatalogStore) matching(words, beginnings []string) string {
	quote, and, begins := `"`, " AND ", " *"
	if c.db.dialect == Postgres {
		quote, and, begins = `'`, " & ", ":*"
	}
	var all []string
	for i, word := range slices.Concat(words, beginnings) {
		text := quote + strings.ReplaceAll(strings.ReplaceAll(word, quote, quote+quote), `\`, "") + quote
		if i >= len(words) {
			text += begins
		}
		all = append(all, text)
	}
	return strings.Join(all, and)
}
