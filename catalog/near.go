package catalog

import (
	"context"
	"slices"
	"strings"

	"bellhop/nearest"
)

// near finds the nearest entities for a text that names none: those that have its words, then those whose names are near. Where
// any are, they are filled up with what comes next, unless among, if there is one, tells which may be meant.
func (c *Catalog) near(ctx context.Context, text string, among func(Entity) bool, mine []Ref) ([]Entity, error) {
	asked := fold(text)
	if ref, err := ParseRef(text, "", ""); err == nil && ref.Name != "" {
		asked = fold(ref.Name) // component:paymnts
	} else if slug := SlugOf(text); slug != "" {
		asked = fold(slug[strings.IndexByte(slug, '/')+1:])
	}
	hits, err := c.hits(ctx, Query{Words: strings.Fields(asked), Mine: mine})
	if err != nil {
		return nil, err
	}
	n := nearing{c: c, among: among, mine: newOwnTeams(mine)}
	n.add(entitiesOf(hits))
	if n.enough() {
		return n.found, nil
	}
	likely, alike, rest, err := c.likeNames(ctx, asked, among != nil)
	if err != nil {
		return nil, err
	}
	err = n.named(ctx, slices.Concat(likely, beginnings(asked), alike))
	if err == nil && len(n.found) == 0 {
		err = n.byOneWord(ctx, strings.Fields(asked))
	}
	switch {
	case err != nil:
		return nil, err
	case len(n.found) == 0 && !strings.HasPrefix(asked, teamWord) && len(splitWords(asked)) > 0:
		return c.near(ctx, teamWord+asked, among, mine) // "legder": team-ledger
	case len(n.found) > 0 && among == nil:
		err = n.named(ctx, rest)
	}
	return n.found, err
}

// teamWord begins the names of many teams, and people leave it out.
const teamWord = "team "

// likeNames are the names, aliases and titles that are nearest to a text: those which it may be a mistyped form of, those
// that are like it, and what comes next. Of some entities alone more must be looked at.
func (c *Catalog) likeNames(ctx context.Context, asked string, some bool) (likely, alike, rest []string, err error) {
	names, err := c.names.get(ctx, c.store)
	if err != nil {
		return nil, nil, nil, err
	}
	limit := 2 * nearestShown
	if some {
		limit = 5 * maxMistyped
	}
	for _, near := range names.Near(asked, limit) {
		switch near.Tier() {
		case nearest.Mistyped:
			likely = append(likely, near.Name)
		case nearest.NothingLike:
			rest = append(rest, near.Name)
		default:
			alike = append(alike, near.Name)
		}
	}
	return likely, alike, rest, nil
}

// beginnings are what a text begins with, without its last word, its last two and so on: a longer name than any may begin
// with one.
func beginnings(text string) []string {
	const least, most = 3, 4
	var shorter []string
	for len(shorter) < most {
		end := strings.LastIndexAny(text, " -_./")
		if end < least {
			break
		}
		text = text[:end]
		shorter = append(shorter, text)
	}
	return shorter
}

// nearing gathers what is near, each once, until there is enough to show.
type nearing struct {
	c     *Catalog
	among func(Entity) bool // nil: all
	mine  ownTeams
	found []Entity
}

func (n *nearing) enough() bool { return len(n.found) == nearestShown }

func (n *nearing) add(some []Entity) {
	n.found = firstOfEach(append(n.found, slices.DeleteFunc(some, func(e Entity) bool {
		return isLocation(e) || n.among != nil && !n.among(e)
	})...))
	n.found = n.found[:min(len(n.found), nearestShown)]
}

// byOneWord adds what is called by one of several words: "payment thing".
func (n *nearing) byOneWord(ctx context.Context, words []string) error {
	const least = 3 // letters; fewer begin too much
	for _, word := range words {
		if len(words) == 1 || n.enough() {
			return nil
		}
		if len(word) < least || isCommon(word) || isKindWord(word) {
			continue
		}
		hits, err := n.c.hits(ctx, Query{Words: []string{word}})
		if err != nil {
			return err
		}
		n.add(entitiesOf(slices.DeleteFunc(hits, func(h hit) bool { return h.fit >= fitsWords }))) // those only speak of it
	}
	return nil
}

// named adds what has some names.
func (n *nearing) named(ctx context.Context, names []string) error {
	for _, name := range names {
		for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
			if n.enough() {
				return nil
			}
			of, err := n.c.byKey(ctx, keyType, name)
			if err != nil {
				return err
			}
			n.mine.first(of)
			n.add(of)
		}
	}
	return nil
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
