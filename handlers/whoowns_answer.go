package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// aboutEntity answers for a component, API, resource, system or domain, or for a file of a repository.
func (h whoOwns) aboutEntity(ctx context.Context, a catalog.Answer) (chat.Reply, error) {
	var e catalog.Entity
	if len(a.Found) > 0 {
		e = a.Found[0]
	}
	owner, err := h.ownerOf(ctx, a)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: headline(a, owner)}
	named := a.Said == "" && a.By == ""
	if named && e.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(e.Description, 300))})
	}
	fields, err := h.facts(ctx, a, e, owner)
	if err != nil {
		return chat.Reply{}, err
	}
	if len(fields) > 0 {
		reply.Parts = append(reply.Parts, fields)
	}
	if named {
		lists, err := h.around(ctx, e)
		if err != nil {
			return chat.Reply{}, err
		}
		reply.Parts = append(reply.Parts, lists...)
	}
	if len(a.Within) > 0 {
		reply.Parts = append(reply.Parts, choose(a.Within))
	}
	if also, err := h.also(ctx, a.Also); err != nil {
		return chat.Reply{}, err
	} else if len(also.Items) > 0 {
		reply.Parts = append(reply.Parts, also)
	}
	for _, note := range notes(a, e, owner) {
		reply.Parts = append(reply.Parts, chat.Context{Text: note})
	}
	if buttons := answerButtons(a, e, owner); len(buttons) > 0 {
		reply.Parts = append(reply.Parts, buttons)
	}
	return reply, nil
}

// ownerOf is who owns what was found, or the part of it that was asked for.
func (h whoOwns) ownerOf(ctx context.Context, a catalog.Answer) (catalog.Ownership, error) {
	switch {
	case a.Owner != nil:
		return *a.Owner, nil
	case len(a.Found) == 0:
		return catalog.Ownership{}, nil
	}
	return h.Owners.Owner(ctx, a.Found[0])
}

// answerButtons lead to the card, to the teams, and for what no descriptor describes to the one that would.
func answerButtons(a catalog.Answer, e catalog.Entity, owner catalog.Ownership) chat.Buttons {
	var teams []catalog.Entity
	if owner.Found {
		teams = append(teams, owner.Group)
	}
	if owner.Next != nil {
		teams = append(teams, owner.Next.Group)
	}
	for _, also := range a.Also {
		teams = append(teams, also.Found...)
	}
	var buttons chat.Buttons
	if e.Name != "" {
		buttons = append(buttons, cardButton(e))
	}
	buttons = append(buttons, tryButtons(teams)...)
	if adoptable(e) {
		buttons = append(buttons, adoptButton(e))
	}
	return buttons
}

