package handlers

import (
	"context"

	"bellhop/catalog"
	"bellhop/chat"
)

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
	if owner.Next != nil {
		reply.Headline = append(chat.Textf("%s has nobody left", team.Display()), nextUp(owner.Next)...)
	}
	if team.Description != "" {
		reply.Parts = append(reply.Parts, chat.Paragraph{Text: chat.Textf("%s", shorten(team.Description, 300))})
	}
	people, err := h.people(ctx, owner)
	if err != nil {
		return chat.Reply{}, err
	}
	fields := chat.Fields{{Label: "People", Value: people}}
	if owner.Next != nil {
		fields = append(fields, chat.Field{Label: "Next up", Value: peopleText(owner.Next.People, h.SlackIDs)})
	}
	if channels := team.Channels(); len(channels) > 1 {
		var all []chat.Text
		for _, channel := range channels {
			all = append(all, chat.Line(channelSpan(channel)))
		}
		fields = append(fields, chat.Field{Label: "Channels", Value: chat.Join(", ", all...)})
	}
	if links := linksOf(team, h.WebURL); len(links) > 0 {
		fields = append(fields, chat.Field{Label: "Links", Value: links})
	}
	reply.Parts = append(reply.Parts, fields)
	if team.Provisional() {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Provisional: this is the team as GitHub tells it, and it gives nobody any right.")})
	}
	if len(owned) == 0 {
		reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("Nothing in the catalog names it as its owner.")})
	} else {
		reply.Parts = append(reply.Parts, entityList("What it owns", owned))
	}
	buttons := chat.Buttons{cardButton(team)}
	if owner.Next != nil {
		buttons = append(buttons, tryButtons([]catalog.Entity{owner.Next.Group})...)
	}
	reply.Parts = append(reply.Parts, buttons)
	return reply, nil
}

// aboutPerson answers for a user: their teams, and what they own themselves and through them.
func (h whoOwns) aboutPerson(ctx context.Context, user catalog.Entity) (chat.Reply, error) {
	teams, err := h.Belonging.Teams(ctx, user.Ref)
	if err != nil {
		return chat.Reply{}, err
	}
	own, err := h.Owners.Owner(ctx, user)
	if err != nil {
		return chat.Reply{}, err
	}
	reply := chat.Reply{Headline: chat.Textf("%s is in no team", user.Display())}
	switch {
	case len(own.Gone) > 0:
		reply.Headline = append(chat.Textf("%s has left", user.Display()), nextUp(own.Next)...)
	case len(teams) > 0:
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
	const most = 5
	buttons := append(chat.Buttons{cardButton(user)}, tryButtons(teams[:min(len(teams), most)])...)
	reply.Parts = append(reply.Parts, buttons)
	return reply, nil
}
