package catalog

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Query is what somebody looks for: words that all occur, in any order, and what must be so besides.
type Query struct {
	Words                       []string
	Kind, Owner, Tag, Lifecycle string
	// Mine are the asker's own teams, whose entities come first among equals.
	Mine []Ref
}

// ParseQuery reads words; `kind=`, `owner=`, `tag=` and `lifecycle=` among them say what must be so.
func ParseQuery(words []string) (Query, error) {
	var q Query
	for _, word := range strings.Fields(strings.Join(words, " ")) {
		key, value, isFilter := strings.Cut(word, "=")
		if !isFilter {
			q.Words = append(q.Words, fold(word))
			continue
		}
		filter, known := map[string]*string{"kind": &q.Kind, "owner": &q.Owner, "tag": &q.Tag, "lifecycle": &q.Lifecycle}[strings.ToLower(key)]
		switch {
		case !known:
			return Query{}, fmt.Errorf("%s: there are kind=, owner=, tag= and lifecycle=", word)
		case value == "":
			return Query{}, fmt.Errorf("%s what? Write %s=NAME", word, key)
		case *filter != "":
			return Query{}, fmt.Errorf("%s= stands twice", key)
		}
		*filter = value
	}
	return q, nil
}

// All gives at most limit entities that fit, the best first: those with that name, alias or title, those that begin so, those whose
// name, alias or title holds the words, then those with them in description, tags, repository or owner.
func (c *Catalog) All(ctx context.Context, q Query, limit int) ([]Entity, error) {
	entities, err := c.Search(ctx, "", nil, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	type hit struct {
		Entity
		fit int
	}
	var hits []hit
	for _, e := range entities {
		if fit := q.fit(e); fit >= 0 && q.allows(e) {
			hits = append(hits, hit{e, fit})
		}
	}
	mine := newOwnTeams(q.Mine)
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(mine.place(a.Entity), mine.place(b.Entity)))
	})
	found := make([]Entity, min(limit, len(hits)))
	for i := range found {
		found[i] = hits[i].Entity
	}
	return found, nil
}

// allows tells whether what must be so is.
func (q Query) allows(e Entity) bool {
	if q.Kind != "" && !e.Is(q.Kind) || q.Lifecycle != "" && !strings.EqualFold(e.Lifecycle(), q.Lifecycle) {
		return false
	}
	if q.Tag != "" && !slices.ContainsFunc(e.Tags, func(tag string) bool { return strings.EqualFold(tag, q.Tag) }) {
		return false
	}
	if q.Owner == "" {
		return true
	}
	owner, err := ParseRef(e.Spec.String("owner"), KindGroup, e.Namespace)
	if err != nil {
		return false
	}
	asked, err := ParseRef(q.Owner, KindGroup, DefaultNamespace)
	return strings.EqualFold(owner.Name, q.Owner) || err == nil && owner.String() == asked.String()
}

// fit is how well the words fit, 0 best; -1 where one of them does not occur.
func (q Query) fit(e Entity) int {
	if len(q.Words) == 0 {
		return 0
	}
	whole := strings.Join(q.Words, " ")
	name, title, aliases := fold(e.Name), fold(e.Display()), fold(strings.Join(e.Aliases(), " , "))
	isAlias := slices.ContainsFunc(e.Aliases(), func(alias string) bool { return fold(alias) == whole })
	spaced := strings.NewReplacer("-", " ", "_", " ", ".", " ").Replace(name)
	switch {
	case isAlias || name == whole || title == whole || spaced == whole || e.Ref.String() == whole || e.Ref.Short() == whole:
		return 0
	case strings.HasPrefix(name, whole) || strings.HasPrefix(title, whole) || strings.HasPrefix(spaced, whole):
		return 1
	case holdsAll(name+"\n"+title+"\n"+aliases, q.Words):
		return 2
	}
	slug, _ := e.Repository()
	more := []string{name, title, aliases, fold(e.Description), fold(strings.Join(e.Tags, " ")), fold(slug), fold(e.Spec.String("owner"))}
	if holdsAll(strings.Join(more, "\n"), q.Words) {
		return 3
	}
	return -1
}

func holdsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}
