package github

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellhop/clock"

	gh "github.com/google/go-github/v60/github"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// view is what a client could see of every run, in one string.
func (s *Server) view(t *testing.T, now time.Time) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.advance(now)
	c := &call{s: s, st: s.st, now: s.st.now, who: &principal{kind: "user", access: "write"}}
	var all []any
	for _, r := range s.st.runOrder {
		c.repo = r.repo
		for _, a := range r.visible(c.now) {
			all = append(all, c.runOf(r, a))
			for _, j := range a.jobs {
				all = append(all, c.jobOf(j))
			}
		}
	}
	for _, r := range s.st.order {
		c.repo = r
		all = append(all, r.branches, c.repoOf(r))
		for _, d := range s.st.deploymentsOf(r, c.now) {
			all = append(all, c.deploymentOf(d))
		}
	}
	raw, err := json.Marshal(all)
	require.NoError(t, err)
	return string(raw)
}

// reopen takes up the world in dir as after a kill: with a fresh clock, and nothing said to the server before.
func (p *playground) reopen() (*Server, *clock.Adjustable) {
	p.t.Helper()
	c := &clock.Adjustable{}
	s, err := New(Config{Clock: c, World: demoWorld(p.t), Dir: p.dir, BaseURL: p.url, Log: zerolog.Nop()})
	require.NoError(p.t, err)
	return s, c
}

func TestStateSurvivesAKill(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	ready, failed, waiting := p.deploy("feature-x", "deploy"), p.deploy("broken-migration", "deploy"), p.deploy("needs-review", "deploy")
	p.after(20 * tick)
	p.post("approve", map[string]any{"run_id": waiting})
	p.post("push", map[string]any{"repo": "acme/payments", "branch": "feature-x", "message": "One more", "author": "alice"})
	p.after(26 * time.Hour)
	p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-y", "step": "build image", "conclusion": "hang"})
	hanging := p.deploy("feature-y", "deploy")
	held := p.deploy("feature-y", "destroy")
	p.after(time.Hour)
	_, err := p.client.Actions.RerunWorkflowByID(ctx, "acme", "platform", failed)
	require.NoError(t, err)
	_, err = p.client.Actions.CancelWorkflowRunByID(ctx, "acme", "platform", hanging)
	require.Error(t, err, "go-github's word for 202")
	p.post("branch", map[string]any{"repo": "acme/cart", "name": "share-cart", "delete": true})
	p.after(5 * tick)
	now := p.Now()
	before := p.view(t, now)

	again, c := p.reopen()
	assert.False(t, c.Now().Before(now), "the clock stands where it stood")
	assert.JSONEq(t, before, again.view(t, now))
	for id, conclusion := range map[int64]string{ready: "success", waiting: "success", hanging: "cancelled", held: "success"} {
		_, got := again.st.runs[id].latest(now).state(now)
		assert.Equal(t, conclusion, got)
	}
}

func TestTornLineIsForgotten(t *testing.T) {
	p := start(t, t.TempDir())
	id := p.deploy("feature-x", "deploy")
	name := filepath.Join(p.dir, journalName)
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, append(content, []byte(`{"at":"2026-`)...), 0o600))
	again, _ := p.reopen()
	assert.NotNil(t, again.st.runs[id])
	now, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, string(content), string(now))
	require.NoError(t, os.WriteFile(name, []byte("nonsense\n"), 0o600))
	_, err = New(Config{Clock: &clock.Adjustable{}, World: p.config.World, Dir: p.dir, BaseURL: p.url, Log: zerolog.Nop()})
	require.ErrorContains(t, err, journalName+":1")
}

func TestOperationsThatNoLongerFitAreLeftOut(t *testing.T) {
	p := start(t, t.TempDir())
	p.post("branch", map[string]any{"repo": "acme/cart", "name": "new"})
	id := p.deploy("feature-x", "deploy")
	w := demoWorld(t)
	for i := range w.Repos {
		if w.Repos[i].Name == "cart" {
			w.Repos[i].Name = "basket"
		}
	}
	w.files = maps.Clone(w.files)
	w.files["basket"] = w.files["cart"]
	s, err := New(Config{Clock: &clock.Adjustable{}, World: w, Dir: p.dir, BaseURL: p.url, Log: zerolog.Nop()})
	require.NoError(t, err)
	assert.NotNil(t, s.st.runs[id])
}

