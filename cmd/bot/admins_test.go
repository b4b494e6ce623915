package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/chat"
)

// groups are user groups by handle.
type groups map[string][]string

func (g groups) InGroup(_ context.Context, handle, slackUser string) (bool, error) {
	members, ok := g[handle]
	if !ok {
		return false, chat.Errorf("There is no Slack user group @%s.", handle)
	}
	for _, one := range members {
		if one == slackUser {
			return true, nil
		}
	}
	return false, nil
}

// shownToBe is which login people have shown to be theirs, by Slack id.
type shownToBe map[string]string

func (s shownToBe) LoginOf(slackID string) string { return s[slackID] }
func (s shownToBe) SlackIDOf(string) string       { return "" }

func TestAdmins(t *testing.T) {
	people := catalogtest.With(t, `
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {profile: {displayName: Alice}, memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob}
spec: {profile: {displayName: alice, email: bob@acme.example}, memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: carol}
spec: {memberOf: []}
`, catalog.Options{Accounts: shownToBe{"U66": "carol"}})
	a := admins{named: []string{"slack:@platform-team", "user:Alice", "user:carol"}, groups: groups{"platform-team": {"U08HUGO"}}, catalog: people}
	for name, test := range map[string]struct {
		person chat.Person
		want   bool
	}{
		"in the group":                     {chat.Person{ID: "U08HUGO"}, true},
		"by the Slack id in the catalog":   {chat.Person{ID: "U01ALICE"}, true},
		"a display name is no identity":    {chat.Person{ID: "U02BOB", Name: "alice", Email: "bob@acme.example"}, false},
		"an address is not another's":      {chat.Person{ID: "U99", Email: "alice@acme.example"}, false},
		"who has no Slack id":              {chat.Person{Name: "alice"}, false},
		"what somebody shows is no role":   {chat.Person{ID: "U66"}, false},
		"nobody that anybody has heard of": {chat.Person{ID: "U77"}, false},
	} {
		got, err := a.IsAdmin(t.Context(), test.person)
		require.NoError(t, err)
		assert.Equal(t, test.want, got, name)
	}
	a.named = []string{"slack:gone"}
	_, err := a.IsAdmin(t.Context(), chat.Person{ID: "U77"})
	assert.ErrorContains(t, err, "There is no Slack user group @gone", "a role that nobody can have is told, not passed over")
	a.named = nil
	got, err := a.IsAdmin(t.Context(), chat.Person{ID: "U08HUGO"})
	require.NoError(t, err)
	assert.False(t, got)
}

// Whom only GitHub tells of is no administrator though the config names them: they are told so, and bot check says it before.
func TestWhyAnAdminIsNone(t *testing.T) {
	people := catalogtest.With(t, `
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: alice, annotations: {slack.com/user-id: U01ALICE}}
spec: {memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob, annotations: {slack.com/user-id: U02BOB}}
spec: {memberOf: []}
`, catalog.Options{})
	named := []string{"slack:platform-team", "user:alice", "user:nobody-such"}
	none, err := noAdmins(t.Context(), people, named)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"user:nobody-such": "nobody in the catalog is called so, so it is nobody"}, none)
	a := admins{named: named, catalog: people}
	for id, want := range map[string]string{"U01ALICE": "", "U02BOB": "", "U99": ""} {
		why, err := a.WhyNot(t.Context(), chat.Person{ID: id})
		require.NoError(t, err)
		assert.Equal(t, want, why, id)
	}
	alone := catalog.Entity{Ref: catalog.Ref{Kind: catalog.KindUser, Namespace: "default", Name: "alice"},
		Annotations: map[string]string{catalog.AnnotationProvisional: "true"}}
	assert.Contains(t, noAdmin(people, alone), "GitHub alone tells of alice, which authorises nothing; describe them in a file of catalog.locations")
}
