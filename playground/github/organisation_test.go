package github

import (
	"context"
	"net/http"
	"testing"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnOrganisationByRule(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	made := p.post("organisation", map[string]any{"login": "globex", "repos": 120, "archived": 3, "empty": 2, "teams": 4, "people": 10})
	require.Equal(t, true, made["ok"], made)
	assert.EqualValues(t, 125, made["repos"])
	assert.Equal(t, "login is already taken", p.post("organisation", map[string]any{"login": "alice"})["error"])

	var all []*gh.Repository
	o := &gh.RepositoryListByOrgOptions{Sort: "full_name", ListOptions: gh.ListOptions{PerPage: 100}}
	for {
		list, answer, err := p.client.Repositories.ListByOrg(ctx, "globex", o)
		require.NoError(t, err)
		all = append(all, list...)
		if o.Page = answer.NextPage; o.Page == 0 {
			break
		}
	}
	require.Len(t, all, 125)
	assert.Equal(t, "globex/archived-001", all[0].GetFullName())
	assert.True(t, all[0].GetArchived())
	assert.Equal(t, "globex", all[0].GetOwner().GetLogin())
	file, _, _, err := p.client.Repositories.GetContents(ctx, "globex", "service-003", "catalog-info.yaml", nil)
	require.NoError(t, err)
	text, err := file.GetContent()
	require.NoError(t, err)
	assert.Contains(t, text, "github.com/project-slug: globex/service-003")
	assert.Contains(t, text, "dependsOn: [component:service-002]")

	// A repository without a commit.
	for path, status := range map[string]int{"contents": 404, "contents/catalog-info.yaml": 404, "commits": 409, "git/trees/main": 409, "languages": 200,
		"branches": 200, "teams": 200} {
		answer, body := p.raw("GET", "/repos/globex/empty-001/"+path, "ghp_demo", "")
		assert.Equal(t, status, answer.StatusCode, "%s: %s", path, body)
	}
	again, _ := p.reopen()
	assert.Len(t, again.st.order, len(p.st.order))
	assert.NotNil(t, again.st.repo("globex/service-120"))
}

func TestTeamsUnderTeams(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	require.Equal(t, true, p.post("team", map[string]any{"team": "engineering", "name": "Engineering", "description": "All who build", "rights": map[string]string{
		"payments": "admin"}})["ok"])
	require.Equal(t, true, p.post("team", map[string]any{"team": "team-ledger", "parent": "engineering", "remove": []string{"carol"}, "add": []string{"gita"}})["ok"])
	for body, refusal := range map[string]map[string]any{
		"nobody is called":         {"team": "identity", "add": []string{"nobody"}},
		"would stand above itself": {"team": "engineering", "parent": "team-ledger"},
		"there is no team":         {"team": "nope", "delete": true},
		"is none of":               {"team": "identity", "rights": map[string]string{"payments": "own"}},
		"no such repository":       {"team": "identity", "rights": map[string]string{"nope": "pull"}},
		"team is missing":          {},
	} {
		assert.Contains(t, p.post("team", refusal)["error"], body)
	}
	team, _, err := p.client.Teams.GetTeamBySlug(ctx, "acme", "team-ledger")
	require.NoError(t, err)
	assert.Equal(t, "engineering", team.GetParent().GetSlug())
	members, _, err := p.client.Teams.ListTeamMembersBySlug(ctx, "acme", "engineering", nil)
	require.NoError(t, err)
	var logins []string
	for _, m := range members {
		logins = append(logins, m.GetLogin())
	}
	assert.Equal(t, []string{"alice", "bob", "gita"}, logins, "those of the teams under it")
	children, _, err := p.client.Teams.ListChildTeamsByParentSlug(ctx, "acme", "engineering", nil)
	require.NoError(t, err)
	assert.Len(t, children, 1)
	repos, _, err := p.client.Teams.ListTeamReposBySlug(ctx, "acme", "team-ledger", nil)
	require.NoError(t, err)
	require.Len(t, repos, 1)
	assert.Equal(t, "admin", repos[0].GetRoleName(), "what the team above it may")
	assert.True(t, repos[0].GetPermissions()["maintain"])
	level, _, err := p.client.Repositories.GetPermissionLevel(ctx, "acme", "payments", "alice")
	require.NoError(t, err)
	assert.Equal(t, "admin", level.GetPermission())
	require.Equal(t, true, p.post("team", map[string]any{"team": "engineering", "delete": true})["ok"])
	_, answer, err := p.client.Teams.GetTeamBySlug(ctx, "acme", "team-ledger")
	require.Error(t, err, "a team goes with the one above it")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
}

func TestRepositoriesOfAPerson(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	require.Equal(t, true, p.post("repo", map[string]any{"name": "alice/dotfiles", "public": true})["ok"])
	require.Equal(t, true, p.post("repo", map[string]any{"name": "alice/diary"})["ok"])
	_, answer, err := p.client.Organizations.Get(ctx, "alice")
	require.Error(t, err)
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
	list, _, err := p.client.Repositories.ListByUser(ctx, "alice", nil)
	require.NoError(t, err)
	require.Len(t, list, 1, "what is private, its owner alone sees")
	assert.Equal(t, "User", list[0].GetOwner().GetType())
	list, _, err = p.as("ghp_alice").Repositories.ListByUser(ctx, "alice", nil)
	require.NoError(t, err)
	assert.Len(t, list, 2)
}

func TestARepositoryChanges(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	require.Equal(t, true, p.post("repo", map[string]any{"repo": "acme/cart", "rename": "basket", "archive": true})["ok"])
	answer, _ := p.raw("GET", "/repos/acme/cart/contents/README.md?ref=main", "ghp_demo", "")
	assert.Equal(t, http.StatusMovedPermanently, answer.StatusCode)
	to := answer.Header.Get("Location")
	assert.Regexp(t, `/api/v3/repositories/\d+/contents/README.md\?ref=main$`, to)
	file, _, _, err := p.client.Repositories.GetContents(ctx, "acme", "cart", "README.md", nil)
	require.NoError(t, err, "the client follows")
	assert.Equal(t, "README.md", file.GetName())
	r, _, err := p.client.Repositories.Get(ctx, "acme", "cart")
	require.NoError(t, err)
	assert.Equal(t, "acme/basket", r.GetFullName())
	assert.True(t, r.GetArchived())
	answer, _ = p.raw("GET", "/repos/acme/cart", "ghp_outsider", "")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode, "who may not see it is not told that it has moved")
	require.Equal(t, true, p.post("repo", map[string]any{"repo": "acme/basket", "delete": true})["ok"])
	_, answer2, err := p.client.Repositories.Get(ctx, "acme", "cart")
	require.Error(t, err)
	assert.Equal(t, http.StatusNotFound, answer2.StatusCode)
	assert.Equal(t, "no such repository", p.post("repo", map[string]any{"repo": "acme/basket", "archive": true})["error"])
	again, _ := p.reopen()
	assert.Nil(t, again.st.repo("acme/basket"))
}

