package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/environments"
	"bellhop/integrations/github"
)

// stubborn is GitHub with fixed answers by path, in the shapes of its documentation.
func stubborn(t *testing.T, answers map[string]string) *github.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = `{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}`
		}
		status, body, coded := strings.Cut(answer, " ")
		if code := map[string]int{"401": 401, "403": 403, "422": 422, "500": 500}[status]; coded && code != 0 {
			w.WriteHeader(code)
			answer = body
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	c, err := github.New(github.Options{APIURL: server.URL, Token: "t", Clock: hurried{}})
	require.NoError(t, err)
	return c
}

// hurried shows the real time and never waits.
type hurried struct{ clock.Real }

func (hurried) Wait(ctx context.Context, _ time.Time) error { return ctx.Err() }

func TestPullRequestsOfForks(t *testing.T) {
	ctx := context.Background()
	r := github.NewRepositories(stubborn(t, map[string]string{
		"/repos/acme/payments/pulls/1":     `{"number":1,"state":"open","head":{"ref":"main","sha":"aaa","repo":{"full_name":"mallory/payments"}}}`,
		"/repos/acme/payments/pulls/2":     `{"number":2,"state":"open","head":{"ref":"main","sha":"aaa","repo":null}}`,
		"/repos/acme/payments/pulls/3":     `{"number":3,"state":"closed","title":"T","head":{"ref":"x","sha":"bbb","repo":{"full_name":"Acme/Payments"}}}`,
		"/repos/acme/payments/commits/bbb": `{"sha":"bbb","commit":{"message":"Subject\n\nBody","author":{"name":"Alice"}}}`,
	}))
	for number, fork := range map[int]string{1: "mallory/payments", 2: "a repository that is gone"} {
		pull, err := r.PullRequest(ctx, "acme/payments", number)
		require.NoError(t, err)
		require.Equal(t, fork, pull.Fork)
		require.Empty(t, pull.Head.SHA)
	}
	pull, err := r.PullRequest(ctx, "acme/payments", 3)
	require.NoError(t, err)
	require.Empty(t, pull.Fork)
	require.False(t, pull.Open)
	require.Equal(t, "Subject", pull.Head.Subject)
}

func TestTags(t *testing.T) {
	ctx := context.Background()
	r := github.NewRepositories(stubborn(t, map[string]string{
		"/repos/acme/payments/git/ref/tags/v1":  `{"ref":"refs/tags/v1","object":{"type":"commit","sha":"aaa"}}`,
		"/repos/acme/payments/git/ref/tags/v2":  `{"ref":"refs/tags/v2","object":{"type":"tag","sha":"ttt"}}`,
		"/repos/acme/payments/git/tags/ttt":     `{"tag":"v2","object":{"type":"commit","sha":"bbb"}}`,
		"/repos/acme/payments/commits/aaa":      `{"sha":"aaa","commit":{"message":"One","author":{"name":"Alice"}}}`,
		"/repos/acme/payments/commits/bbb":      `{"sha":"bbb","author":{"login":"bob"},"commit":{"message":"Two"}}`,
		"/repos/acme/payments/commits/deadbeef": `422 {"message":"No commit found for SHA: deadbeef"}`,
	}))
	for ref, want := range map[string]string{"v1": "aaa", "v2": "bbb"} {
		commit, err := r.Resolve(ctx, "acme/payments", ref)
		require.NoError(t, err)
		require.Equal(t, want, commit.SHA)
	}
	bob, err := r.Resolve(ctx, "acme/payments", "v2")
	require.NoError(t, err)
	require.Equal(t, "bob", bob.Author, "a login where git has no name")
	_, err = r.Resolve(ctx, "acme/payments", "deadbeef")
	require.ErrorIs(t, err, environments.ErrNotFound)
}

func TestGitHubsOwnTrouble(t *testing.T) {
	ctx := context.Background()
	c := stubborn(t, map[string]string{
		"/repos/acme/payments/branches/main":    `500 {"message":"Server Error"}`,
		"/repos/acme/payments/actions/runs/1":   `500 {"message":"Server Error"}`,
		"/repos/acme/payments/actions/runs/401": `401 {"message":"Bad credentials"}`,
		"/repos/acme/payments/actions/runs/403": `403 {"message":"Resource not accessible by integration"}`,
	})
	_, err := github.NewRepositories(c).Resolve(ctx, "acme/payments", "main")
	require.ErrorIs(t, err, environments.ErrUnavailable)
	require.ErrorContains(t, err, "GitHub answered 500 to GET /repos/acme/payments/branches/main: Server Error")
	d := github.NewDeployRuns(c)
	_, err = d.Run(ctx, "acme/payments", 1)
	require.ErrorIs(t, err, environments.ErrUnavailable)
	require.NotContains(t, err.Error(), "http://", "no line of the protocol")
	_, err = c.Self(ctx)
	require.ErrorContains(t, err, "GitHub answered 404 to GET /user: Not Found")
	for id, words := range map[int64]string{401: "it does not accept Bellhop's credentials (Bad credentials)", 403: "Resource not accessible by integration"} {
		_, err = d.Run(ctx, "acme/payments", id)
		var refused *environments.Refused
		require.True(t, errors.As(err, &refused), id)
		require.Contains(t, refused.Message, words)
	}
}
