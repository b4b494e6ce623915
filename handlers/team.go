package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// teamHandler answers `/bellhop team`.
type teamHandler struct{ CardDeps }

// teamCommand is the row of /bellhop team.
func teamCommand(d CardDeps) chat.Command {
	h := teamHandler{d}
	return chat.Command{
		Name: "team", Words: []string{"who is in"}, Usage: "[TEAM]", Summary: "shows a team: its people, its channel and what it owns",
		Examples: []string{"platform", "team-ledger"}, Feature: chat.Ask, Run: h.run,
		Actions: []chat.CommandAction{{Name: "chosen", Run: h.chosen, Options: entityOptions(d.Entities, d.Belonging, catalog.KindGroup)}},
	}
}

// run answers for the team that is named, else for the channel's or the asker's.
func (h teamHandler) run(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := h.answer(ctx, r)
	if err != nil {
		return chat.Reply{}, fmt.Errorf("team: %w", err)
	}
	return reply, nil
}

// chosen answers what was chosen in a menu.
func (h teamHandler) chosen(ctx context.Context, r chat.Request) (chat.Reply, error) {
	r.Text = r.Action.Value
	return h.run(ctx, r)
}

func (h teamHandler) answer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	words := chat.Words(r.Text)
	if len(words) == 0 || len(words) == 1 && words[0].Is("mine", "ours", "my", "our") {
		return h.ours(ctx, r)
	}
	team, err := h.named(ctx, r.Text)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.card(ctx, r, team)
}

// named is the team that words mean: a group before anything else of that name, and the owner of anything else.
func (h teamHandler) named(ctx context.Context, text string) (catalog.Entity, error) {
	asked := chat.JoinWords(withoutArticle(chat.Words(text)))
	found, err := h.Entities.Find(ctx, asked)
	if err != nil {
		return catalog.Entity{}, err
	}
	groups := slices.DeleteFunc(slices.Clone(found.Exact), func(e catalog.Entity) bool { return !isTeam(e) })
	if len(groups) == 1 {
		return groups[0], nil
	}
	if team, ok, err := onlyTeam(ctx, h.Entities, asked); err != nil || ok {
		return team, err
	}
	meant := sort{"team", isTeam}
	if near, err := h.Entities.Nearest(ctx, asked, isTeam); err == nil && len(near) == 0 { // then what one owns
		meant.is = func(e catalog.Entity) bool { return !e.Is(catalog.KindUser) }
	}
	e, err := oneOf(ctx, h.Entities, text, "team", meant)
	if err != nil || e.Is(catalog.KindGroup) {
		return e, err
	}
	if e.Is(catalog.KindUser) {
		teams, err := h.Belonging.Teams(ctx, e.Ref)
		return h.oneOf(e.Display()+" is in", teams, err)
	}
	owner, err := h.Readiness.Owners.Owner(ctx, e)
	if err != nil || owner.Found && owner.Group.Is(catalog.KindGroup) {
		return owner.Group, err
	}
	return e, chat.Errorf("%s is no team (%s), and no team owns it. Type a team's name, for example: /bellhop team platform", e.Name, kindWord(e))
}

func isTeam(e catalog.Entity) bool { return e.Is(catalog.KindGroup) }

// ours is the channel's team, or the asker's.
func (h teamHandler) ours(ctx context.Context, r chat.Request) (chat.Reply, error) {
	teams, err := ourTeams(ctx, h.Belonging, r)
	team, err := h.oneOf("You are in", teams, err)
	if err != nil {
		return chat.Reply{}, err
	}
	return h.card(ctx, r, team)
}

// oneOf is the only one of some teams; otherwise it asks.
func (h teamHandler) oneOf(who string, teams []catalog.Entity, err error) (catalog.Entity, error) {
	switch {
	case err != nil:
		return catalog.Entity{}, err
	case len(teams) == 1:
		return teams[0], nil
	case len(teams) == 0:
		return catalog.Entity{}, chat.ErrorWith(who+" no team that the catalog knows of. Type a team's name, for example: /bellhop team platform",
			chat.Menu{Label: "Or look for it here", Action: "team.chosen", Searched: true})
	}
	return catalog.Entity{}, chat.ErrorWith(fmt.Sprintf("%s %d teams. Which one?", who, len(teams)), whichOne(teams, "team"))
}

