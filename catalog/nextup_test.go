package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

func group(name, more string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: " + name + ", annotations: {slack.com/channel: " + name + "-talk}}, spec: {type: team, children: []" + more + "}}\n"
}

func user(name, team string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: " + name + "}, spec: {memberOf: [" + team + "]}}\n"
}

func whole(kind, name, spec string) string {
	return "---\n{apiVersion: backstage.io/v1alpha1, kind: " + kind + ", metadata: {name: " + name + "}, spec: {" + spec + "}}\n"
}

func TestOwnershipGoesUp(t *testing.T) {
	for name, c := range map[string]struct{ text, next string }{
		"the owner has people":   {component("a", "mail") + group("mail", ", parent: top") + user("u", "mail") + group("top", "") + user("t", "top"), ""},
		"a group under it has":   {component("a", "mail") + group("mail", ", parent: top") + group("sub", ", parent: mail") + user("u", "sub") + group("top", "") + user("t", "top"), ""},
		"a person":               {component("a", "user:u") + user("u", ""), ""},
		"the parent":             {component("a", "mail") + group("mail", ", parent: top") + group("top", "") + user("t", "top"), "group:top top-talk user:t"},
		"the parent's parent":    {component("a", "mail") + group("mail", ", parent: mid") + group("mid", ", parent: top") + group("top", "") + user("t", "top"), "group:top top-talk user:t"},
		"the system before":      {component("a", "mail, system: s") + whole("System", "s", "owner: sys") + group("mail", ", parent: top") + group("top", "") + user("t", "top") + group("sys", "") + user("s", "sys"), "group:sys sys-talk user:s"},
		"the system's domain":    {component("a", "mail, system: s") + whole("System", "s", "owner: sys, domain: d") + whole("Domain", "d", "owner: dom") + group("mail", "") + group("sys", ", parent: top") + group("top", "") + user("t", "top") + group("dom", "") + user("d", "dom"), "group:dom dom-talk user:d"},
		"an owner not described": {component("a", "gone, system: s") + whole("System", "s", "owner: user:u") + user("u", ""), "user:u  user:u"},
		"nobody anywhere":        {component("a", "mail") + group("mail", ", parent: top") + group("top", ", parent: mail"), ""},
		"round in a circle":      {component("a", "mail, subcomponentOf: b") + component("b", "mail, subcomponentOf: a") + group("mail", ", parent: mail"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			cat := catalogtest.New(t, c.text)
			found, err := cat.Find(t.Context(), "component:a")
			require.NoError(t, err)
			owner, err := cat.Owner(t.Context(), found.Exact[0])
			require.NoError(t, err)
			next := ""
			if owner.Next != nil {
				next = owner.Next.Group.Short() + " " + owner.Next.Channel + " " + refsOf(owner.Next.People)
			}
			require.Equal(t, c.next, next)
		})
	}
}

func TestWhoHasLeftIsNotOffered(t *testing.T) {
	text := component("a", "mail") + component("b", "user:u") + component("c", "half") +
		group("mail", ", parent: top") + user("u", "mail") + group("half", "") + user("v", "half") + user("w", "half") + group("top", "") + user("t", "top")
	cat := catalogtest.With(t, text, catalog.Options{
		People: map[string]string{"u": "U0U", "w": "w@acme.example"},
		Left:   func(slackID, email string) bool { return slackID == "U0U" || email == "w@acme.example" },
	})
	for name, want := range map[string]struct{ people, gone, next string }{
		"component:a": {"", "user:u", "group:top"},
		"component:b": {"", "user:u", "group:top"},
		"component:c": {"user:v", "user:w", ""},
		"group:mail":  {"", "user:u", "group:top"},
		"group:top":   {"user:t", "", ""},
	} {
		named, err := cat.Named(t.Context(), name)
		require.NoError(t, err)
		o, err := cat.Owner(t.Context(), named[0])
		require.NoError(t, err)
		require.Equal(t, want.people, refsOf(o.People), name)
		require.Equal(t, want.gone, refsOf(o.Gone), name)
		next := ""
		if o.Next != nil {
			next = o.Next.Group.Short()
		}
		require.Equal(t, want.next, next, name)
	}
}
