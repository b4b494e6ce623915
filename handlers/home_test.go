package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
	"bellhop/testruns"
)

// company is a person with teams, each of which owns the same number of components, the first of them all together.
type company struct{ teams, components int }

func (c company) UserFor(_ context.Context, slackID, _ string) (catalog.Entity, bool, error) {
	return catalog.Entity{Ref: catalog.Ref{Kind: "User", Namespace: "default", Name: "alice"}}, slackID == "U01ALICE", nil
}

func (c company) Teams(context.Context, catalog.Ref) (teams []catalog.Entity, err error) {
	for i := range c.teams {
		teams = append(teams, catalog.Entity{Ref: catalog.Ref{Kind: "Group", Namespace: "default", Name: fmt.Sprintf("team-%d", i)}})
	}
	return teams, nil
}

func (c company) Owned(_ context.Context, team catalog.Ref) (owned []catalog.Entity, err error) {
	for i := range c.components {
		name := fmt.Sprintf("%s-%d", team.Name, i)
		if i == 0 {
			name = "common"
		}
		e := catalog.Entity{Ref: catalog.Ref{Kind: "Component", Namespace: "default", Name: name}}
		e.Annotations = map[string]string{catalog.AnnotationSlug: "acme/" + name}
		owned = append(owned, e)
	}
	return owned, nil
}

func (company) Judge(_ context.Context, e catalog.Entity) (catalog.Readiness, error) {
	missing := catalog.CheckResult{Check: catalog.CheckDocs, State: catalog.CheckMissing}
	if e.Name == "common" {
		missing.State = catalog.CheckMet
	}
	return catalog.Readiness{Results: []catalog.CheckResult{{Check: catalog.CheckOwner}, missing}}, nil
}

// Component is red for common alone.
func (company) Component(_ context.Context, e catalog.Entity, p testruns.Period) (testruns.ComponentDigest, error) {
	d := testruns.ComponentDigest{Name: e.Name, Component: e, Known: true, Repo: "acme/" + e.Name, Follows: true, Followed: testruns.Followed{Branch: "main"}}
	d.Judgement = testruns.Judgement{Period: p, Counts: testruns.Counts{Runs: 2, Green: 2}, Latest: testruns.Run{RunKey: testruns.RunKey{ID: 1}, State: testruns.Green}}
	if e.Name == "common" {
		d.Judgement.Latest.State = testruns.Outside
	}
	return d, nil
}

// ProblemsByOwner gives the first team two problems, another team one.
func (company) ProblemsByOwner(context.Context) ([]catalog.OwnedProblems, error) {
	of := func(team string, n int) catalog.OwnedProblems {
		return catalog.OwnedProblems{Owner: catalog.Entity{Ref: catalog.Ref{Kind: "Group", Namespace: "default", Name: team}}, Problems: make([]catalog.Problem, n)}
	}
	return []catalog.OwnedProblems{of("team-0", 2), of("others", 1), {Problems: make([]catalog.Problem, 1)}}, nil
}

func (company) List(context.Context, environments.Filter) ([]environments.Environment, error) {
	return nil, nil
}

func opened(t *testing.T, c company, features ...chat.Feature) string {
	t.Helper()
	reply, err := Home(Deps{Features: features, Home: HomeDeps{Teams: c, Environments: c, Tests: c, Readiness: c, Problems: c}})(t.Context(),
		chat.Request{Via: chat.Opened, Person: chat.Person{ID: "U01ALICE", Name: "Alice"}})
	require.NoError(t, err)
	return reply.Text(nil)
}

func TestHomeShowsAScreenfulAndNothingTwice(t *testing.T) {
	home := opened(t, company{teams: 5, components: 8})
	require.Equal(t, homeComponents, strings.Count(home, "[Card]"))
	require.Equal(t, 1, strings.Count(home, "🔴 common\n"))
	require.Less(t, strings.Index(home, "🔴 common\n"), strings.Index(home, "🟢 team-"), "the worst first")
	require.Contains(t, home, "… and 24 more that need less of you.")
	require.Contains(t, home, "1 of 2 for production, missing docs")
	require.Contains(t, home, "🔴 common\nits tests fail · ", "why it is red stands beside it")
	require.Contains(t, home, "Waits for you\n• 🔴 common · the latest run failed")
	require.Contains(t, home, "• 🟡 2 problems in what you and your teams describe in the catalog\n[Show problems]")
	require.Contains(t, home, "Alice · team-0 · team-1 · team-2 · team-3 · team-4")
	require.Contains(t, home, "Type /who-owns, /deploy-env, /envs or /tests anywhere.")
}

