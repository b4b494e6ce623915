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

// UserFor is the User that a Slack account stands for: KnownAs, else the one whose login the person has shown to be theirs,
// unless that is known to be somebody else.
func (c *Catalog) UserFor(ctx context.Context, slackID, email string) (Entity, bool, error) {
	known := c.waysToKnow(slackID, email)
	shown := Key{Type: KeyLogin}
	if c.options.Accounts != nil {
		shown.Key = c.options.Accounts.LoginOf(slackID)
	}
	user, by, err := c.userBy(ctx, append(known, shown)...)
	if by == len(known) && c.SomebodyElse(user, slackID, email) {
		return Entity{}, false, nil
	}
	return user, by >= 0, err
}

// KnownAs is the User that a Slack account stands for by what descriptors and the config say: the one whose slack.com/user-id it
// is, else the one with that confirmed e-mail address, else the one whose GitHub login the config links to either. Two users
// that claim the same account are nobody. A display name is never looked at.
func (c *Catalog) KnownAs(ctx context.Context, slackID, email string) (Entity, bool, error) {
	user, by, err := c.userBy(ctx, c.waysToKnow(slackID, email)...)
	return user, by >= 0, err
}

func (c *Catalog) waysToKnow(slackID, email string) []Key {
	return []Key{
		{KeySlackUser, slackID}, {KeyEmail, email},
		{KeyLogin, c.people.bySlack[strings.ToLower(slackID)]}, {KeyLogin, c.people.byEmail[strings.ToLower(email)]},
	}
}

// userBy is the User under the first of some keys that anybody has, and which that is; two are nobody, and by is -1.
func (c *Catalog) userBy(ctx context.Context, ways ...Key) (user Entity, by int, err error) {
	for by, way := range ways {
		if way.Key == "" {
			continue
		}
		found, err := c.byKey(ctx, way.Type, way.Key)
		if err != nil {
			return Entity{}, -1, fmt.Errorf("user of the %s %s: %w", way.Type, way.Key, err)
		}
		if len(found) == 1 {
			return found[0], by, nil
		}
		if len(found) > 1 {
			break
		}
	}
	return Entity{}, -1, nil
}

// SomebodyElse tells whether a User is known to be another than a Slack account: by the config, or by what a descriptor says that
// may speak of people. An empty e-mail address is one that nobody knows.
func (c *Catalog) SomebodyElse(user Entity, slackID, email string) bool {
	login := strings.ToLower(user.Login())
	id, address := c.people.slackOf[login], c.people.emailOf[login]
	if c.Trusted(user) {
		id, address = cmp.Or(user.Annotations[AnnotationSlackUser], id), cmp.Or(user.Email(), address)
	}
	if id != "" {
		return !strings.EqualFold(id, slackID)
	}
	return address != "" && email != "" && !strings.EqualFold(address, email)
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
