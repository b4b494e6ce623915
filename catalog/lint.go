package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/nearest"
)

// Lint reads descriptors and tells all that is wrong with them, each by itself and all together: names claimed twice,
// references to nothing or in another case, owners without people, and circles. Location entities are followed. Its errors are what Backstage would
// refuse; all else is a warning.
func Lint(ctx context.Context, files []Descriptor) (Gathered, error) {
	g, err := gatherFollowing(ctx, files)
	if err != nil {
		return Gathered{}, err
	}
	l := newLinter(g)
	l.references(slices.Concat(g.Records, g.Duplicates))
	l.together()
	g.Problems = append(g.Problems, l.problems...)
	sortProblems(g.Problems)
	return g, nil
}

// linter looks at entities together.
type linter struct {
	records  []Record
	known    map[string]Record   // by reference
	refused  map[string]bool     // references of what is told to be wrong already
	names    map[string][]string // by kind, in lower case
	problems []Problem
	guesses  int // references to nothing for which a near name was looked for
}

func newLinter(g Gathered) *linter {
	l := &linter{records: g.Records, known: make(map[string]Record, len(g.Records)), refused: map[string]bool{}, names: map[string][]string{}}
	for _, ref := range g.Refused {
		l.refused[ref] = true
	}
	for _, r := range g.Records {
		l.known[r.Ref.String()] = r
		kind := strings.ToLower(r.Ref.Kind)
		l.names[kind] = append(l.names[kind], r.Ref.Name)
	}
	return l
}

// references looks at the other end of each relation: is there such an entity, and is it written so?
func (l *linter) references(records []Record) {
	for _, record := range records {
		for _, r := range record.Relations {
			d := Declared{r, record.Ref, record.Source}
			other := d.other()
			named, there := l.known[other.String()]
			switch {
			case !there && l.refused[other.String()]:
			case !there:
				l.problems = append(l.problems, d.warn(l.guess(r.Type, other), "there is no %s among these files", other.Short()))
			case named.Ref.Name != other.Name || named.Ref.Namespace != other.Namespace:
				l.problems = append(l.problems, Miswritten{d, other, named.Ref}.problem())
			}
		}
	}
}

// maxGuesses bounds how often all names are gone through.
const maxGuesses = 500

// guess says what a reference to nothing was probably meant to be: something that can be at that end of the relation.
func (l *linter) guess(relation RelationType, missing Ref) string {
	const add = "add it, or correct the name"
	if l.guesses++; l.guesses > maxGuesses {
		return add
	}
	kinds := []string{missing.Kind}
	switch relation {
	case OwnedBy:
		kinds = []string{KindGroup, KindUser}
	case DependsOn:
		kinds = allKinds()
	}
	for _, kind := range kinds {
		if named, there := l.known[Ref{kind, missing.Namespace, missing.Name}.String()]; there {
			return fmt.Sprintf("did you mean %q?", named.Ref.Short())
		}
	}
	best, name, limit := 0, "", nearest.Allowed(missing.Name)
	for _, candidate := range l.names[strings.ToLower(missing.Kind)] {
		edits := nearest.Distance(strings.ToLower(missing.Name), strings.ToLower(candidate), limit)
		if edits <= limit && (name == "" || cmp.Or(cmp.Compare(edits, best), cmp.Compare(candidate, name)) < 0) {
			best, name = edits, candidate
		}
	}
	if name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return add
}

// together tells what only shows when the entities are seen together.
func (l *linter) together() {
	t := newTogether()
	for _, record := range l.records {
		for _, r := range record.Relations {
			t.add(Declared{r, record.Ref, record.Source})
		}
	}
	for _, group := range t.deserted() {
		if record, there := l.known[group]; there {
			l.problems = append(l.problems, t.desertion(record.Ref, record.Source))
		}
	}
	l.problems = append(l.problems, t.circles()...)
}