func TestSymbolicLinks(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	require.Equal(t, true, p.post("push", map[string]any{"repo": "acme/cart", "links": map[string]string{"docs/inside.md": "../README.md",
		"outside.yaml": "../../etc/passwd"}})["ok"])
	inside, _, _, err := p.client.Repositories.GetContents(ctx, "acme", "cart", "docs/inside.md", nil)
	require.NoError(t, err)
	assert.Equal(t, "file", inside.GetType(), "GitHub gives what it leads to")
	text, err := inside.GetContent()
	require.NoError(t, err)
	assert.Contains(t, text, "# Cart")
	outside, _, _, err := p.client.Repositories.GetContents(ctx, "acme", "cart", "outside.yaml", nil)
	require.NoError(t, err)
	assert.Equal(t, "symlink", outside.GetType())
	assert.Equal(t, "../../etc/passwd", outside.GetTarget())
	_, list, _, err := p.client.Repositories.GetContents(ctx, "acme", "cart", "docs", nil)
	require.NoError(t, err)
	assert.Equal(t, "symlink", list[len(list)-1].GetType())
	tree, _, err := p.client.Git.GetTree(ctx, "acme", "cart", "main", true)
	require.NoError(t, err)
	modes := map[string]string{}
	for _, e := range tree.Entries {
		modes[e.GetPath()] = e.GetMode()
	}
	assert.Equal(t, "120000", modes["outside.yaml"])
	assert.Equal(t, "100644", modes["README.md"])
	// It stays one when something else changes, and ends when a file takes its place.
	require.Equal(t, true, p.post("push", map[string]any{"repo": "acme/cart"})["ok"])
	assert.True(t, p.st.repo("acme/cart").head("main").links["outside.yaml"])
	content := "kind: Component\n"
	require.Equal(t, true, p.post("push", map[string]any{"repo": "acme/cart", "files": map[string]*string{"outside.yaml": &content}})["ok"])
	assert.False(t, p.st.repo("acme/cart").head("main").links["outside.yaml"])
}

// An installation knows its own organisation only.
func TestAnInstallationForEachOrganisation(t *testing.T) {
	p := start(t, "")
	require.Equal(t, true, p.post("organisation", map[string]any{"login": "globex", "repos": 2, "teams": 1})["ok"])
	token := func(org string) string {
		t.Helper()
		o := p.st.organisation(org)
		made, err := p.mint("ghs_", issued{Owner: o.login, Expires: 1 << 40, Permissions: p.config.World.App.Permissions})
		require.NoError(t, err)
		return made
	}
	for path, status := range map[string]int{"/repos/globex/service-001": 200, "/orgs/globex/teams": 200, "/repos/acme/payments": 404, "/orgs/acme/teams": 404} {
		answer, body := p.raw("GET", path, token("globex"), "")
		assert.Equal(t, status, answer.StatusCode, "%s: %s", path, body)
	}
	answer, _ := p.raw("GET", "/repos/globex/service-001", token("acme"), "")
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
}
