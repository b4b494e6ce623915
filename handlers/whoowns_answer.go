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

// listed is how many entities a list of an answer shows.
const listed = 12

// aboutEntity answers for a component, API, resource, system or domain.
func (h whoOwns) aboutEntity(ctx context.Context, e catalog.Entity) (chat.Reply, error) {
	owner, err := h.Owners.Owner(ctx, e)
	if err != nil {
		return chat.Reply{}, err
	}
	lists, err := h.around(ctx, e)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: headline(e, owner)}
	if e.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(e.Description, 300))})
	}
	reply.Parts = append(append(reply.Parts, h.facts(e, owner)), lists...)
	if note := ownerNote(e, owner); note != "" {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("%s", note)})
	}
	var teams []catalog.Entity
	if owner.Found {
		teams = append(teams, owner.Group)
	}
	if owner.Next != nil {
		teams = append(teams, owner.Next.Group)
	}
	if len(teams) > 0 {
		reply.Parts = append(reply.Parts, tryButtons(teams))
	}
	return reply, nil
}

// around lists what provides the entity, what it is made of and what depends on it.
func (h whoOwns) around(ctx context.Context, e catalog.Entity) ([]chat.Part, error) {
	providers, err := h.Owners.Related(ctx, e.Ref, catalog.APIProvidedBy)
	if err != nil {
		return nil, err
	}
	parts, err := h.Owners.Related(ctx, e.Ref, catalog.HasPart)
	if err != nil {
		return nil, err
	}
	dependents, err := h.Owners.Dependents(ctx, e.Ref)
	if err != nil {
		return nil, err
	}
	var lists []chat.Part
	for _, list := range []chat.List{
		entityList("What provides it", providers), entityList("What belongs to it", parts), entityList("What depends on it", dependents),
	} {
		if len(list.Items) > 0 {
			lists = append(lists, list)
		}
	}
	return lists, nil
}

// headline is the answer: `payments → Team Ledger · ask in #ledger`, or what is wrong with the owner and who is next up:
// `legacy-mailer: owner Team Mail has nobody left · next up: Platform · #platform`.
func headline(e catalog.Entity, owner catalog.Ownership) chat.Text {
	switch {
	case owner.Found && owner.Next != nil:
		return append(chat.Textf("%s: owner %s has nobody left", e.Name, owner.Group.Display()), nextUp(owner.Next)...)
	case owner.Found:
		return append(chat.Textf("%s → %s", e.Name, owner.Group.Display()), askIn(owner.Channel)...)
	case owner.Named.IsZero():
		return append(chat.Textf("%s: nobody is named as its owner", e.Name), nextUp(owner.Next)...)
	}
	return append(chat.Textf("%s: its owner %s is not in the catalog", e.Name, owner.Named.Short()), nextUp(owner.Next)...)
}

// nextUp is whom to ask in an owner's place, or nothing.
func nextUp(next *catalog.NextUp) chat.Text {
	if next == nil {
		return nil
	}
	text := chat.Textf(" · next up: %s", next.Group.Display())
	if next.Channel != "" {
		text = append(text, chat.Plain(" · "), channelSpan(next.Channel))
	}
	return text
}

// askIn is where to ask, or nothing.
func askIn(channel string) chat.Text {
	if channel == "" {
		return nil
	}
	return chat.Line(chat.Plain(" · ask in "), channelSpan(channel))
}

// channelSpan takes a channel as descriptors name it: by name or by id.
func channelSpan(channel string) chat.Span {
	if len(channel) >= 9 && strings.HasPrefix(channel, "C") && channel == strings.ToUpper(channel) {
		return chat.Channel{ID: channel, Name: channel}
	}
	return chat.Channel{Name: channel}
}

// facts are the team's people, the entity's own facts and its links.
func (h whoOwns) facts(e catalog.Entity, owner catalog.Ownership) chat.Fields {
	var fields chat.Fields
	if owner.Found {
		fields = append(fields, chat.Field{Label: "People", Value: h.people(owner.People)})
	}
	if owner.Next != nil {
		fields = append(fields, chat.Field{Label: "Next up", Value: h.people(owner.Next.People)})
	}
	for _, fact := range []struct{ label, value string }{
		{"Lifecycle", e.Lifecycle()}, {"Type", e.Type()}, {"System", e.Spec.String("system")}, {"Domain", e.Spec.String("domain")},
	} {
		if fact.value != "" {
			fields = append(fields, chat.Field{Label: fact.label, Value: chat.Textf("%s", shorten(fact.value, 100))})
		}
	}
	if links := h.links(e); len(links) > 0 {
		fields = append(fields, chat.Field{Label: "Links", Value: links})
	}
	return fields
}

// links are the repository, at the address that the descriptor gives if it does, and then what the descriptor lists.
func (h whoOwns) links(e catalog.Entity) chat.Text {
	const most = 10
	var repository string
	slug, ok := e.Repository()
	if ok {
		repository = h.WebURL + slug
	}
	var all []chat.Text
	for _, l := range e.Links {
		if url := strings.TrimSuffix(strings.TrimSpace(l.URL), "/"); ok && strings.HasSuffix(strings.ToLower(url), "/"+strings.ToLower(slug)) {
			repository = url
		} else if len(all) < most {
			all = append(all, chat.Line(linkSpan(l)))
		}
	}
	if repository != "" {
		all = append([]chat.Text{chat.Line(chat.Link{Label: slug, URL: repository})}, all...)
	}
	return chat.Join(" · ", all...)
}

