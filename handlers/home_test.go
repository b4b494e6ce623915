package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/environments"
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

func (company) List(context.Context, environments.Filter) ([]environments.Environment, error) {
	return nil, nil
}

func opened(t *testing.T, c company, features ...chat.Feature) string {
	t.Helper()
	reply, err := Home(Deps{Features: features, Home: HomeDeps{Teams: c, Environments: c}})(t.Context(),
		chat.Request{Via: chat.Opened, Person: chat.Person{ID: "U01ALICE", Name: "Alice"}})
	require.NoError(t, err)
	return reply.Text(nil)
}

func TestHomeShowsAScreenfulAndNothingTwice(t *testing.T) {
	home := opened(t, company{teams: 5, components: 8})
	require.Equal(t, homeComponents, strings.Count(home, "[Who owns]"))
	require.Equal(t, 1, strings.Count(home, "common"))
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
	guest, err := Home(Deps{Home: HomeDeps{Teams: company{teams: 1, components: 2}, Environments: company{}}})(t.Context(),
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
