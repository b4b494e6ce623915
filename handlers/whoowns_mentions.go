package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

var (
	slackUser    = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\??$`)
	slackChannel = regexp.MustCompile(`^<#(C[A-Z0-9]+)(?:\|([^>]*))?>\??$`)
	slackGroup   = regexp.MustCompile(`^<!subteam\^S[A-Z0-9]+(?:\|@?([^>]*))?>\??$`)
	typedChannel = regexp.MustCompile(`^#([^\s#]+)$`)
	// archived is a channel's or a message's own address in Slack.
	archived = regexp.MustCompile(`^<?https://[\w.-]+\.slack\.com/(?:archives|app_redirect\?channel=)/?([CG][A-Z0-9]+)\S*$`)
	// anyMention is a channel or a person in the midst of a text.
	anyMention = regexp.MustCompile(`<([@#])([A-Z0-9]+)(?:\|([^>]*))?>`)
)

// mentioned reads a person, the asker, a user group or a channel; meant is false for everything else.
func (h whoOwns) mentioned(ctx context.Context, r chat.Request, text, asked string) (found []catalog.Entity, meant bool, err error) {
	text = strings.TrimSpace(text)
	if m := slackUser.FindStringSubmatch(text); m != nil {
		e, err := h.person(ctx, m[1])
		return []catalog.Entity{e}, true, err
	}
	if strings.EqualFold(asked, "me") && r.Person.ID != "" {
		e, err := h.account(ctx, r.Person)
		return []catalog.Entity{e}, true, err
	}
	if m := slackGroup.FindStringSubmatch(text); m != nil {
		return h.userGroup(ctx, m[1])
	}
	var id, name string
	if m := slackChannel.FindStringSubmatch(text); m != nil {
		id, name = m[1], m[2]
	} else if m := typedChannel.FindStringSubmatch(asked); m != nil {
		name = m[1]
	} else if m := archived.FindStringSubmatch(asked); m != nil {
		id = m[1]
	} else {
		return nil, false, nil
	}
	found, name, err = h.teamsOf(ctx, id, name)
	if err == nil && len(found) == 0 {
		err = chat.Errorf("No team in the catalog names the channel #%s as its own. A team does so by the annotation slack.com/channel.", orElse(name, id))
	}
	return found, true, err
}

// takingMentions lets a row that takes names take a mention in the place of one: a person, the asker, a user group, or a channel, which
// stands for its team.
func (h whoOwns) takingMentions(row chat.Command) chat.Command {
	run := row.Run
	row.Run = func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		if words := chat.Words(r.Text); len(words) > 1 && words[0].Is("me") { // show me payments
			r.Text = chat.JoinWords(words[1:])
		}
		if m := slackGroup.FindStringSubmatch(strings.TrimSpace(r.Text)); m != nil && m[1] != "" {
			r.Text = m[1]
			if found, _, err := h.userGroup(ctx, m[1]); err == nil && len(found) == 1 {
				r.Text = found[0].Ref.String()
			}
			return run(ctx, r)
		}
		found, meant, err := h.mentioned(ctx, r, r.Text, chat.JoinWords(chat.Words(r.Text)))
		switch {
		case err != nil:
			return chat.Reply{}, fmt.Errorf("%s: %w", row.Name, err)
		case len(found) > 1:
			return chat.Reply{}, chat.ErrorWith(fmt.Sprintf("%d teams have this channel. Which one?", len(found)), whichOne(found, row.Name))
		case meant:
			r.Text = found[0].Ref.String()
		}
		return run(ctx, r)
	}
	return row
}

// teamsOf are the teams of a channel, by its id and by its name, which Slack need not have told.
func (h whoOwns) teamsOf(ctx context.Context, id, name string) ([]catalog.Entity, string, error) {
	if name == "" && h.Channels != nil {
		var err error
		if name, err = h.Channels.ChannelName(ctx, id); err != nil {
			return nil, "", err
		}
	}
	teams, err := h.Belonging.TeamsOfChannel(ctx, id, name)
	return teams, name, err
}

// mentionedWithin is the first team whose channel a text mentions, else the first person whom the catalog knows.
func (h whoOwns) mentionedWithin(ctx context.Context, text string) ([]catalog.Entity, error) {
	const most = 10
	mentions := anyMention.FindAllStringSubmatch(text, most)
	for _, m := range mentions {
		if m[1] != "#" {
			continue
		}
		if teams, _, err := h.teamsOf(ctx, m[2], m[3]); err != nil || len(teams) > 0 {
			return teams, err
		}
	}
	for _, m := range mentions {
		if m[1] != "@" {
			continue
		}
		if e, ok, err := h.Belonging.UserFor(ctx, m[2], ""); err != nil || ok {
			return []catalog.Entity{e}, err
		}
	}
	return nil, nil
}

// userGroup is what the catalog has under a user group's handle: teams are mostly called alike in both.
func (h whoOwns) userGroup(ctx context.Context, handle string) (found []catalog.Entity, meant bool, err error) {
	if handle == "" {
		return nil, true, chat.Errorf("Slack did not tell me what this group is called. Type the team's name instead.")
	}
	if team, ok, err := onlyTeam(ctx, h.Entities, handle); err != nil || ok {
		return []catalog.Entity{team}, true, err
	}
	named, err := h.Entities.Find(ctx, handle)
	if err == nil && len(named.Exact) == 0 {
		err = h.notFound(ctx, chat.Request{}, handle, catalog.Answer{Near: named.Near})
	}
	return named.Exact, true, err
}

// person is the catalog's User of a mentioned Slack account.
func (h whoOwns) person(ctx context.Context, slackID string) (catalog.Entity, error) {
	e, ok, err := h.Belonging.UserFor(ctx, slackID, "")
	if err != nil || ok {
		return e, err
	}
	p := chat.Person{ID: slackID}
	if h.Profiles != nil {
		if p, err = h.Profiles.Person(ctx, slackID); err != nil {
			var told *chat.UserError
			if !errors.As(err, &told) {
				return catalog.Entity{}, fmt.Errorf("look up %s: %w", slackID, err)
			}
			p = chat.Person{ID: slackID} // Slack does not tell about everybody
		}
	}
	return h.account(ctx, p)
}

func (h whoOwns) account(ctx context.Context, p chat.Person) (catalog.Entity, error) {
	e, ok, err := h.Belonging.UserFor(ctx, p.ID, p.Email)
	if err == nil && !ok {
		err = chat.Errorf("%s is not in the catalog, so I know no team of theirs. A User with the annotation slack.com/user-id: %s would tell me, and so would they with /bellhop me.", orElse(p.Name, "This person"), p.ID)
	}
	return e, err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