func TestHomeShowsFiveEnvironments(t *testing.T) {
	list := yourEnvironments(slices.Repeat([]environments.Environment{deployment()}, 8))
	require.Len(t, list.Items, 5)
	require.Equal(t, 3, list.More)
	require.NotContains(t, list.Items[0].String(), "Alice")
}

func TestHomeOffersOnlyWhatIsSwitchedOn(t *testing.T) {
	guest, err := Home(Deps{Home: HomeDeps{Teams: company{teams: 1, components: 2}, Environments: company{}, Tests: company{}, Readiness: company{}, Problems: company{}}})(t.Context(),
		chat.Request{Via: chat.Opened, Person: chat.Person{ID: "U01ALICE", Name: "Alice", Standing: chat.Guest}})
	require.NoError(t, err)
	require.NotContains(t, guest.Text(nil), "Deploy a branch")
	require.NotContains(t, guest.Text(nil), "/deploy-env")
	require.Contains(t, guest.Text(nil), "[Tests]")

	home := opened(t, company{teams: 1, components: 2}, chat.Ask)
	for _, off := range []string{"Deploy", "environments", "Tests", "/tests", "/deploy-env"} {
		require.NotContains(t, home, off)
	}
	require.Contains(t, home, "Type /who-owns anywhere.")
}

// What needs its maker comes first: what failed, what waits for somebody else's word, and what is about to go.
func TestHomeSaysWhatWaits(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	env := func(state environments.State, until time.Duration, status environments.Status) environments.Environment {
		e := deployment()
		e.State, e.ExpiresAt, e.Operation.Run.Status = state, now.Add(until), status
		return e
	}
	quiet := []environments.Environment{env(environments.Ready, 48*time.Hour, ""), env(environments.Running, time.Hour, environments.StatusInProgress)}
	require.Empty(t, waiting(quiet, nil, 0, now))
	busy := append(quiet, env(environments.Ready, 3*time.Hour, ""), env(environments.Failed, 48*time.Hour, ""), env(environments.Running, time.Hour, environments.StatusWaiting))
	require.Len(t, waiting(busy, nil, 0, now)[1].(chat.List).Items, 3)
	list := waiting(slices.Repeat(busy, 4), nil, 1, now)[1].(chat.List)
	require.Len(t, list.Items, homeWaiting+1)
	require.Equal(t, 4, list.More)
}

// Whom the catalog does not know is shown the way to be known.
func TestHomeOfSomebodyUnknown(t *testing.T) {
	c := company{}
	reply, err := Home(Deps{Home: HomeDeps{Teams: c, Environments: c, Tests: c, Readiness: c, Problems: c}})(t.Context(),
		chat.Request{Via: chat.Opened, Person: chat.Person{ID: "U99NEW", Name: "Nora"}})
	require.NoError(t, err)
	require.Contains(t, reply.Text(nil), "no user of the catalog has your Slack id (U99NEW)")
	require.Contains(t, reply.Parts, chat.Part(chat.Buttons{{Label: "Link my GitHub account", Action: ActionTry, Value: "me"}}))
}

// never counts problems without end.
type never struct{}

func (never) ProblemsByOwner(ctx context.Context) ([]catalog.OwnedProblems, error) {
	<-ctx.Done()
	return nil, errors.New("interrupted")
}

func TestHomeWaitsForNothingLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		n, err := home{HomeDeps: HomeDeps{Problems: never{}}}.wrong(t.Context(), nil)
		require.NoError(t, err)
		require.Zero(t, n)
		require.Equal(t, homePatience, time.Since(began))
	})
}
