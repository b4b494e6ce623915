package catalog

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"bellhop/nearest"
)

// nameList is all names, aliases and titles, for typing errors. It is loaded when first needed and again when the catalog has
// changed: 10,000 names are some 300 KB.
type nameList struct {
	mu         sync.Mutex
	generation int64
	names      []string
}

// get is the list of the present generation.
func (l *nameList) get(ctx context.Context, store Store) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	generation, err := store.Generation(ctx)
	if err != nil {
		return nil, err
	}
	if l.names != nil && l.generation == generation {
		return l.names, nil
	}
	names := make([]string, 0, len(l.names))
	for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
		err := store.Keys(ctx, keyType, func(key string) bool {
			names = append(names, strings.Clone(key))
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	l.names, l.generation = slices.Compact(names), generation
	return l.names, nil
}

// near finds the nearest entities for a text that names none.
func (c *Catalog) near(ctx context.Context, text string, mine ownTeams) ([]Entity, error) {
	asked := fold(text)
	if ref, err := ParseRef(text, "", ""); err == nil && ref.Name != "" {
		asked = fold(ref.Name) // component:paymnts
	} else if slug := SlugOf(text); slug != "" {
		asked = fold(slug[strings.IndexByte(slug, '/')+1:])
	}
	names, err := c.names.get(ctx, c.store)
	if err != nil {
		return nil, err
	}
	var near []Entity
	for _, name := range nearNames(names, asked, 2*nearestShown) {
		for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
			found, err := c.byKey(ctx, keyType, name)
			if err != nil {
				return nil, err
			}
			mine.first(found)
			near = append(near, slices.DeleteFunc(found, func(e Entity) bool { return e.Is(KindLocation) })...)
		}
		near = firstOfEach(near)
		if len(near) >= nearestShown {
			return near[:nearestShown], nil
		}
	}
	return near, nil
}

// firstOfEach keeps the order.
func firstOfEach(entities []Entity) []Entity {
	seen := map[string]bool{}
	return slices.DeleteFunc(entities, func(e Entity) bool {
		twice := seen[e.Ref.String()]
		seen[e.Ref.String()] = true
		return twice
	})
}

// closeness is how near a name is: first by tier, then by edits, then by the difference in length.
type closeness struct{ tier, edits, length int }

// The tiers of closeness.
const (
	beginsSo       = iota // the name begins with what was asked
	mistyped              // within the allowed typing errors
	holdsIt               // a later word of the name begins so, or what was asked begins with the name
	beginsMistyped        // the name's beginning is within the allowed typing errors
	resembles             // at least half of it is the same
	nothingLike           // it has some letters in common, at best
)

// nearNames are at most limit names, the nearest first.
func nearNames(names []string, asked string, limit int) []string {
	type candidate struct {
		name string
		closeness
	}
	var best []candidate
	m := newMeasure(asked)
	for _, name := range names {
		near := m.of(name)
		at, _ := slices.BinarySearchFunc(best, candidate{name, near}, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(a.edits, b.edits), cmp.Compare(a.length, b.length), cmp.Compare(a.name, b.name))
		})
		if at < limit {
			best = slices.Insert(best, at, candidate{name, near})
			best = best[:min(len(best), limit)]
		}
	}
	sorted := make([]string, len(best))
	for i, b := range best {
		sorted[i] = b.name
	}
	return sorted
}

// measure compares names with one text.
type measure struct {
	asked   string
	plain   string // asked without separators
	length  int    // of plain, in letters
	letters uint32 // of plain
	allowed int    // typing errors
}

func newMeasure(asked string) measure {
	plain := withoutSeparators(asked)
	return measure{asked, plain, utf8.RuneCountInString(plain), letters(plain), nearest.Allowed(asked)}
}

// withoutSeparators makes `feature flags`, `feature-flags` and `featureflags` one.
func withoutSeparators(text string) string { return separators.Replace(text) }

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

// letters is which of 32 classes of letters occur: a letter that one word has and the other lacks is at least one edit,
// which spares most words the measuring.
func letters(text string) uint32 {
	var set uint32
	for _, r := range text {
		set |= 1 << (uint32(r) % 32)
	}
	return set
}

func (m measure) of(name string) closeness {
	plain := withoutSeparators(name)
	length := utf8.RuneCountInString(plain) - m.length
	longer := length > 0
	if length < 0 {
		length = -length
	}
	if strings.HasPrefix(name, m.asked) {
		return closeness{beginsSo, 0, length}
	}
	set := letters(plain)
	missing, foreign := bits.OnesCount32(m.letters&^set), bits.OnesCount32(set&^m.letters)
	near := closeness{nothingLike, missing + foreign, length}
	if limit := max(m.allowed, m.length/2); length <= limit && max(missing, foreign) <= limit {
		switch edits := nearest.Distance(m.plain, plain, limit); {
		case edits <= m.allowed:
			return closeness{mistyped, edits, length}
		case edits <= limit:
			near = closeness{resembles, edits, length}
		}
	}
	if m.holds(name) {
		return closeness{holdsIt, 0, length}
	}
	if longer && m.length >= 4 && missing <= m.allowed {
		beginning := string([]rune(plain)[:m.length])
		if edits := nearest.Distance(m.plain, beginning, m.allowed); edits <= m.allowed {
			return closeness{beginsMistyped, edits, length}
		}
	}
	return near
}

// holds tells that a later word of the name begins so, or that what was asked begins with the name and more words.
func (m measure) holds(name string) bool {
	if len(m.asked) >= 3 {
		for _, separator := range []string{"-", " ", "_", "."} {
			if strings.Contains(name, separator+m.asked) {
				return true
			}
		}
	}
	rest, ok := strings.CutPrefix(m.asked, name)
	return ok && len(name) >= 3 && rest != "" && strings.ContainsAny(rest[:1], "- _./")
}
