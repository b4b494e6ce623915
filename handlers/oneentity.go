package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// Entities finds what is in the catalog; catalog.Catalog does.
type Entities interface {
	Find(ctx context.Context, text string, mine ...catalog.Ref) (catalog.Found, error)
	Nearest(ctx context.Context, text string, among func(catalog.Entity) bool) ([]catalog.Entity, error)
	Search
}

// Search lists what fits a query, the best first; catalog.Catalog does.
type Search interface {
	All(ctx context.Context, q catalog.Query, limit int) ([]catalog.Entity, error)
}

// oneEntity is what words mean, where they can mean one thing alone; command is the word that was followed by them, and rest what
// else was said behind them. Otherwise the error asks back, with buttons that say it all again.
func oneEntity(ctx context.Context, entities Entities, asked, command string, rest ...string) (catalog.Entity, error) {
	asked = chat.JoinWords(withoutArticle(chat.Words(asked)))
	found, err := entities.Find(ctx, asked)
	if err != nil {
		return catalog.Entity{}, err
	}
	switch n := len(found.Exact); {
	case n == 1:
		return found.Exact[0], nil
	case n > 1:
		return catalog.Entity{}, chat.ErrorWith(fmt.Sprintf("%q may be any of %d. Which one?", shorten(asked, 60), n), whichOne(found.Exact, command, rest...))
	case len(found.Near) > 0:
		return catalog.Entity{}, chat.ErrorWith(fmt.Sprintf("Nothing in the catalog is called %q. The nearest names are these:", shorten(asked, 60)), whichOne(found.Near, command, rest...))
	}
	return catalog.Entity{}, chat.Errorf("Nothing in the catalog is called %q, or anything like it.", shorten(asked, 60))
}

// sort is what a command is about.
type sort struct {
	noun string // of one: "team"
	is   func(catalog.Entity) bool
}

// oneOf is oneEntity where only some sort is of use: of several things only these are meant, and only these are offered. Another
// thing that is named exactly is given as well, so that it can be said why it will not do.
func oneOf(ctx context.Context, entities Entities, asked, command string, of sort) (catalog.Entity, error) {
	asked = chat.JoinWords(withoutArticle(chat.Words(asked)))
	found, err := entities.Find(ctx, asked)
	if err != nil {
		return catalog.Entity{}, err
	}
	meant := slices.DeleteFunc(slices.Clone(found.Exact), func(e catalog.Entity) bool { return !of.is(e) })
	if len(meant) == 1 {
		return meant[0], nil
	}
	if len(found.Exact) > 0 {
		return oneEntity(ctx, entities, asked, command)
	}
	near, err := entities.Nearest(ctx, asked, of.is)
	if err != nil {
		return catalog.Entity{}, err
	}
	if len(near) == 0 {
		return catalog.Entity{}, chat.Errorf("No %s is called %q, or anything like it.", of.noun, shorten(asked, 60))
	}
	return catalog.Entity{}, chat.ErrorWith(fmt.Sprintf("No %s is called %q. The nearest names are these:", of.noun, shorten(asked, 60)), whichOne(near, command))
}

// whichOne says the command and the rest again with the entity that is chosen: few are buttons, many a menu.
func whichOne(entities []catalog.Entity, command string, rest ...string) chat.Part {
	const buttonsMost, optionsMost = 5, 100 // Slack: 100 options
	again := func(e catalog.Entity) string {
		return strings.Join(slices.Concat([]string{command, e.Ref.String()}, rest), " ")
	}
	if len(entities) <= buttonsMost {
		return buttonsOf(entities, func(e catalog.Entity) chat.Button {
			return chat.Button{Label: label(e), Action: ActionTry, Value: again(e)}
		})
	}
	menu := chat.Menu{Label: "Which one?", Action: ActionTry}
	for _, e := range entities[:min(len(entities), optionsMost)] {
		menu.Options = append(menu.Options, chat.Option{Label: label(e), Value: again(e)})
	}
	return menu
}

// onlyTeam is the one team that fits words where nothing is called exactly so: "ledger" is Team Ledger. It is for what only asks.
func onlyTeam(ctx context.Context, entities Entities, asked string) (team catalog.Entity, ok bool, err error) {
	found, err := entities.Find(ctx, asked)
	if err != nil || len(found.Exact) > 0 {
		return team, false, err
	}
	query, err := catalog.ParseQuery([]string{asked})
	if err != nil {
		return team, false, nil
	}
	query.Kind = catalog.KindGroup
	teams, err := entities.All(ctx, query, 2)
	if err != nil || len(teams) != 1 {
		return team, false, err
	}
	return teams[0], true, nil
}

// entityOptions complete a name while somebody types it; kind, if any, restricts them.
func entityOptions(entities Entities, belonging Belonging, kind string) func(ctx context.Context, r chat.Request) ([]chat.Option, error) {
	return func(ctx context.Context, r chat.Request) ([]chat.Option, error) {
		found, err := typedSoFar(ctx, entities, belonging, kind, r)
		if err != nil {
			return nil, err
		}
		return optionsOf(found), nil
	}
}

// typedSoFar finds what the words of an unfinished search may mean, as /bellhop find would. What is the asker's own comes first
// among equals, where belonging can tell.
func typedSoFar(ctx context.Context, entities Entities, belonging Belonging, kind string, r chat.Request) ([]catalog.Entity, error) {
	const shown = 50
	query, err := catalog.ParseQuery([]string{r.Action.Value})
	if err != nil {
		return nil, nil // a condition that is not typed to its end fits nothing
	}
	if query.Kind = orElse(query.Kind, kind); belonging != nil {
		mine, err := teamsOf(ctx, belonging, r.Person)
		if err != nil {
			return nil, fmt.Errorf("options: %w", err)
		}
		query.Mine = refsOf(mine)
	}
	found, err := entities.All(ctx, query, shown)
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	return found, nil
}

// optionsOf are entities as the options of a menu.
func optionsOf(entities []catalog.Entity) []chat.Option {
	options := make([]chat.Option, len(entities))
	for i, e := range entities {
		options[i] = chat.Option{Label: label(e), Value: e.Ref.String()}
	}
	return options
}
