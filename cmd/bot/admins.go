package main

import (
	"context"
	"fmt"
	"strings"

	"bellhop/catalog"
	"bellhop/chat"
)

// admins are those whom slack.admins names: everybody in a Slack user group, or a person of the catalog, as long as the catalog
// has that person from where the operator lets people be spoken of.
type admins struct {
	named   []string // "slack:HANDLE", "user:NAME"
	groups  userGroups
	catalog *catalog.Catalog
}

// userGroups is Slack's, for `slack:HANDLE`.
type userGroups interface {
	InGroup(ctx context.Context, handle, slackUser string) (bool, error)
}

// IsAdmin implements handlers.Admins. Who has no Slack id, as in a terminal, is none.
func (a admins) IsAdmin(ctx context.Context, p chat.Person) (bool, error) {
	if p.ID == "" {
		return false, nil
	}
	for _, one := range a.named {
		kind, name, _ := strings.Cut(one, ":")
		is, err := a.is(ctx, p, kind, name)
		if err != nil {
			return false, fmt.Errorf("is %s %s: %w", p.ID, one, err)
		}
		if is {
			return true, nil
		}
	}
	return false, nil
}

func (a admins) is(ctx context.Context, p chat.Person, kind, name string) (bool, error) {
	if kind == "slack" {
		return a.groups.InGroup(ctx, strings.TrimPrefix(name, "@"), p.ID)
	}
	// What people show of themselves makes nobody an admin.
	user, found, err := a.catalog.KnownAs(ctx, p.ID, p.Email)
	return found && strings.EqualFold(user.Name, name) && a.catalog.Trusted(user), err
}

// WhyNot implements handlers.Admins.
func (a admins) WhyNot(ctx context.Context, p chat.Person) (string, error) {
	user, found, err := a.catalog.KnownAs(ctx, p.ID, p.Email)
	if err != nil || !found {
		return "", err
	}
	for _, one := range a.named {
		if name, ok := strings.CutPrefix(one, "user:"); ok && strings.EqualFold(user.Name, name) {
			if why := noAdmin(a.catalog, user); why != "" {
				return fmt.Sprintf("slack.admins names you as %s, which does not count: %s.", one, why), nil
			}
		}
	}
	return "", nil
}

// noAdmin is why a User of the catalog can be no administrator, and what to do, or nothing.
func noAdmin(c *catalog.Catalog, user catalog.Entity) string {
	const instead = "describe them in a file of catalog.locations, or let slack.admins name a Slack user group (slack:HANDLE)"
	switch {
	case c.Trusted(user):
		return ""
	case user.Provisional():
		return "GitHub alone tells of " + user.Name + ", which authorises nothing; " + instead
	case user.Orphaned():
		return "what described " + user.Name + " is gone; " + instead
	}
	return user.Source.File + " may not say who is an administrator; " + instead
}
