package catalog

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"bellhop/catalog/codeowners"
)

// maxLookups bounds what one text costs the store: a look-up by key takes some 10 µs.
const maxLookups = 1_500

// lookup resolves the clues of one text.
type lookup struct {
	Asker
	had map[Key][]Entity
	// answered: nobody waits for GitHub any more.
	answered bool
}

func (l *lookup) spent() bool { return len(l.had) >= maxLookups }

// by looks a key up, each once. Locations only say where to read.
func (l *lookup) by(ctx context.Context, keyType KeyType, text string) ([]Entity, error) {
	key := Key{keyType, fold(text)}
	found, had := l.had[key]
	if had || key.Key == "" || l.spent() {
		return slices.Clone(found), nil
	}
	found, err := l.Catalog.byKey(ctx, keyType, text)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(e Entity) bool { return e.Is(KindLocation) || e.Is(KindTemplate) })
	l.had[key] = found
	return slices.Clone(found), nil
}

// resolve is where a clue leads; an Answer of nothing where it leads nowhere.
func (l *lookup) resolve(ctx context.Context, c Clue) (Answer, error) {
	switch c.Kind {
	case ClueFileIn:
		return l.fileOf(ctx, c)
	case ClueRepository:
		if c.Path != "" {
			return l.fileIn(ctx, c.Slug, c.Path, c.Text)
		}
		return l.repository(ctx, c.Slug, c.Text)
	case ClueTeam:
		return l.team(ctx, c)
	case ClueAddress:
		return l.address(ctx, c)
	case ClueFrame, CluePackage:
		return l.frame(ctx, c)
	case ClueName:
		return l.name(ctx, c)
	case ClueEmail:
		return l.email(ctx, c.Names[0])
	case ClueLogin:
		return l.login(ctx, c.Names[0])
	case ClueHost:
		return l.host(ctx, c)
	case ClueFile:
		return l.file(ctx, c)
	case ClueWord:
		found, err := l.called(ctx, c.Names[0])
		return some(found, "", "the word “"+c.Text+"”"), err
	}
	return Answer{}, nil
}

// some is an answer if anything was found.
func some(found []Entity, said, by string) Answer {
	if len(found) == 0 {
		return Answer{}
	}
	return Answer{Found: found, Said: said, By: by}
}

// called are the components, systems, APIs, resources and domains that are called so.
func (l *lookup) called(ctx context.Context, name string) ([]Entity, error) {
	hyphened := strings.NewReplacer(" ", "-", "_", "-").Replace(fold(name))
	for _, key := range []Key{{KeyName, name}, {KeyName, hyphened}, {KeyAlias, name}, {KeyRepoName, hyphened}} {
		found, err := l.by(ctx, key.Type, key.Key)
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(e Entity) bool { return e.Is(KindUser) || e.Is(KindGroup) })
		if len(found) > 0 {
			return componentsOf(found), nil
		}
	}
	return nil, nil
}

// componentsOf keeps the components where there are others too: who logs under a name is a process.
func componentsOf(found []Entity) []Entity {
	components := slices.DeleteFunc(slices.Clone(found), func(e Entity) bool { return !e.Is(KindComponent) })
	if len(components) > 0 {
		return components
	}
	return found
}

// repository is what a repository holds: what stands for the whole of it, where that can be told; else the repository itself, if
// CODEOWNERS names an owner for all of it.
func (l *lookup) repository(ctx context.Context, slug, said string) (Answer, error) {
	found, err := l.by(ctx, KeyRepository, slug)
	if err != nil {
		return Answer{}, err
	}
	a := some(wholeOf(found, slug), said, "repository "+slug)
	if len(a.Found) > 1 {
		err = l.byCodeowners(ctx, &a, slug, codeowners.File.Default)
	}
	return a, err
}

