package catalog

import (
	"context"
	"slices"
	"strings"
)

// near finds the nearest entities for a text that names none: those that have its words, then those whose names are near.
func (c *Catalog) near(ctx context.Context, text string, mine []Ref) ([]Entity, error) {
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
	near := entitiesOf(hits)
	if len(near) >= nearestShown {
		return near[:nearestShown], nil
	}
	likely, rest, err := c.likeNames(ctx, asked)
	if err != nil {
		return nil, err
	}
	return c.named(ctx, near, slices.Concat(likely, beginnings(asked), rest), newOwnTeams(mine))
}

// likeNames are the names, aliases and titles that are nearest to a text; likely are those which it may be a mistyped form of.
func (c *Catalog) likeNames(ctx context.Context, asked string) (likely, rest []string, err error) {
	names, err := c.names.get(ctx, c.store)
	if err != nil {
		return nil, nil, err
	}
	for _, near := range names.near(asked, 2*nearestShown) {
		if near.tier == mistyped {
			likely = append(likely, near.name)
		} else {
			rest = append(rest, near.name)
		}
	}
	return likely, rest, nil
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

// named adds what has the names to what was found, until there is enough to show.
func (c *Catalog) named(ctx context.Context, found []Entity, names []string, mine ownTeams) ([]Entity, error) {
	for _, name := range names {
		for _, keyType := range []KeyType{KeyName, KeyAlias, KeyTitle} {
			of, err := c.byKey(ctx, keyType, name)
			if err != nil {
				return nil, err
			}
			mine.first(of)
			found = append(found, slices.DeleteFunc(of, func(e Entity) bool { return e.Is(KindLocation) })...)
		}
		if found = firstOfEach(found); len(found) >= nearestShown {
			return found[:nearestShown], nil
		}
	}
	return found, nil
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
