package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRefusalsOfADispatch(t *testing.T) {
	p := start(t, "")
	const path = "/repos/acme/platform/actions/workflows/deploy-env.yml/dispatches"
	good := `{"component":"payments","environment":"e","action":"deploy","bellhop_id":"1"}`
	many := make([]string, 26)
	for i := range many {
		many[i] = fmt.Sprintf(`"i%d":"x"`, i)
	}
	for name, c := range map[string]struct {
		body, message string
	}{
		"no such ref":        {`{"ref":"nope","inputs":` + good + `}`, "No ref found for: nope"},
		"a commit":           {`{"ref":"` + p.st.repo("acme/platform").branches["main"] + `"}`, "No ref found for: "},
		"no ref":             {`{"inputs":{}}`, `\"ref\" wasn't supplied.`},
		"unknown input":      {`{"ref":"main","inputs":{"foo":"1","bar":"2"}}`, `Unexpected inputs provided: [\"bar\", \"foo\"]`},
		"missing input":      {`{"ref":"main","inputs":{"environment":"e"}}`, "Required input 'component' not provided"},
		"bad choice":         {`{"ref":"main","inputs":` + strings.Replace(good, "deploy", "explode", 1) + `}`, "Provided value 'explode' for input 'action' not in the list of allowed values"},
		"too many":           {`{"ref":"main","inputs":{` + strings.Join(many, ",") + `}}`, "No more than 25 properties"},
		"too long":           {`{"ref":"main","inputs":` + strings.Replace(good, "payments", strings.Repeat("x", 66_000), 1) + `}`, "inputs are too large."},
		"an unknown key":     {`{"ref":"main","return_run_detail":true}`, `\"return_run_detail\" is not a permitted key.`},
		"an object as input": {`{"ref":"main","inputs":{"component":{}}}`, "is not a string"},
	} {
		answer, body := p.raw("POST", path, "ghp_demo", c.body)
		assert.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode, name)
		assert.Contains(t, body, c.message, name)
	}
	answer, _ := p.raw("POST", path, "ghp_demo", "{")
	assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
	answer, body := p.raw("POST", "/repos/acme/payments/actions/workflows/ci.yml/dispatches", "ghp_demo", `{"ref":"main"}`)
	assert.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
	assert.Contains(t, body, "Workflow does not have 'workflow_dispatch' trigger")
	answer, _ = p.raw("POST", strings.Replace(path, "deploy-env", "nope", 1), "ghp_demo", `{"ref":"main"}`)
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
	answer, _ = p.raw("POST", path, "ghp_demo", `{"ref":"main","inputs":`+good+`}`)
	assert.Equal(t, http.StatusNoContent, answer.StatusCode)

	p.post("options", map[string]any{"return_run_details": false})
	answer, body = p.raw("POST", path, "ghp_demo", `{"ref":"main","return_run_details":true,"inputs":`+good+`}`)
	assert.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
	assert.Contains(t, body, `\"return_run_details\" is not a permitted key.`)
}

func TestWhoMayWhat(t *testing.T) {
	p := start(t, "")
	const dispatch = "/repos/acme/platform/actions/workflows/deploy-env.yml/dispatches"
	for _, c := range []struct {
		method, path, token string
		status              int
		message             string
	}{
		{"GET", "/repos/acme/payments", "", 404, "Not Found"},
		{"GET", "/repos/acme/payments", "ghp_outsider", 404, "Not Found"},
		{"GET", "/repos/acme/payments", "ghp_wrong", 401, "Bad credentials"},
		{"GET", "/repos/acme/payments", "ghp_readonly", 200, ""},
		{"GET", "/repos/acme/deploy-tools", "", 200, ""},
		{"GET", "/user", "", 401, "Requires authentication"},
		{"POST", dispatch, "ghp_readonly", 403, "Must have admin rights to Repository."},
		{"POST", dispatch, "github_pat_noactions", 403, "Resource not accessible by personal access token"},
		{"GET", "/repos/acme/nope", "ghp_demo", 404, "Not Found"},
		{"GET", "/nothing/here", "ghp_demo", 404, ""},
		{"PUT", "/repos/acme/payments/branches", "ghp_demo", 404, "Not Found"},
	} {
		if c.path == "/nothing/here" {
			c.path = "/repos/acme/payments/nothing"
		}
		answer, body := p.raw(c.method, "/api/v3"+c.path, c.token, "")
		assert.Equal(t, c.status, answer.StatusCode, "%s as %s", c.path, c.token)
		assert.Contains(t, body, c.message)
		if c.status >= 400 {
			assert.Contains(t, body, `"documentation_url":"https://docs.github.com/rest`)
		}
	}
}

