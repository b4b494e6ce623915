package github_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/integrations/github"
)

// discovery asks the playground's GitHub, and counts.
func (w *world) discovery() (*github.Discovery, *counted) {
	way := &counted{}
	client, err := github.New(github.Options{APIURL: w.url + "/api/v3/", Token: "ghp_demo", Clock: timeless{w.clock}, Transport: way})
	require.NoError(w.t, err)
	return github.NewDiscovery(client), way
}

// anew wants all repositories and knows nothing of them.
func anew(string) (string, bool) { return "", true }

func bySlug(found catalog.Discovered) map[string]catalog.DiscoveredRepository {
	all := map[string]catalog.DiscoveredRepository{}
	for _, r := range found.Repositories {
		all[r.Slug] = r
	}
	return all
}

func TestWhatGitHubKnowsOfAnOrganisation(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.control("team", map[string]any{"team": "mail", "name": "Mail", "parent": "platform-team", "add": []string{"erin"}})
	require.NoError(t, w.clock.Advance(time.Hour)) // so that pushes have settled
	d, way := w.discovery()
	found, err := d.Discover(ctx, "acme", anew)
	require.NoError(t, err)

	repositories := bySlug(found)
	mailer := repositories["acme/legacy-mailer"]
	require.Equal(t, "platform-team", mailer.Team)
	require.Regexp(t, `^CODEOWNERS line \d+$`, mailer.Because)
	require.NotEmpty(t, mailer.Description)
	require.NotEmpty(t, mailer.Language)
	scraper := repositories["acme/price-scraper"]
	require.Equal(t, "team with most rights (admin)", scraper.Because)
	require.Equal(t, "storefront", scraper.Team)
	require.True(t, repositories["acme/old-shop"].Archived)

	teams := map[string]catalog.DiscoveredTeam{}
	for _, one := range found.Teams {
		teams[one.Slug] = one
	}
	require.Equal(t, "platform-team", teams["mail"].Parent)
	require.Contains(t, teams["team-ledger"].Members, "alice")
	require.Contains(t, teams["platform-team"].Members, "erin", "a team's people are those of the teams below too")
	names := map[string]string{}
	for _, m := range found.Members {
		names[m.Login] = m.Name
	}
	require.NotEmpty(t, names["alice"])

	way.since()
	again, err := d.Discover(ctx, "acme", anew)
	require.NoError(t, err)
	require.Equal(t, found, again)
	counts, _ := way.since()
	require.Zero(t, counts, "what has not changed costs nothing")

	// After a restart notes stand in for the memory, and what descriptors speak for is not looked into.
	notes := map[string]string{}
	for _, r := range found.Repositories {
		notes[r.Slug] = r.Note
	}
	for _, m := range found.Members {
		notes["@"+m.Login] = m.Note
	}
	restarted, restartedWay := w.discovery()
	known, err := restarted.Discover(ctx, "acme", func(name string) (string, bool) { return notes[name], name != "acme/payments" })
	require.NoError(t, err)
	require.Equal(t, found, known)
	_, asked := restartedWay.since()
	require.Equal(t, 16, asked, "whose acme is, the lists of repositories, teams and people, and two of each of six teams")

	one, err := d.Repository(ctx, "acme/legacy-mailer")
	require.NoError(t, err)
	mailer.Note = ""
	require.Equal(t, mailer, one)
	_, err = d.Repository(ctx, "acme/none")
	var told *chat.UserError
	require.ErrorAs(t, err, &told)
}

func TestWhatGitHubKnowsOfAPerson(t *testing.T) {
	w := newWorld(t)
	w.control("repo", map[string]any{"name": "alice/dotfiles", "public": true, "files": map[string]string{"README.md": "x"}})
	w.control("repo", map[string]any{"name": "alice/shared", "public": true, "files": map[string]string{"CODEOWNERS": "*.md @alice\n* a@b.example @bob\n"}})
	d, _ := w.discovery()
	found, err := d.Discover(context.Background(), "alice", anew)
	require.NoError(t, err)
	require.Empty(t, found.Teams)
	require.Len(t, found.Members, 1)
	repositories := bySlug(found)
	require.Equal(t, "alice", repositories["alice/dotfiles"].Login)
	require.Equal(t, "repository of alice", repositories["alice/dotfiles"].Because)
	require.Equal(t, "bob", repositories["alice/shared"].Login)
	require.Equal(t, "CODEOWNERS line 2", repositories["alice/shared"].Because)
	_, err = d.Discover(context.Background(), "nobody-at-all", anew)
	require.EqualError(t, err, "there is no organisation or user nobody-at-all at GitHub")
}

func TestCodeownersAndCommitters(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.control("repo", map[string]any{"name": "owned", "files": map[string]string{"docs/CODEOWNERS": "* @acme/team-ledger\n", "a/x.go": "x"}})
	w.control("push", map[string]any{"repo": "acme/owned", "author": "bob", "files": map[string]string{"a/x.go": "y"}})
	way := &counted{}
	client, err := github.New(github.Options{APIURL: w.url + "/api/v3/", Token: "ghp_demo", Clock: timeless{w.clock}, Transport: way})
	require.NoError(t, err)
	for range 2 {
		file, path, err := client.Codeowners(ctx, "acme/owned")
		require.NoError(t, err)
		require.Equal(t, "docs/CODEOWNERS", path)
		rule, ok := file.Match("a/x.go")
		require.True(t, ok)
		require.Equal(t, []string{"@acme/team-ledger"}, rule.Owners)
	}
	_, asked := way.since()
	require.Equal(t, 3, asked, "a minute long nothing is asked again")
	_, path, err := client.Codeowners(ctx, "acme/price-scraper")
	require.NoError(t, err)
	require.Empty(t, path)
	_, _, err = client.Codeowners(ctx, "acme/none")
	require.EqualError(t, err, "there is no repository acme/none, or Bellhop's credentials may not see it")

	since := clock.Clock(w.clock).Now().Add(-time.Hour)
	all, err := client.Committers(ctx, "acme/owned", "", since)
	require.NoError(t, err)
	require.Contains(t, logins(all), "bob")
	some, err := client.Committers(ctx, "acme/owned", "docs", since)
	require.NoError(t, err)
	require.NotContains(t, logins(some), "bob")
	none, err := client.Committers(ctx, "acme/owned", "", w.clock.Now().Add(48*time.Hour))
	require.NoError(t, err)
	require.Empty(t, none)
}

func logins(committers []catalog.Committer) (all []string) {
	for _, c := range committers {
		all = append(all, c.Login)
	}
	return all
}

// TestARepositoryThatGitHubBlocksHoldsNothingUp holds what is refused apart from what could not be read.
func TestARepositoryThatGitHubBlocksHoldsNothingUp(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	d, _ := w.discovery()
	const blocked = "^/repos/acme/legacy-mailer/git/trees/"
	w.control("fault", map[string]any{"path": blocked, "status": 451, "times": 1})
	found, err := d.Discover(ctx, "acme", anew)
	require.NoError(t, err)
	require.NotEmpty(t, found.Repositories)
	w.control("fault", map[string]any{"path": blocked, "status": 502, "times": 10})
	_, err = d.Discover(ctx, "acme", anew)
	require.ErrorContains(t, err, "look into acme/legacy-mailer: GitHub answered 502")
}
