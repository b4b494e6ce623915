package catalog

import (
	"cmp"
	"slices"
)

// ownTeams are the groups that somebody is a member of, and the person, by reference.
type ownTeams map[string]bool

func newOwnTeams(refs []Ref) ownTeams {
	t := make(ownTeams, len(refs))
	for _, ref := range refs {
		t[ref.String()] = true
	}
	return t
}

// own tells whether an entity belongs to one of the teams by its descriptor, or is one.
func (t ownTeams) own(e Entity) bool {
	if len(t) == 0 {
		return false
	}
	owner, ok := ownerOf(e)
	return ok && t[owner.String()] || t[e.Ref.String()]
}

// first puts what belongs to the teams before the rest, and leaves the order as it is besides.
func (t ownTeams) first(entities []Entity) {
	if len(t) > 0 {
		slices.SortStableFunc(entities, func(a, b Entity) int { return cmp.Compare(t.place(a), t.place(b)) })
	}
}

// place is 0 for what belongs to the teams, 1 for the rest.
func (t ownTeams) place(e Entity) int {
	if t.own(e) {
		return 0
	}
	return 1
}