func TestConditionalRequestsAreFree(t *testing.T) {
	p := start(t, "")
	const path = "/repos/acme/payments/actions/runs?per_page=2&page=20"
	first, _ := p.raw("GET", path, "ghp_demo", "")
	tag := first.Header.Get("Etag")
	require.NotEmpty(t, tag)
	left := first.Header.Get("X-Ratelimit-Remaining")
	again, body := p.raw("GET", path, "ghp_demo", "", "If-None-Match", tag)
	assert.Equal(t, http.StatusNotModified, again.StatusCode)
	assert.Empty(t, body)
	assert.Equal(t, left, again.Header.Get("X-Ratelimit-Remaining"))
	other, _ := p.raw("GET", path, "ghp_alice", "", "If-None-Match", tag)
	assert.Equal(t, http.StatusOK, other.StatusCode, "a tag is good for its token only")
	p.post("run", map[string]any{"repo": "acme/payments"})
	changed, _ := p.raw("GET", path, "ghp_demo", "", "If-None-Match", tag)
	assert.Equal(t, http.StatusOK, changed.StatusCode)
}

func TestLimits(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	p.post("options", map[string]any{"hourly": 3})
	for range 3 {
		_, _, err := p.client.Repositories.Get(ctx, "acme", "cart")
		require.NoError(t, err)
	}
	_, _, err := p.as("ghp_demo").Repositories.Get(ctx, "acme", "cart")
	var primary *gh.RateLimitError
	require.ErrorAs(t, err, &primary)
	limits, _, err := p.as("ghp_demo").RateLimit.Get(ctx)
	require.NoError(t, err)
	assert.Zero(t, limits.GetCore().Remaining)
	p.after(time.Hour + time.Second)
	_, _, err = p.as("ghp_demo").Repositories.Get(ctx, "acme", "cart")
	require.NoError(t, err)

	p.post("options", map[string]any{"hourly": 5000, "points_per_minute": 2})
	client := p.as("ghp_alice")
	_, _, err = client.Repositories.Get(ctx, "acme", "cart")
	require.NoError(t, err)
	_, err = client.Actions.CreateWorkflowDispatchEventByFileName(ctx, "acme", "platform", workflowFile, gh.CreateWorkflowDispatchEventRequest{Ref: "main"})
	var secondary *gh.AbuseRateLimitError
	require.ErrorAs(t, err, &secondary)
	assert.Equal(t, time.Minute, secondary.GetRetryAfter())
}

func TestFaults(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	get := func() error {
		_, _, err := p.as("ghp_demo").Repositories.Get(ctx, "acme", "cart")
		return err
	}
	p.post("fault", map[string]any{"path": "^/repos/acme/cart$", "times": 2, "status": 500})
	require.ErrorContains(t, get(), "500")
	require.ErrorContains(t, get(), "500")
	require.NoError(t, get())
	p.post("fault", map[string]any{"path": "cart", "rate_limit": "primary", "retry_after": 30})
	var primary *gh.RateLimitError
	require.ErrorAs(t, get(), &primary)
	assert.WithinDuration(t, p.Now().Add(30*time.Second), primary.Rate.Reset.Time, 2*time.Second)
	p.post("fault", map[string]any{"path": "cart", "rate_limit": "secondary", "retry_after": 7})
	var secondary *gh.AbuseRateLimitError
	require.ErrorAs(t, get(), &secondary)
	p.post("fault", map[string]any{"path": "cart", "status": 429, "retry_after": 3, "body": map[string]any{"message": "slow down"}})
	require.ErrorContains(t, get(), "slow down")
	assert.Equal(t, false, p.post("fault", map[string]any{"path": "["})["ok"])
	assert.Equal(t, false, p.post("fault", map[string]any{"nonsense": 1})["ok"])
}

func TestALostAnswerHasActed(t *testing.T) {
	p := start(t, "")
	p.post("fault", map[string]any{"path": "/dispatches$", "method": "POST", "drop_answer": true})
	_, err := p.client.Actions.CreateWorkflowDispatchEventByFileName(context.Background(), "acme", "platform", workflowFile,
		gh.CreateWorkflowDispatchEventRequest{Ref: "main", Inputs: inputsFor("feature-x", "deploy")})
	require.Error(t, err)
	var network *url.Error
	require.True(t, errors.As(err, &network), "%v", err)
	p.after(listLag)
	runs, _, err := p.client.Actions.ListWorkflowRunsByFileName(context.Background(), "acme", "platform", workflowFile,
		&gh.ListWorkflowRunsOptions{Event: "workflow_dispatch"})
	require.NoError(t, err)
	require.Len(t, runs.WorkflowRuns, 1)
	assert.Contains(t, runs.WorkflowRuns[0].GetDisplayTitle(), "[bh-feature-x]")
}

func TestAnswersAreDatedByThePlaygroundsClock(t *testing.T) {
	p := start(t, "")
	p.after(8 * time.Hour)
	answer, _ := p.raw(http.MethodGet, "/repos/acme/payments", "ghp_demo", "")
	date, err := http.ParseTime(answer.Header.Get("Date"))
	require.NoError(t, err)
	require.WithinDuration(t, p.clock.Now(), date, 2*time.Second)
}
