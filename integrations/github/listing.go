package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// listed is a repository as lists tell of it, as far as anybody here wants to know.
type listed struct {
	Slug        string          `json:"full_name"` // as GitHub writes it
	Branch      string          `json:"default_branch"`
	Pushed      time.Time       `json:"pushed_at"` // to any branch, in whole seconds; zero where never
	Archived    bool            `json:"archived"`
	Disabled    bool            `json:"disabled"` // by GitHub, for breach of terms: nothing can be read
	Description string          `json:"description"`
	Language    string          `json:"language"`
	Topics      []string        `json:"topics"`
	Rights      map[string]bool `json:"permissions"` // of who asks, or of the team whose list it is
}

// settled is how long after a push GitHub may still show a file as it was, and another push have the same second.
const settled = time.Minute

// version stays the same as long as nothing was pushed and the default branch is the same one. It is empty where that
// cannot be told yet.
func (l listed) version(now time.Time) string {
	if now.Sub(l.Pushed) < settled {
		return ""
	}
	return l.Pushed.UTC().Format(time.RFC3339) + " " + l.Branch
}

// repositoriesOf are all that an organisation or user has and that we may see, in the order of their names: for an App those
// of its installation.
func (c *Client) repositoriesOf(ctx context.Context, owner string) ([]listed, error) {
	path, field, err := c.listOf(ctx, owner)
	if err != nil {
		return nil, err
	}
	all, err := paged[listed]{c, owner, path, field}.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the repositories of %s: %w", owner, err)
	}
	all = slices.DeleteFunc(all, func(r listed) bool {
		of, _, _ := strings.Cut(r.Slug, "/")
		return !strings.EqualFold(of, owner)
	})
	slices.SortFunc(all, func(a, b listed) int { return strings.Compare(strings.ToLower(a.Slug), strings.ToLower(b.Slug)) })
	return all, nil
}

// listOf is the list that shows most of an owner's repositories. Oldest first: what is new changes the last page alone.
func (c *Client) listOf(ctx context.Context, owner string) (path, field string, err error) {
	if _, app := c.auth.self(); app {
		return "installation/repositories", "repositories", nil
	}
	const order = "&sort=created&direction=asc"
	organisation, err := c.isOrganisation(ctx, owner)
	switch {
	case err != nil:
		return "", "", err
	case organisation:
		return "orgs/" + url.PathEscape(owner) + "/repos?type=all" + order, "", nil
	}
	// Only of who asks does GitHub list the private ones. A token that may not ask who it is has other repositories to see.
	if self, err := c.Self(ctx); err == nil && strings.EqualFold(self.Login, owner) {
		return "user/repos?affiliation=owner" + order, "", nil
	}
	return "users/" + url.PathEscape(owner) + "/repos?type=owner" + order, "", nil
}

// isOrganisation tells organisations from users. Neither turns into the other, so it is asked once.
func (c *Client) isOrganisation(ctx context.Context, owner string) (bool, error) {
	key := strings.ToLower(owner)
	c.mu.Lock()
	is, ok := c.organisations[key]
	c.mu.Unlock()
	if ok {
		return is, nil
	}
	client, err := c.For(ctx, owner)
	if err != nil {
		return false, err
	}
	u, _, err := client.Users.Get(ctx, owner)
	if isNotFound(err) {
		return false, fmt.Errorf("there is no organisation or user %s at GitHub", owner)
	}
	if err != nil {
		return false, fmt.Errorf("ask GitHub who %s is: %w", owner, plainly(err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.organisations[key] = u.GetType() == "Organization"
	return c.organisations[key], nil
}