// The order in which time is looked at must not matter: what happens by rule happens at its own moment.
func TestHistoryDoesNotDependOnWhoLooks(t *testing.T) {
	w := demoWorld(t)
	epoch := time.Date(2026, 11, 20, 15, 4, 5, 0, time.UTC)
	end := epoch.Add(50 * time.Hour)
	one, err := newState(&w, "http://x", epoch)
	require.NoError(t, err)
	one.advance(end)
	other, err := newState(&w, "http://x", epoch)
	require.NoError(t, err)
	for at := epoch; at.Before(end); at = at.Add(17 * time.Minute) {
		other.advance(at)
	}
	other.advance(end)
	a, b := &Server{st: one}, &Server{st: other}
	assert.Equal(t, a.view(t, end), b.view(t, end))
	assert.Equal(t, one.lastID, other.lastID)
}

func TestRunNotifies(t *testing.T) {
	events := make(chan Event, 1000)
	c := &clock.Adjustable{}
	s, err := New(Config{Clock: c, World: demoWorld(t), BaseURL: "http://127.0.0.1:1", Log: zerolog.Nop(), Notify: func(e Event) { events <- e }})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	s.mu.Lock()
	s.advance()
	o := &opDispatch{Repo: "acme/platform", Path: ".github/workflows/deploy-env.yml", Branch: "main", Actor: "bellhop",
		Inputs: map[string]string{"component": "payments", "ref": "feature-x", "environment": "e", "action": "deploy", "bellhop_id": "1"}}
	require.NoError(t, s.do(o))
	s.mu.Unlock()
	require.NoError(t, c.Advance(tick))
	for {
		select {
		case e := <-events:
			if e.Run != o.made.id {
				continue
			}
			cancel()
			require.NoError(t, <-done)
			return
		case <-time.After(10 * time.Second):
			t.Fatal("no event of the run")
		}
	}
}

func TestAppAuthentication(t *testing.T) {
	p := start(t, t.TempDir())
	ctx := context.Background()
	key, _, err := p.app.get()
	require.NoError(t, err)
	client := p.as(signedJWT(t, key, 1001, time.Now(), 9*time.Minute))
	app, _, err := client.Apps.Get(ctx, "")
	require.NoError(t, err)
	assert.Equal(t, "bellhop", app.GetSlug())
	in, _, err := client.Apps.FindRepositoryInstallation(ctx, "acme", "payments")
	require.NoError(t, err)
	token, _, err := client.Apps.CreateInstallationToken(ctx, in.GetID(), nil)
	require.NoError(t, err)
	inside := p.as(token.GetToken())
	_, _, err = inside.Repositories.Get(ctx, "acme", "payments")
	require.NoError(t, err)
	_, _, err = inside.Users.Get(ctx, "")
	require.ErrorContains(t, err, "Resource not accessible by integration")
	_, _, err = inside.Issues.Create(ctx, "acme", "cart", &gh.IssueRequest{Title: gh.String("x")})
	require.ErrorContains(t, err, "Resource not accessible by integration")
	narrow, _, err := client.Apps.CreateInstallationToken(ctx, in.GetID(), &gh.InstallationTokenOptions{Repositories: []string{"cart"}})
	require.NoError(t, err)
	_, _, err = p.as(narrow.GetToken()).Repositories.Get(ctx, "acme", "payments")
	require.ErrorContains(t, err, "404")
	_, _, err = client.Repositories.Get(ctx, "acme", "payments")
	require.ErrorContains(t, err, "403")
	for name, bad := range map[string]string{
		"expired": signedJWT(t, key, 1001, time.Now().Add(-time.Hour), 9*time.Minute),
		"long":    signedJWT(t, key, 1001, time.Now(), time.Hour),
		"other":   signedJWT(t, key, 1002, time.Now(), 9*time.Minute),
	} {
		_, _, err = p.as(bad).Apps.Get(ctx, "")
		require.ErrorContains(t, err, "401", name)
	}
	again, _ := p.reopen()
	same, _, err := again.app.get()
	require.NoError(t, err)
	assert.True(t, key.Equal(same))
}
