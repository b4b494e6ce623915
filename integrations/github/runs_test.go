package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/testruns"
)

const oneRun = `{"id":7,"run_attempt":2,"name":"CI","path":".github/workflows/ci.yml@refs/heads/main","workflow_id":3,
	"head_branch":"main","head_sha":"4f2c1ab","display_title":"Round","event":"push","status":"completed","conclusion":"failure",
	"html_url":"https://github.com/acme/payments/actions/runs/7","created_at":"2026-11-20T10:00:00Z","run_started_at":"2026-11-20T11:00:00Z",
	"updated_at":"2026-11-20T11:05:00Z","actor":{"login":"carol"},"head_repository":{"full_name":"Acme/payments"},
	"head_commit":{"message":"Round vouchers\n\nlong","author":{"name":"Carol"}},"repository":{"full_name":"acme/payments"}}`

var wantRun = testruns.Run{RunKey: testruns.RunKey{ID: 7, Attempt: 2}, Repo: "acme/payments", Workflow: ".github/workflows/ci.yml", Name: "CI",
	Branch: "main", Commit: "4f2c1ab", Title: "Round vouchers", Author: "Carol", Login: "carol", Event: "push", Conclusion: "failure",
	URL:     "https://github.com/acme/payments/actions/runs/7",
	Started: time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC), Completed: time.Date(2026, 11, 20, 11, 5, 0, 0, time.UTC)}

func TestCompletedRunsCostNothingWhileNothingChanged(t *testing.T) {
	fork := strings.ReplaceAll(oneRun, "Acme/payments", "mallory/payments")
	pull := strings.ReplaceAll(oneRun, `"push"`, `"pull_request_target"`)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		require.Equal(t, "release/1&2", r.URL.Query().Get("branch"))
		require.Equal(t, "completed", r.URL.Query().Get("status"))
		_, err := fmt.Fprintf(w, `{"total_count":3,"workflow_runs":[%s,%s,%s]}`, oneRun, fork, pull)
		require.NoError(t, err)
	})
	runs := NewTestRuns(c)
	for range 2 { // without a tag the answer is never taken from memory
		page, err := runs.CompletedRuns(t.Context(), "acme/payments", "release/1&2", 1, "")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(testruns.RunPage{Runs: []testruns.Run{wantRun}, Tag: `"v1"`}, page), "those of forks and pull requests are others'")
	}
	page, err := runs.CompletedRuns(t.Context(), "acme/payments", "release/1&2", 1, `"v1"`)
	require.NoError(t, err)
	require.True(t, page.Unchanged)
}

func TestRunAndAttempt(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v3/repos/acme/payments/actions/runs/7", "/api/v3/repos/acme/payments/actions/runs/7/attempts/2":
			_, err := io.WriteString(w, oneRun)
			require.NoError(t, err)
		case "/api/v3/repos/acme/payments":
			_, err := io.WriteString(w, `{"default_branch":"trunk"}`)
			require.NoError(t, err)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	runs := NewTestRuns(c)
	run, completed, err := runs.Run(t.Context(), "acme/payments", 7)
	require.NoError(t, err)
	require.True(t, completed)
	require.Empty(t, cmp.Diff(wantRun, run))
	run, err = runs.RunAttempt(t.Context(), "acme/payments", testruns.RunKey{ID: 7, Attempt: 2})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(wantRun, run))
	_, _, err = runs.Run(t.Context(), "acme/payments", 8)
	require.ErrorIs(t, err, testruns.ErrNotFound)
	branch, err := runs.DefaultBranch(t.Context(), "acme/payments")
	require.NoError(t, err)
	require.Equal(t, "trunk", branch)
	_, err = runs.DefaultBranch(t.Context(), "acme/ghost")
	require.ErrorIs(t, err, testruns.ErrNotFound)
	_, err = runs.DefaultBranch(t.Context(), "nonsense")
	require.ErrorContains(t, err, "not a repository")
}

func TestArtifactsOfAllPages(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		if page != "2" {
			w.Header().Set("Link", `<http://`+r.Host+r.URL.Path+`?per_page=100&page=2>; rel="next"`)
		}
		_, err := fmt.Fprintf(w, `{"artifacts":[{"id":%s1,"name":"junit","size_in_bytes":5,"expired":true,"created_at":"2026-11-20T11:05:00Z"}]}`, page)
		require.NoError(t, err)
	})
	found, err := NewTestRuns(c).Artifacts(t.Context(), "acme/payments", 7)
	require.NoError(t, err)
	want := testruns.Artifact{ID: 11, Name: "junit", Size: 5, Expired: true, Created: wantRun.Completed}
	other := want
	other.ID = 21
	require.Empty(t, cmp.Diff([]testruns.Artifact{want, other}, found))
}

func TestDownloadFollowsToStorageWithoutTheToken(t *testing.T) {
	answers := map[string]int{}
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Empty(t, r.Header.Get("Authorization"))
		answers[r.URL.Path]++
		switch {
		case r.URL.Path == "/late" && answers["/late"] == 1:
			w.WriteHeader(http.StatusForbidden) // the signed address has run out
		case r.URL.Path == "/gone":
			w.WriteHeader(http.StatusGone)
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusForbidden)
		default:
			_, err := io.WriteString(w, "PK")
			require.NoError(t, err)
		}
	}))
	t.Cleanup(storage.Close)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path := map[string]string{"1": "/good", "2": "/late", "3": "/gone", "5": "/broken"}[strings.Split(r.URL.Path, "/")[8]]
		if path == "" {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.Header().Set("Location", storage.URL+path+"?sig=secret")
		w.WriteHeader(http.StatusFound)
	})
	download := func(id int64) (string, error) {
		var got []byte
		err := NewTestRuns(c).Download(t.Context(), "acme/payments", id, func(r io.Reader) (err error) {
			got, err = io.ReadAll(r)
			return err
		})
		return string(got), err
	}
	for _, id := range []int64{1, 2} {
		got, err := download(id)
		require.NoError(t, err)
		require.Equal(t, "PK", got)
	}
	for _, id := range []int64{3, 4} { // gone from storage, gone from GitHub
		_, err := download(id)
		require.ErrorIs(t, err, testruns.ErrGone)
	}
	_, err := download(5)
	require.ErrorContains(t, err, "storage answered 403")
	require.NotContains(t, err.Error(), "secret")
	bad := errors.New("no report")
	require.ErrorIs(t, NewTestRuns(c).Download(t.Context(), "acme/payments", 1, func(io.Reader) error { return bad }), bad)

	storage.Close()
	_, err = download(1)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret", "who has the address can read the artifact")
}

func TestALimitAsksForAPause(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusForbidden)
	})
	_, err := NewTestRuns(c).CompletedRuns(t.Context(), "acme/payments", "main", 1, "")
	var pause interface{ RetryAt() time.Time }
	require.ErrorAs(t, err, &pause)
	require.WithinDuration(t, time.Now().Add(30*time.Second), pause.RetryAt(), 10*time.Second)
}
