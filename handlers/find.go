package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// findHandler answers `/bellhop find`.
type findHandler struct{ CardDeps }

// findCommand is the row of /bellhop find.
func findCommand(d CardDeps) chat.Command {
	h := findHandler{d}
	return chat.Command{
		Name: "find", Words: []string{"search for", "look for", "search"}, Usage: "[WORDS] [kind=API] [owner=TEAM] [tag=TAG] [lifecycle=deprecated]",
		Summary:  "lists what fits, by words in any order and by what must be so",
		Examples: []string{"pay", "kind=api owner=team-ledger", "lifecycle=experimental"},
		Feature:  chat.Ask, Run: h.run,
	}
}

const (
	// foundShown is how many entities one answer lists; the menu under it holds foundMost.
	foundShown = 15
	foundMost  = 100 // Slack: 100 options
)

func (h findHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.answer(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("find: %w", err)
	}
	return reply, nil
}

func (h findHandler) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	asked := chat.JoinWords(chat.Words(r.Text))
	if asked == "" {
		return chat.Reply{}, chat.ErrorWith("Find what? Type words, and kind=, owner=, tag= or lifecycle=, for example: /bellhop find pay kind=API",
			chat.Menu{Label: "Or look for a name here", Action: "show.chosen", Searched: true})
	}
	query, err := catalog.ParseQuery([]string{asked})
	if err != nil {
		return chat.Reply{}, chat.Errorf("%s. For example: /bellhop find pay kind=API owner=team-ledger", err)
	}
	mine, err := teamsOf(ctx, h.Belonging, r.Person)
	if err != nil {
		return chat.Reply{}, err
	}
	query.Mine = refsOf(mine)
	found, err := h.Entities.All(ctx, query, foundMost+1)
	if err != nil {
		return chat.Reply{}, err
	}
	switch len(found) {
	case 0:
		return chat.Reply{}, h.nothing(ctx, asked, query)
	case 1:
		return showHandler(h).card(ctx, r, found[0])
	}
	return h.list(ctx, asked, found)
}

// list shows what was found, a line each, and opens a card on demand.
func (h findHandler) list(ctx context.Context, asked string, found []catalog.Entity) (chat.Reply, error) {
	headline := fmt.Sprintf("%d fit %q", len(found), shorten(asked, 80))
	if len(found) > foundMost {
		headline = fmt.Sprintf("More than %d fit %q; these do best", foundMost, shorten(asked, 80))
		found = found[:foundMost]
	}
	list := chat.List{More: max(0, len(found)-foundShown)}
	for _, e := range found[:min(len(found), foundShown)] {
		line, err := h.line(ctx, e)
		if err != nil {
			return chat.Reply{}, err
		}
		list.Items = append(list.Items, line)
	}
	return chat.Reply{Headline: chat.Textf("%s", headline), Parts: []chat.Part{
		list, chat.Menu{Label: "Show the card of", Action: "show.chosen", Options: optionsOf(found)}}}, nil
}

// line is an entity in a list: `payments (service, deprecated) · Team Ledger · Takes money from customers`.
func (h findHandler) line(ctx context.Context, e catalog.Entity) (chat.Text, error) {
	kind := kindWord(e)
	if lifecycle := e.Lifecycle(); lifecycle != "" && !strings.EqualFold(lifecycle, "production") {
		kind += ", " + lifecycle
	}
	line := chat.Line(chat.Bold(called(e)), chat.Plain(" ("+shorten(kind, 40)+")"))
	if !e.Is(catalog.KindGroup) && !e.Is(catalog.KindUser) {
		owner, err := h.Readiness.Owners.Owner(ctx, e)
		if err != nil {
			return nil, err
		}
		switch {
		case owner.Found:
			line = append(line, chat.Plain(" · "+owner.Group.Display()))
		case owner.Named.IsZero():
			line = append(line, chat.Plain(" · no owner"))
		default:
			line = append(line, chat.Plain(" · "+owner.Named.Short()+", not in the catalog"))
		}
	}
	if e.Description != "" {
		line = append(line, chat.Plain(" · "+shorten(e.Description, 80)))
	}
	return line, nil
}

// nothing offers the nearest names, or says which condition leaves nothing.
func (h findHandler) nothing(ctx context.Context, asked string, query catalog.Query) error {
	if query.Owner != "" {
		if err := h.whichOwner(ctx, asked, query.Owner); err != nil {
			return err
		}
	}
	if len(query.Words) == 0 {
		return chat.Errorf("Nothing in the catalog fits %s. Leave a condition out, or look at how a component that you know is described: /bellhop show NAME", asked)
	}
	near, err := h.Entities.Find(ctx, strings.Join(query.Words, " "), query.Mine...)
	if err != nil {
		return err
	}
	candidates := append(near.Exact, near.Near...)
	if len(candidates) == 0 {
		return chat.ErrorWith(fmt.Sprintf("Nothing in the catalog fits %q, or is anything like it.", shorten(asked, 80)),
			chat.Menu{Label: "Look for it here", Action: "show.chosen", Searched: true})
	}
	return chat.ErrorWith(fmt.Sprintf("Nothing in the catalog fits %q. The nearest names are these:", shorten(asked, 80)), whichOne(candidates, "show"))
}

// whichOwner asks who is meant where nobody is called like the owner that was asked for, but others almost are.
func (h findHandler) whichOwner(ctx context.Context, asked, owner string) error {
	isOwner := func(e catalog.Entity) bool { return e.Is(catalog.KindGroup) || e.Is(catalog.KindUser) }
	found, err := h.Entities.Find(ctx, owner)
	if err != nil || slices.ContainsFunc(found.Exact, isOwner) {
		return err
	}
	near, err := h.Entities.Nearest(ctx, owner, isOwner)
	if err != nil || len(near) == 0 {
		return err
	}
	return chat.ErrorWith(fmt.Sprintf("No owner is called %q. The nearest names are these:", shorten(owner, 60)), buttonsOf(near, func(e catalog.Entity) chat.Button {
		words := strings.Fields(asked)
		for i, word := range words {
			if key, _, isFilter := strings.Cut(word, "="); isFilter && strings.EqualFold(key, "owner") {
				words[i] = "owner=" + e.Ref.String()
			}
		}
		return chat.Button{Label: label(e), Action: ActionTry, Value: "find " + strings.Join(words, " ")}
	}))
}