// linkSpan leads to a website; addresses of other kinds are only shown.
func linkSpan(l catalog.Link) chat.Span {
	url := strings.TrimSpace(l.URL)
	if lower := strings.ToLower(url); strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return chat.Link{Label: shorten(orElse(l.Title, url), 60), URL: url}
	}
	return chat.Plain(strings.TrimSpace(l.Title + " " + shorten(url, 100)))
}

// people names people without waking them, in the order of their names.
func (h whoOwns) people(users []catalog.Entity) chat.Text {
	const most = 20
	if len(users) == 0 {
		return chat.Textf("nobody is listed")
	}
	users = slices.SortedFunc(slices.Values(users), func(a, b catalog.Entity) int { return cmp.Compare(a.Display(), b.Display()) })
	var names []chat.Text
	for _, user := range users[:min(len(users), most)] {
		names = append(names, chat.Line(h.named(user)))
	}
	text := chat.Join(", ", names...)
	if more := len(users) - most; more > 0 {
		text = append(text, chat.Plain(fmt.Sprintf(" and %d more", more)))
	}
	return text
}

func (h whoOwns) named(user catalog.Entity) chat.Span {
	if id := h.Owners.SlackIDOf(user); id != "" {
		return chat.Named{ID: id, Name: user.Display()}
	}
	return chat.Plain(user.Display())
}

// ownerNote says what is missing for a full answer, and where to mend it.
func ownerNote(e catalog.Entity, owner catalog.Ownership) string {
	where := fmt.Sprintf("%s, line %d", e.Source.File, e.Source.Line)
	switch {
	case !owner.Found && owner.Named.IsZero():
		return "Its descriptor is in " + where + "."
	case !owner.Found:
		return fmt.Sprintf("Either the name is wrong in its descriptor (%s), or %s has to be described too.", where, owner.Named.Short())
	case owner.Channel == "" && owner.Group.Is(catalog.KindGroup):
		return owner.Group.Display() + " names no Slack channel; the annotation slack.com/channel does."
	}
	return ""
}

func entityList(title string, entities []catalog.Entity) chat.List {
	list := chat.List{Title: title, More: max(0, len(entities)-listed)}
	for _, e := range entities[:min(len(entities), listed)] {
		list.Items = append(list.Items, chat.Textf("%s (%s)", called(e), kindWord(e)))
	}
	return list
}

// aboutTeam answers for a group: its people, its channels, what it owns.
func (h whoOwns) aboutTeam(ctx context.Context, team catalog.Entity) (chat.Reply, error) {
	owner, err := h.Owners.Owner(ctx, team)
	if err != nil {
		return chat.Reply{}, err
	}
	owned, err := h.Owners.Owned(ctx, team.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: append(chat.Textf("%s", team.Display()), askIn(owner.Channel)...)}
	if team.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(team.Description, 300))})
	}
	fields := chat.Fields{{Label: "People", Value: h.people(owner.People)}}
	if channels := team.Channels(); len(channels) > 1 {
		var all []chat.Text
		for _, channel := range channels {
			all = append(all, chat.Line(channelSpan(channel)))
		}
		fields = append(fields, chat.Field{Label: "Channels", Value: chat.Join(", ", all...)})
	}
	if links := h.links(team); len(links) > 0 {
		fields = append(fields, chat.Field{Label: "Links", Value: links})
	}
	reply.Parts = append(reply.Parts, fields)
	if len(owned) == 0 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Nothing in the catalog names it as its owner.")})
		return reply, nil
	}
	reply.Parts = append(reply.Parts, entityList("What it owns", owned))
	return reply, nil
}

// aboutPerson answers for a user: their teams, and what they own themselves and through them.
func (h whoOwns) aboutPerson(ctx context.Context, user catalog.Entity) (chat.Reply, error) {
	teams, err := h.Owners.Teams(ctx, user.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: chat.Textf("%s is in no team", user.Display())}
	if len(teams) > 0 {
		owner, err := h.Owners.Owner(ctx, teams[0])
		if err != nil {
			return chat.Reply{}, err
		}
		reply.Headline = append(chat.Textf("%s → %s", user.Display(), displays(teams)), askIn(owner.Channel)...)
	}
	for _, owner := range append([]catalog.Entity{user}, teams...) {
		owned, err := h.Owners.Owned(ctx, owner.Ref)
		if err != nil {
			return chat.Reply{}, err
		}
		if len(owned) > 0 {
			reply.Parts = append(reply.Parts, entityList("What "+owner.Display()+" owns", owned))
		}
	}
	if len(teams) > 0 {
		reply.Parts = append(reply.Parts, tryButtons(teams[:min(len(teams), 5)]))
	}
	return reply, nil
}

func displays(entities []catalog.Entity) string {
	names := make([]string, len(entities))
	for i, e := range entities {
		names[i] = e.Display()
	}
	return strings.Join(names, ", ")
}