// around lists what provides the entity, what it is made of and what depends on it.
func (h whoOwns) around(ctx context.Context, e catalog.Entity) ([]chat.Part, error) {
	providers, err := h.Around.Related(ctx, e.Ref, catalog.APIProvidedBy)
	if err != nil {
		return nil, err
	}
	parts, err := h.Around.Related(ctx, e.Ref, catalog.HasPart)
	if err != nil {
		return nil, err
	}
	dependents, err := h.Around.Dependents(ctx, e.Ref)
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

// also lists what else a text leads to.
func (h whoOwns) also(ctx context.Context, others []catalog.Answer) (chat.List, error) {
	list := chat.List{Title: "Also in it"}
	for _, a := range others {
		e := a.Found[0]
		if e.Is(catalog.KindGroup) || e.Is(catalog.KindUser) {
			list.Items = append(list.Items, chat.Textf("%s (%s)", called(e), kindWord(e)))
			continue
		}
		owner, err := h.ownerOf(ctx, a)
		if err != nil {
			return chat.List{}, err
		}
		list.Items = append(list.Items, headline(a, owner))
	}
	return list, nil
}

// aboutSeveral answers for several things of one owner; otherwise it asks which one is meant.
func (h whoOwns) aboutSeveral(ctx context.Context, asked string, a catalog.Answer) (chat.Reply, error) {
	if a.By == "" && asked != "" && !namesakes(a.Found) {
		return choice(asked, a.Found), nil
	}
	const most = 50 // of which the owners are compared
	owner, err := h.Owners.Owner(ctx, a.Found[0])
	if err != nil {
		return chat.Reply{}, err
	}
	shared := owner.Found && len(a.Found) <= most
	for _, e := range a.Found[1:min(len(a.Found), most)] {
		other, err := h.Owners.Owner(ctx, e)
		if err != nil {
			return chat.Reply{}, err
		}
		shared = shared && other.Found && other.Group.Ref == owner.Group.Ref
	}
	if !shared {
		reply := choice(orElse(a.Said, orElse(asked, "this message")), a.Found)
		if a.By != "" {
			reply.Headline = append(reply.Headline, chat.Plain(" They are found by "+a.By+"."))
		}
		return reply, nil
	}
	several := displays(a.Found)
	switch {
	case namesakes(a.Found):
		several = a.Found[0].Name
	case len(a.Found) > 3:
		several = fmt.Sprintf("%d components", len(a.Found))
	}
	people, err := h.people(ctx, owner)
	return chat.Reply{
		Headline: ownedBy(strings.TrimPrefix(a.Said+" → ", " → ")+several, a.By, owner),
		Parts:    []chat.Part{chat.Fields{{Label: "People", Value: people}}, choose(a.Found), tryButtons([]catalog.Entity{owner.Group})},
	}, err
}

// namesakes tells things of one name, as a component and its API often are: where they have one owner too, it does not matter which is
// meant.
func namesakes(found []catalog.Entity) bool {
	return !slices.ContainsFunc(found, func(e catalog.Entity) bool { return !strings.EqualFold(e.Name, found[0].Name) })
}

// headline is the answer with its evidence: `payments → Team Ledger · ask in #ledger`, `refund.go → payments → Team Ledger · by CODEOWNERS
// line 14 · #ledger`; or what is wrong with the owner and who is next up: `legacy-mailer: owner Team Mail has nobody left · next up:
// Platform · #platform`.
func headline(a catalog.Answer, owner catalog.Ownership) chat.Text {
	what, by := a.Repository, a.By
	if len(a.Found) > 0 {
		e := a.Found[0]
		what = e.Name
		if by == "" && e.Provisional() {
			by = e.Annotations[catalog.AnnotationOwnerBy]
		}
	}
	if a.Said != "" {
		what = a.Said + " → " + what
	}
	if a.Owner == nil && len(a.Unknown) > 0 {
		text := chat.Textf("%s → %s · by %s", what, strings.Join(a.Unknown, ", "), by)
		if owner.Found {
			text = append(append(text, chat.Textf(" · in the catalog: %s", owner.Group.Display())...), andChannel(owner.Channel)...)
		}
		return text
	}
	return ownedBy(what, by, owner)
}

// ownedBy is a headline's end: who owns what was named, by what, and where to ask.
func ownedBy(what, by string, owner catalog.Ownership) chat.Text {
	evidence := ""
	if by != "" {
		evidence = " · by " + by
	}
	switch {
	case owner.Found && owner.Next != nil:
		return append(chat.Textf("%s: owner %s has nobody left%s", what, owner.Group.Display(), evidence), nextUp(owner.Next)...)
	case owner.Found:
		group := owner.Group.Display()
		if owner.Group.Provisional() {
			group += " (provisional)"
		}
		text := chat.Textf("%s → %s%s", what, group, evidence)
		if by != "" {
			return append(text, andChannel(owner.Channel)...)
		}
		return append(text, askIn(owner.Channel)...)
	case owner.Named.IsZero():
		return append(chat.Textf("%s: nobody is named as its owner%s", what, evidence), nextUp(owner.Next)...)
	}
	return append(chat.Textf("%s: its owner %s is not in the catalog%s", what, owner.Named.Short(), evidence), nextUp(owner.Next)...)
}

// nextUp is whom to ask in an owner's place, or nothing.
func nextUp(next *catalog.NextUp) chat.Text {
	if next == nil {
		return nil
	}
	return append(chat.Textf(" · next up: %s", next.Group.Display()), andChannel(next.Channel)...)
}

// andChannel is a channel behind an answer, or nothing.
func andChannel(channel string) chat.Text {
	if channel == "" {
		return nil
	}
	return chat.Line(chat.Plain(" · "), channelSpan(channel))
}

// askIn is where to ask, or nothing.
func askIn(channel string) chat.Text {
	if channel == "" {
		return nil
	}
	return chat.Line(chat.Plain(" · ask in "), channelSpan(channel))
}

// facts are the team's people, the entity's own facts and its links.
func (h whoOwns) facts(ctx context.Context, a catalog.Answer, e catalog.Entity, owner catalog.Ownership) (chat.Fields, error) {
	var fields chat.Fields
	if owner.Found {
		people, err := h.people(ctx, owner)
		if err != nil {
			return nil, err
		}
		fields = append(fields, chat.Field{Label: "People", Value: people})
	}
	if owner.Next != nil {
		fields = append(fields, chat.Field{Label: "Next up", Value: peopleText(owner.Next.People, h.SlackIDs)})
	}
	if others := slices.Concat(a.Others, a.Unknown); a.Owner != nil && len(others) > 0 {
		fields = append(fields, chat.Field{Label: "And", Value: chat.Textf("%s", shorten(strings.Join(others, ", "), 200))})
	}
	for _, fact := range []struct{ label, value string }{
		{"Lifecycle", e.Lifecycle()}, {"Type", e.Type()}, {"System", e.Spec.String("system")}, {"Domain", e.Spec.String("domain")},
	} {
		if fact.value != "" {
			fields = append(fields, chat.Field{Label: fact.label, Value: chat.Textf("%s", shorten(fact.value, 100))})
		}
	}
	links := linksOf(e, h.WebURL)
	if a.ByPage != "" {
		links = chat.Join(" · ", links, chat.Line(chat.Link{Label: a.By, URL: h.WebURL + a.ByPage}))
	}
	if len(links) > 0 {
		fields = append(fields, chat.Field{Label: "Links", Value: links})
	}
	return fields, nil
}

// people are an owner's, and how many have left; where there are none in a group itself, those of the groups in it.
func (h whoOwns) people(ctx context.Context, owner catalog.Ownership) (chat.Text, error) {
	gone := len(owner.Gone)
	switch {
	case gone == 0 && len(owner.People) == 0 && owner.Group.Is(catalog.KindGroup):
		below, err := h.Around.Related(ctx, owner.Group.Ref, catalog.ParentOf)
		if err != nil || len(below) == 0 {
			return peopleText(nil, h.SlackIDs), err
		}
		names := make([]string, len(below))
		for i, team := range below {
			names[i] = team.Display()
		}
		return chat.Textf("those of %s", someOf(names, true)), nil
	case gone == 0:
		return peopleText(owner.People, h.SlackIDs), nil
	case len(owner.People) == 0:
		return chat.Textf("all of them have left (%d)", gone), nil
	case gone == 1:
		return append(peopleText(owner.People, h.SlackIDs), chat.Plain("; one has left")), nil
	}
	return append(peopleText(owner.People, h.SlackIDs), chat.Plain(fmt.Sprintf("; %d have left", gone))), nil
}

// notes say what an answer rests on, what is missing for a full one, and where to mend it.
func notes(a catalog.Answer, e catalog.Entity, owner catalog.Ownership) []chat.Text {
	var all []chat.Text
	if a.Note != "" {
		all = append(all, chat.Textf("%s", a.Note))
	}
	if a.Owner == nil && len(a.Unknown) > 0 {
		return append(all, chat.Textf("Nobody of %s is in the catalog. A Group with the annotation `github.com/team-slug` would tell me who that is.", strings.Join(a.Unknown, ", ")))
	}
	if isArchived(e) {
		all = append(all, chat.Textf("Archived on GitHub, where nothing of it can be changed any more. No descriptor describes it."))
	} else if e.Provisional() {
		all = append(all, chat.Textf("Provisional: no descriptor describes it yet. This is what GitHub tells, and it gives nobody any right."))
	}
	if e.Orphaned() {
		all = append(all, chat.Line(chat.Plain("What described it is gone since "), chat.Moment{At: e.Source.OrphanedAt}, chat.Plain(".")))
	}
	if note := ownerNote(e, owner); note != "" {
		all = append(all, chat.Textf("%s", note))
	}
	return all
}

// ownerNote says what is missing for a full answer, and where to mend it.
func ownerNote(e catalog.Entity, owner catalog.Ownership) string {
	where := fmt.Sprintf("%s, line %d", e.Source.File, e.Source.Line)
	switch {
	case e.Name == "" || e.Provisional():
		return ""
	case !owner.Found && owner.Named.IsZero():
		return "Its descriptor is in " + where + "."
	case !owner.Found:
		return fmt.Sprintf("Either the name is wrong in its descriptor (%s), or %s has to be described too.", where, owner.Named.Short())
	case owner.Channel == "" && owner.Group.Is(catalog.KindGroup):
		return owner.Group.Display() + " names no Slack channel; the annotation slack.com/channel does."
	}
	return ""
}
