package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

func TestAllThatFits(t *testing.T) {
	c := catalogtest.New(t, shop+`---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: refunds, description: "Gives money back: payments in reverse", tags: [go, batch]}, spec: {type: service, lifecycle: deprecated, owner: user:bob}}
`)
	for text, want := range map[string]string{
		"payments":                             "component:payments api:payments-api component:refunds",
		"PAY":                                  "component:payments api:payments-api component:refunds",
		"api payments":                         "api:payments-api",
		"moreau alice":                         "user:alice",
		"reverse go":                           "component:refunds",
		"feature flags":                        "component:feature-flags",
		"component:payments":                   "component:payments",
		"acme/mono":                            "component:feature-flags component:ledger-lib",
		"tag=GO":                               "component:refunds",
		"lifecycle=deprecated":                 "component:refunds",
		"owner=ledger kind=component":          "component:ledger-lib component:payments component:lab/money",
		"owner=nobody":                         "",
		"owner=bob":                            "component:refunds",
		"owner=user:default/bob":               "component:refunds",
		"owner=group:platform":                 "component:feature-flags",
		"kind=API owner=team-ledger":           "api:payments-api",
		"ledger kind=group":                    "group:team-ledger",
		"payments tag=x":                       "",
		"quetzalcoatl":                         "",
		"money back":                           "component:refunds",
		"flags fea":                            "component:feature-flags",
		"pay kind=component":                   "component:payments component:refunds",
		"paymnets":                             "component:payments api:payments-api",
		"paymnets kind=api":                    "api:payments-api",
		"refudns lifecycle=X":                  "",
		"alcie":                                "user:alice",
		"https://github.com/acme/pay/issues/1": "component:payments",
		"--":                                   "",
	} {
		q, err := catalog.ParseQuery([]string{text})
		require.NoError(t, err, text)
		found, err := c.All(t.Context(), q, 10)
		require.NoError(t, err, text)
		require.Equal(t, want, refsOf(found), text)
	}
	everything, err := c.All(t.Context(), catalog.Query{}, 3)
	require.NoError(t, err)
	require.Len(t, everything, 3)
}

// TestTheOrderOfWhatFits has one entity of each sort, and each twice: of the asker's team and of another.
func TestTheOrderOfWhatFits(t *testing.T) {
	text := ""
	for _, owner := range []string{"theirs", "ours"} {
		for _, of := range []string{
			"name: till, namespace: " + owner,
			"name: kiosk-" + owner + ", annotations: {bellhop.dev/aliases: till}",
			"name: till-" + owner,
			"name: the-" + owner + "-till",
			"name: paper-" + owner + ", description: 'Feeds the till'",
			"name: unlike-" + owner,
		} {
			text += "---\n{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {" + of + "}, spec: {type: service, lifecycle: production, owner: default/" + owner + "}}\n"
		}
	}
	c := catalogtest.New(t, text)
	ours := catalog.Ref{Kind: catalog.KindGroup, Name: "ours"}
	found, err := c.All(t.Context(), catalog.Query{Words: []string{"till"}, Mine: []catalog.Ref{ours}}, 20)
	require.NoError(t, err)
	require.Equal(t, "component:ours/till component:theirs/till component:kiosk-ours component:kiosk-theirs component:till-ours component:till-theirs "+
		"component:the-ours-till component:the-theirs-till component:paper-ours component:paper-theirs", refsOf(found))
	found, err = c.All(t.Context(), catalog.Query{Words: []string{"service", "till"}}, 20)
	require.NoError(t, err)
	require.Len(t, found, 10)
	require.Equal(t, "component:paper-ours component:paper-theirs", refsOf(found[8:]), "nothing of what they are called is asked for")
	near, err := c.Find(t.Context(), "tills", ours)
	require.NoError(t, err)
	require.Equal(t, "component:ours/till component:theirs/till component:kiosk-ours", refsOf(near.Near))
	found, err = c.All(t.Context(), catalog.Query{Mine: []catalog.Ref{ours}}, 6)
	require.NoError(t, err)
	for _, e := range found {
		require.Equal(t, "default/ours", e.Spec.String("owner"))
	}
}

func TestAliasesAreNames(t *testing.T) {
	c := catalogtest.New(t, shop+`---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: kiosk, annotations: {bellhop.dev/aliases: "The  Till, pos , money,,"}}, spec: {type: service, lifecycle: production, owner: user:bob}}
`)
	for text, want := range map[string][2]string{
		"the till": {"component:kiosk", ""},
		"POS":      {"component:kiosk", ""},
		"money":    {"component:lab/money system:money", ""}, // a name goes before an alias
		"the tlil": {"", "component:kiosk"},
	} {
		found, err := c.Find(t.Context(), text)
		require.NoError(t, err, text)
		require.Equal(t, want[0], refsOf(found.Exact), text)
		if want[1] != "" {
			require.Equal(t, want[1], refsOf(found.Near[:1]), text)
		}
	}
	q, err := catalog.ParseQuery([]string{"till"})
	require.NoError(t, err)
	found, err := c.All(t.Context(), q, 10)
	require.NoError(t, err)
	require.Equal(t, "component:kiosk", refsOf(found))
}

func TestWhatIsNoQuery(t *testing.T) {
	for text, want := range map[string]string{
		"colour=red": "colour=red: there are kind=, owner=, tag= and lifecycle=", "kind=": "kind= what? Write kind=NAME", "tag=a tag=b": "tag= stands twice",
	} {
		_, err := catalog.ParseQuery([]string{text})
		require.EqualError(t, err, want)
	}
}

func TestEverythingAndDescribe(t *testing.T) {
	text := shop
	for i := range 600 {
		text += component(fmt.Sprintf("c%d", i), "team-ledger")
	}
	c := catalogtest.New(t, text)
	all, err := c.Everything(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 612)
	require.True(t, slices.IsSortedFunc(all, func(a, b catalog.Described) int {
		return strings.Compare(a.Entity.Ref.String(), b.Entity.Ref.String())
	}))
	described, err := c.Describe(t.Context(), []catalog.Entity{all[611].Entity, all[0].Entity, {Ref: catalog.Ref{Kind: "User", Name: "gone"}}})
	require.NoError(t, err)
	require.Len(t, described, 2)
	require.Equal(t, all[611], described[0])
	description, err := described[1].Description()
	require.NoError(t, err)
	require.Equal(t, "payments-api", description.Metadata["name"])
	require.Equal(t, []catalog.RelationToward{{Type: catalog.OwnedBy, TargetRef: "group:default/team-ledger"}}, description.Relations)
}