// wholeOf keeps of what a repository holds the component that is no part of it, else the one that is called like it.
func wholeOf(found []Entity, slug string) []Entity {
	if found = componentsOf(found); len(found) < 2 {
		return found
	}
	whole := slices.DeleteFunc(slices.Clone(found), func(e Entity) bool { return e.Path() != "" })
	if len(whole) == 1 {
		return whole
	}
	for _, e := range slices.Concat(whole, found) {
		if strings.EqualFold(e.Name, slug[strings.IndexByte(slug, '/')+1:]) {
			return []Entity{e}
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return found
}

// team is a team on GitHub, or a package with a scope, which is written alike.
func (l *lookup) team(ctx context.Context, c Clue) (Answer, error) {
	found, err := l.by(ctx, KeyTeam, c.Slug)
	if err != nil || len(found) > 0 {
		return some(found, "", ""), err
	}
	return l.frame(ctx, c)
}

// login is a person on GitHub, or a team that people write like one.
func (l *lookup) login(ctx context.Context, name string) (Answer, error) {
	found, err := l.by(ctx, KeyLogin, name)
	if err != nil || len(found) > 0 {
		return some(found, "", ""), err
	}
	found, err = l.by(ctx, KeyName, name)
	return some(slices.DeleteFunc(found, func(e Entity) bool { return !e.Is(KindGroup) }), "", ""), err
}

// address is what has a link to it: to the very page, or to one that it is under.
func (l *lookup) address(ctx context.Context, c Clue) (Answer, error) {
	for i, key := range c.Names {
		if i > 0 && i == len(c.Names)-1 {
			break // all of a host: see host
		}
		found, err := l.by(ctx, KeyLink, key)
		if err != nil {
			return Answer{}, err
		}
		if len(found) > 0 {
			by := "a link to it"
			if title := linkTo(found[0], key); title != "" {
				by = "the link “" + clip(title) + "”"
			}
			return some(found, c.Text, by), nil
		}
	}
	if c.Slug == "" {
		return Answer{}, nil
	}
	return l.repository(ctx, c.Slug, "")
}

// host is what has links at a host, or what a host is called after. A link to all of it counts more than those to its pages only
// if the operator lets its place speak of others: any repository may link to a host that many share.
func (l *lookup) host(ctx context.Context, c Clue) (Answer, error) {
	whole, err := l.by(ctx, KeyLink, c.Names[0])
	if err != nil {
		return Answer{}, err
	}
	whole = slices.DeleteFunc(whole, func(e Entity) bool { return !l.Catalog.Trusted(e) })
	if len(whole) > 0 {
		return some(whole, c.Text, "a link to that host"), nil
	}
	found, err := l.by(ctx, KeyHost, c.Names[0])
	if err != nil || len(found) > 0 {
		return some(found, c.Text, "a link to that host"), err
	}
	found, err = l.called(ctx, c.Names[1])
	return some(found, c.Text, "its name"), err
}

// name is what is called by one of some names.
func (l *lookup) name(ctx context.Context, c Clue) (Answer, error) {
	for _, name := range c.Names {
		if strings.Contains(name, "/") {
			if slug := SlugOf(name); slug != "" {
				if a, err := l.repository(ctx, slug, ""); err != nil || a.Is() {
					return a, err
				}
			}
		}
		found, err := l.called(ctx, name)
		if err != nil || len(found) > 0 {
			return some(found, "", c.Text), err
		}
	}
	if strings.Contains(c.Names[0], ".") {
		return l.frame(ctx, Clue{Text: c.Text, Names: packageNames(c.Names[0], ".")})
	}
	return Answer{}, nil
}

// noReply is the address under which GitHub shows a person who hides their own.
var noReply = regexp.MustCompile(`^(?:\d+\+)?([\w-]+)@users\.noreply\.`)

// email is a person by their address, or a team.
func (l *lookup) email(ctx context.Context, address string) (Answer, error) {
	address = strings.ToLower(address)
	login := l.Catalog.people.byEmail[address]
	if m := noReply.FindStringSubmatch(address); m != nil {
		login = m[1]
	}
	for _, key := range []Key{{KeyEmail, address}, {KeyLogin, login}, {KeyMailbox, address}} {
		found, err := l.by(ctx, key.Type, key.Key)
		if err != nil || len(found) > 0 {
			return some(found, "", ""), err
		}
	}
	return Answer{}, nil
}
