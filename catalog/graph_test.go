package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

// web is components that need each other: shop and app consume pay-api, which payments provides; payments needs books, which
// needs db and something that is not there; rates needs itself by way of books.
const web = `
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: company}, spec: {type: organization, children: [ledger]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: ledger}, spec: {type: team, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: money}, spec: {owner: ledger, domain: all}}
---
{apiVersion: backstage.io/v1alpha1, kind: Domain, metadata: {name: all}, spec: {owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: System, metadata: {name: empty}, spec: {owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: pay-api}, spec: {type: openapi, lifecycle: production, owner: ledger, definition: x}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: payments}, spec: {type: service, lifecycle: production, owner: ledger, system: money, providesApis: [pay-api], dependsOn: [component:books]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: refunds}, spec: {type: service, lifecycle: production, owner: ledger, subcomponentOf: payments}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: books}, spec: {type: service, lifecycle: production, owner: ledger, system: money, dependsOn: [resource:db, component:gone, component:rates]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: rates}, spec: {type: service, lifecycle: production, owner: nobody, dependsOn: [component:books]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Resource, metadata: {name: db}, spec: {type: database, owner: ledger}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: shop}, spec: {type: website, lifecycle: production, owner: store, consumesApis: [pay-api]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: app}, spec: {type: website, lifecycle: production, owner: store, consumesApis: [pay-api]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: portal}, spec: {type: website, lifecycle: production, owner: store, dependsOn: [component:shop]}}
`

// drawn is a graph in a line: nodes with their steps, `?` for what is missing, then edges.
func drawn(g catalog.Graph) string {
	var words []string
	for _, n := range g.Nodes {
		word := fmt.Sprintf("%s%+d", n.Entity.Name, n.Steps)
		if n.Missing {
			word += "?"
		}
		words = append(words, word)
	}
	words = append(words, "|")
	for _, e := range g.Edges {
		words = append(words, e.From.Name+">"+e.To.Name)
	}
	if g.More > 0 {
		words = append(words, fmt.Sprintf("and %d more", g.More))
	}
	return strings.Join(words, " ")
}

func TestGraph(t *testing.T) {
	c := catalogtest.New(t, web)
	for _, test := range []struct {
		of    string
		reach catalog.Reach
		want  string
	}{
		{"component:payments", catalog.Reach{Most: 60}, "payments+0 |"},
		{"component:payments", catalog.Reach{Needs: 1, NeededBy: 1, Most: 60},
			"payments+0 pay-api-1 app-1 books+1 refunds+1 shop-1 | pay-api>payments app>pay-api payments>books payments>refunds shop>pay-api"},
		{"component:payments", catalog.Reach{Needs: 2, Most: 60},
			"payments+0 books+1 refunds+1 gone+2? rates+2 db+2 | books>gone books>rates books>db payments>books payments>refunds rates>books"},
		{"component:shop", catalog.Reach{Needs: 1, Most: 60}, "shop+0 pay-api+1 payments+1 | pay-api>payments shop>pay-api"},
		{"component:payments", catalog.Reach{Needs: 1, NeededBy: 1, Most: 3}, "payments+0 books+1 refunds+1 | payments>books payments>refunds and 1 more"},
		{"system:money", catalog.Reach{Most: 60}, "books+0 payments+0 | payments>books"},
		{"domain:all", catalog.Reach{Most: 60}, "books+0 payments+0 | payments>books"},
		{"system:empty", catalog.Reach{Most: 60}, "empty+0 |"},
		{"group:company", catalog.Reach{Most: 60}, "pay-api+0 books+0 payments+0 refunds+0 db+0 | pay-api>payments books>db payments>books payments>refunds"},
		{"group:ledger", catalog.Reach{Most: 60}, "pay-api+0 books+0 payments+0 refunds+0 db+0 | pay-api>payments books>db payments>books payments>refunds"},
	} {
		t.Run(test.of+fmt.Sprint(test.reach), func(t *testing.T) {
			g, err := c.Graph(t.Context(), entity(t, c, test.of), test.reach)
			require.NoError(t, err)
			require.Equal(t, test.want, drawn(g))
		})
	}
}

func TestImpact(t *testing.T) {
	c := catalogtest.New(t, web)
	for _, test := range []struct{ of, want string }{
		{"resource:db", "db+0 books-1 payments-2 rates-2 pay-api-3 app-3 shop-3 portal-4 |"},
		{"component:refunds", "refunds+0 payments-1 pay-api-2 app-2 shop-2 portal-3 |"},
		{"component:portal", "portal+0 |"},
	} {
		g, err := c.Impact(t.Context(), entity(t, c, test.of), 100)
		require.NoError(t, err)
		g.Edges = nil
		require.Equal(t, test.want, drawn(g))
	}
	g, err := c.Impact(t.Context(), entity(t, c, "resource:db"), 100)
	require.NoError(t, err)
	last := g.Nodes[len(g.Nodes)-1]
	require.Equal(t, "component:shop", last.Via.Short(), "portal feels it through the shop")
	require.Equal(t, "group:store", last.Owner.Short())
}

func entity(t *testing.T, c *catalog.Catalog, ref string) catalog.Entity {
	t.Helper()
	found, err := c.Named(t.Context(), ref)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}
