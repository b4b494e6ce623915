package catalog

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// people is the config's own list of who is who: GitHub logins by Slack id and by e-mail, and the other way round.
type people struct{ bySlack, byEmail, slackOf, emailOf map[string]string }

func newPeople(logins map[string]string) people {
	p := people{bySlack: map[string]string{}, byEmail: map[string]string{}, slackOf: map[string]string{}, emailOf: map[string]string{}}
	for login, is := range logins {
		if strings.Contains(is, "@") {
			p.byEmail[strings.ToLower(is)] = login
			p.emailOf[strings.ToLower(login)] = is
			continue
		}
		p.bySlack[strings.ToLower(is)] = login
		p.slackOf[strings.ToLower(login)] = is
	}
	return p
}

// UserFor is the User that a Slack account stands for: the one whose slack.com/user-id it is, else the one with that
// confirmed e-mail address, else the one whose GitHub login the config links to either, else the one whose login the person
// has shown to be theirs. Two users that claim the same account are nobody. A display name is never looked at.
func (c *Catalog) UserFor(ctx context.Context, slackID, email string) (Entity, bool, error) {
	ways := []Key{
		{KeySlackUser, slackID},
		{KeyEmail, email},
		{KeyLogin, c.people.bySlack[strings.ToLower(slackID)]},
		{KeyLogin, c.people.byEmail[strings.ToLower(email)]},
		{KeyLogin, c.linkedLogin(slackID)},
	}
	for _, way := range ways {
		if way.Key == "" {
			continue
		}
		found, err := c.byKey(ctx, way.Type, way.Key)
		if err != nil {
			return Entity{}, false, fmt.Errorf("user of %s: %w", slackID, err)
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], true, nil
		}
		return Entity{}, false, nil
	}
	return Entity{}, false, nil
}

// linkedLogin is the GitHub login that a Slack account has shown to be its own.
func (c *Catalog) linkedLogin(slackID string) string {
	if c.options.Accounts == nil {
		return ""
	}
	return c.options.Accounts.LoginOf(slackID)
}

// SlackIDOf is a User's Slack id, by its annotation, the config, or what the person has shown; empty when unknown.
func (c *Catalog) SlackIDOf(user Entity) string {
	if id := user.Annotations[AnnotationSlackUser]; id != "" {
		return id
	}
	if id := c.people.slackOf[strings.ToLower(user.Login())]; id != "" || c.options.Accounts == nil {
		return id
	}
	return c.options.Accounts.SlackIDOf(user.Login())
}

// HasLeft tells that a User's Slack account is switched off.
func (c *Catalog) HasLeft(user Entity) bool {
	return c.options.Left != nil && user.Is(KindUser) && c.options.Left(c.SlackIDOf(user), cmp.Or(user.Email(), c.people.emailOf[strings.ToLower(user.Login())]))
}