// card is a team: where to ask, its people, how it stands to other teams, and what it owns.
func (h teamHandler) card(ctx context.Context, _ chat.Request, team catalog.Entity) (chat.Reply, error) {
	owner, err := h.Readiness.Owners.Owner(ctx, team)
	if err != nil {
		return chat.Reply{}, err
	}
	owned, err := h.Readiness.Owners.Owned(ctx, team.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	described, err := h.Relations.Describe(ctx, []catalog.Entity{team})
	if err != nil {
		return chat.Reply{}, err
	}
	headline := chat.Textf("%s · %s", team.Display(), counted(len(owner.People), "person", "people"))
	if below := len(related(described, catalog.ParentOf)); len(owner.People) == 0 && below > 0 {
		headline = chat.Textf("%s · %s", team.Display(), counted(below, "team", "teams"))
	}
	headline = append(append(headline, nextUp(owner.Next)...), askIn(owner.Channel)...)
	reply := chat.Reply{Headline: headline}
	if team.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(team.Description, 300))})
	}
	reply.Parts = append(reply.Parts, h.teamFacts(team, owner, described))
	if len(owned) == 0 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Nothing in the catalog names it as its owner.")})
		return reply, nil
	}
	reply.Parts = append(reply.Parts, ownedList(owned), chat.Buttons{
		{Label: "Readiness", Action: ActionTry, Value: "readiness " + team.Ref.String()},
	})
	return reply, nil
}

// related are the references at the other end of relations of one type.
func related(described []catalog.Described, t catalog.RelationType) []catalog.Ref {
	var refs []catalog.Ref
	for _, d := range described {
		for _, r := range d.Relations {
			if r.Type == t {
				refs = append(refs, r.Target)
			}
		}
	}
	return refs
}

func (h teamHandler) teamFacts(team catalog.Entity, owner catalog.Ownership, described []catalog.Described) chat.Fields {
	var fields chat.Fields
	if len(owner.People) > 0 || len(related(described, catalog.ParentOf)) == 0 { // else its teams have them
		fields = append(fields, chat.Field{Label: "People", Value: peopleText(owner.People, h.SlackIDs)})
	}
	add := func(label string, value chat.Text) {
		if len(value) > 0 {
			fields = append(fields, chat.Field{Label: label, Value: value})
		}
	}
	if channels := team.Channels(); len(channels) > 1 {
		var all []chat.Text
		for _, channel := range channels {
			all = append(all, chat.Line(channelSpan(channel)))
		}
		add("Channels", chat.Join(", ", all...))
	}
	for _, fact := range []struct{ label, value string }{
		{"Part of", namesOf(related(described, catalog.ChildOf))}, {"Teams in it", namesOf(related(described, catalog.ParentOf))}, {"E-mail", team.Email()},
	} {
		if fact.value != "" {
			add(fact.label, chat.Textf("%s", shorten(fact.value, 200)))
		}
	}
	add("On call", onCall(team))
	add("Links", linksOf(team, h.WebURL))
	return fields
}

func namesOf(refs []catalog.Ref) string {
	names := make([]string, len(refs))
	for i, ref := range refs {
		names[i] = ref.Name
	}
	return strings.Join(names, ", ")
}

// ownedList is what a team owns, a line for each kind: `4 components: payments, ledger-lib …`.
func ownedList(owned []catalog.Entity) chat.List {
	const named = 20
	byKind := map[string][]string{}
	var kinds []string
	for _, e := range owned {
		if byKind[e.Kind] == nil {
			kinds = append(kinds, e.Kind)
		}
		byKind[e.Kind] = append(byKind[e.Kind], e.Name)
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(len(byKind[b]), len(byKind[a])) })
	list := chat.List{Title: "What it owns"}
	for _, kind := range kinds {
		names := byKind[kind]
		noun := kind
		if kind != catalog.KindAPI {
			noun = strings.ToLower(kind)
		}
		words := " " + strings.Join(names[:min(len(names), named)], ", ")
		if more := len(names) - named; more > 0 {
			words += fmt.Sprintf(" and %d more", more)
		}
		list.Items = append(list.Items, chat.Line(chat.Bold(counted(len(names), noun, noun+"s")), chat.Plain(words)))
	}
	return list
}
