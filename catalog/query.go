package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/nearest"
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
	if q.Kind != "" && !slices.ContainsFunc(allKinds(), func(kind string) bool { return strings.EqualFold(kind, q.Kind) }) {
		return Query{}, fmt.Errorf("kind=%s: the kinds are %s", q.Kind, strings.Join(allKinds(), ", "))
	}
	return q, nil
}

// All gives at most limit entities that fit, the best first: those with that name, those with that alias, title or repository,
// those called something that begins so, those whose name, title or aliases have words that begin so, in any order, those
// with some of the words there and the others in description, tags, kind, type, owner or repository, those with all of them in
// the latter, and where there is none of these, those whose names are within the allowed typing errors. Of one sort the asker's
// teams' come first, then components. Of what more than 200 entities fit equally, any 200 are looked at. An owner may be named
// as people call it, `owner=ledger` for team-ledger, as long as that means one group.
func (c *Catalog) All(ctx context.Context, q Query, limit int) ([]Entity, error) {
	owner, err := c.ownerMeant(ctx, q.Owner)
	if err != nil {
		return nil, fmt.Errorf("find in the catalog: %w", err)
	}
	q.Owner = owner
	hits, err := c.hits(ctx, q)
	if err == nil && len(hits) == 0 && len(q.Words) > 0 {
		hits, err = c.mistyped(ctx, q)
	}
	if err != nil {
		return nil, fmt.Errorf("find in the catalog: %w", err)
	}
	found := entitiesOf(hits)
	return found[:min(max(limit, 0), len(found))], nil
}

// ownerMeant is the owner of that name, else the reference of the one group that best fits the word.
func (c *Catalog) ownerMeant(ctx context.Context, owner string) (string, error) {
	if owner == "" || strings.ContainsAny(owner, ":/") {
		return owner, nil
	}
	named, err := c.byKey(ctx, KeyName, owner)
	if err != nil || slices.ContainsFunc(named, func(e Entity) bool { return e.Is(KindGroup) || e.Is(KindUser) }) {
		return owner, err
	}
	groups, err := c.hits(ctx, Query{Words: []string{owner}, Kind: KindGroup})
	if err != nil || len(groups) == 0 || len(groups) > 1 && groups[1].fit == groups[0].fit {
		return owner, err
	}
	return groups[0].Ref.String(), nil
}

// maxCandidates is how many entities a store is asked for at a time.
const maxCandidates = 200

// hit is an entity and how well it fits, 0 best.
type hit struct {
	Entity
	fit int
}

func entitiesOf(hits []hit) []Entity {
	entities := make([]Entity, len(hits))
	for i, h := range hits {
		entities[i] = h.Entity
	}
	return entities
}

// hits gives what fits without typing errors, the best first. Stores give candidates; which fit, and in what order, is told
// here, so that all stores agree.
func (c *Catalog) hits(ctx context.Context, q Query) ([]hit, error) {
	s := search{c: c, asked: newAsked(q), seen: map[string]bool{}}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	return sortHits(s.hits, newOwnTeams(q.Mine)), nil
}

func sortHits(hits []hit, mine ownTeams) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(mine.place(a.Entity), mine.place(b.Entity)),
			cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)), cmp.Compare(a.Ref.String(), b.Ref.String()))
	})
	return hits
}

// maxMistyped is how many names what was typed may stand for.
const maxMistyped = 20

// mistyped gives those whose names are what was asked but for typing errors.
func (c *Catalog) mistyped(ctx context.Context, q Query) ([]hit, error) {
	names, err := c.names.get(ctx, c.store)
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, near := range names.Near(strings.Join(q.Words, " "), maxMistyped) {
		if near.Tier() > nearest.BeginsMistyped {
			break
		}
		for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
			found, err := c.byKey(ctx, keyType, near.Name)
			if err != nil {
				return nil, err
			}
			for _, e := range found {
				if q.allows(e) && !slices.ContainsFunc(hits, func(h hit) bool { return h.Ref.String() == e.Ref.String() }) {
					hits = append(hits, hit{e, near.Rank()})
				}
			}
		}
	}
	return sortHits(hits, newOwnTeams(q.Mine)), nil
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
	owner, ok := ownerOf(e)
	if !ok {
		return false
	}
	asked, err := ParseRef(q.Owner, KindGroup, DefaultNamespace)
	return strings.EqualFold(owner.Name, q.Owner) || err == nil && owner.String() == asked.String()
}

// facts are what a store is asked for besides words; allows looks at them once more.
func (q Query) facts() []string {
	var facts []string
	if q.Kind != "" {
		facts = append(facts, fact(factKind, q.Kind))
	}
	if q.Lifecycle != "" {
		facts = append(facts, fact(factLifecycle, q.Lifecycle))
	}
	if q.Tag != "" {
		facts = append(facts, fact(factTag, q.Tag))
	}
	if q.Owner != "" {
		owner := q.Owner
		if ref, err := ParseRef(owner, KindGroup, DefaultNamespace); err == nil && strings.ContainsAny(owner, ":/") {
			owner = ref.String()
		}
		facts = append(facts, fact(factOwner, owner))
	}
	return facts
}
