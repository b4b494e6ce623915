package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Found is what a text may mean.
type Found struct {
	// Exact are the entities that the text names, components before others. More than one is a choice.
	Exact []Entity
	// Near are the three entities whose names are nearest, where nothing is named exactly; fewer where there are not
	// so many.
	Near []Entity
}

// nearestShown is how many Found.Near holds at most.
const nearestShown = 3

// Find looks for what a text names: an entity reference, else a name, else an alias, else a title, else a repository (`owner/repo`, its
// URL, or its name alone). The first of these that fits anything is the answer, and a word for the kind of thing may stand beside
// it ("payments service"). Case and spaces against hyphens do not matter. Where nothing fits, the nearest names are offered: those
// that begin so, then those within one typing error under six letters and two above, then those that have it further inside, then
// what resembles it most. Where not one of them is anything like it, none are. What belongs to mine, the asker's own teams, comes
// first among equals.
func (c *Catalog) Find(ctx context.Context, text string, mine ...Ref) (Found, error) {
	exact, err := c.meant(ctx, text)
	if err != nil || len(exact) > 0 {
		newOwnTeams(mine).first(exact)
		return Found{Exact: exact}, err
	}
	if text = strings.TrimSpace(storable(text)); text == "" {
		return Found{}, nil
	}
	near, err := c.near(ctx, text, nil, mine)
	return Found{Near: near}, wrapFind(text, err)
}

// Nearest is what Find calls Near, among some entities alone, and without any that is nothing like the text.
func (c *Catalog) Nearest(ctx context.Context, text string, among func(Entity) bool) ([]Entity, error) {
	if text = strings.TrimSpace(storable(text)); text == "" {
		return nil, nil
	}
	near, err := c.near(ctx, text, among, nil)
	return near, wrapFind(text, err)
}

// Named is Find for who needs no guesses, which cost most: it gives only what Find calls Exact.
func (c *Catalog) Named(ctx context.Context, text string) ([]Entity, error) {
	if text = strings.TrimSpace(storable(text)); text == "" {
		return nil, nil
	}
	exact, err := c.exactly(ctx, text)
	return exact, wrapFind(text, err)
}

// meant is what words name as they stand, or else without a word for the kind of thing: "payments service".
func (c *Catalog) meant(ctx context.Context, asked string) ([]Entity, error) {
	for _, name := range append([]string{asked}, withoutKind(asked)...) {
		if found, err := c.Named(ctx, name); err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// withoutKind gives the text without a first or last word that only says what sort of thing is meant.
func withoutKind(asked string) []string {
	words := strings.Fields(asked)
	if len(words) < 2 {
		return nil
	}
	var shorter []string
	if isKindWord(words[len(words)-1]) {
		shorter = append(shorter, strings.Join(words[:len(words)-1], " "))
	}
	if isKindWord(words[0]) {
		shorter = append(shorter, strings.Join(words[1:], " "))
	}
	return shorter
}

func isKindWord(word string) bool {
	switch strings.ToLower(word) {
	case "service", "component", "library", "website", "api", "resource", "database", "system", "domain", "team", "group", "repo", "repository":
		return true
	}
	return false
}

func wrapFind(text string, err error) error {
	if err != nil {
		return fmt.Errorf("find %q: %w", text, err)
	}
	return nil
}

// exactly gives Locations only where nothing else is called so in any way.
func (c *Catalog) exactly(ctx context.Context, text string) ([]Entity, error) {
	if strings.ContainsAny(text, ":/") {
		found, err := c.byRefOrRepository(ctx, text)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	var locations []Entity
	hyphened := strings.ReplaceAll(fold(text), " ", "-")
	for _, key := range []Key{{KeyName, fold(text)}, {KeyName, hyphened}, {KeyAlias, fold(text)}, {KeyTitle, fold(text)}, {KeyRepoName, hyphened}, {KeyEmail, fold(text)}} {
		if key.Type == KeyName && key.Key != fold(text) && hyphened == fold(text) {
			continue
		}
		found, err := c.byKey(ctx, key.Type, key.Key)
		if err != nil {
			return nil, err
		}
		others := slices.DeleteFunc(slices.Clone(found), isLocation)
		if len(others) > 0 {
			return others, nil
		}
		if len(locations) == 0 {
			locations = found
		}
	}
	return locations, nil
}

// isLocation tells what only says where to read, and often has the name of what stands there.
func isLocation(e Entity) bool { return e.Is(KindLocation) }

// byRefOrRepository takes `component:payments`, `default/payments`, `acme/payments` and a repository's URL.
func (c *Catalog) byRefOrRepository(ctx context.Context, text string) ([]Entity, error) {
	if ref, err := ParseRef(text, "", ""); err == nil {
		e, err := c.store.Entity(ctx, ref)
		if err == nil {
			return []Entity{e}, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	if slug := SlugOf(text); slug != "" {
		if found, err := c.byKey(ctx, KeyRepository, slug); err != nil || len(found) > 0 {
			return found, err
		}
	}
	namespace, name, ok := strings.Cut(text, "/")
	if !ok || strings.ContainsAny(name, ":/") {
		return nil, nil
	}
	named, err := c.byKey(ctx, KeyName, name)
	if err != nil {
		return nil, err
	}
	var found []Entity
	for _, e := range named {
		if strings.EqualFold(e.Namespace, namespace) {
			found = append(found, e)
		}
	}
	return found, nil
}

// SlugOf is the `owner/repo` that a text names: the slug itself, or any address within the repository on a website or
// for git. It is empty where there is none.
func SlugOf(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "<>")
	rest := text
	for _, prefix := range []string{"https://", "http://", "ssh://", "git@"} {
		rest = strings.TrimPrefix(rest, prefix)
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == ':' || r == '?' || r == '#' })
	if rest == text {
		if len(parts) == 3 && strings.Contains(parts[0], ".") {
			parts = parts[1:] // github.com/owner/repo
		}
		if len(parts) != 2 || strings.Contains(rest, ":") {
			return ""
		}
	} else {
		if len(parts) < 3 {
			return ""
		}
		parts = parts[1:3]
	}
	slug := parts[0] + "/" + strings.TrimSuffix(parts[1], ".git")
	if !slugPattern.MatchString(slug) {
		return ""
	}
	return slug
}
