package database_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

// company is a generated company: components in files of 500 documents, a team for fifty of them, five people a team.
func company(components int) fstest.MapFS {
	files := fstest.MapFS{}
	var text strings.Builder
	for i := range components {
		fmt.Fprintf(&text, `---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: service-%[1]d
  title: Service number %[1]d
  description: Does what service %[1]d does, and does it well.
  annotations:
    github.com/project-slug: acme/service-%[1]d
  tags: [go, backend]
  links:
    - {url: https://grafana.acme.example/d/%[1]d, title: Dashboard, icon: dashboard}
    - {url: https://docs.acme.example/%[1]d, title: Runbook}
spec:
  type: service
  lifecycle: production
  owner: team-%[2]d
  system: system-%[2]d
  dependsOn: [component:service-%[3]d, resource:database-%[2]d]
`, i, i/50, (i+1)%components)
		if i%500 == 499 || i == components-1 {
			files[fmt.Sprintf("components-%05d.yaml", i)] = &fstest.MapFile{Data: []byte(text.String())}
			text.Reset()
		}
	}
	for team := range components/50 + 1 {
		fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-%[1]d, title: Team %[1]d, annotations: {slack.com/channel: team-%[1]d}}\nspec: {type: team, children: []}\n", team)
		for person := range 5 {
			fmt.Fprintf(&text, "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: person-%[1]d}\nspec: {profile: {displayName: Person %[1]d, email: p%[1]d@acme.example}, memberOf: [team-%[2]d]}\n", team*5+person, team)
		}
	}
	files["teams.yaml"] = &fstest.MapFile{Data: []byte(text.String())}
	return files
}

func catalogOf(db *database.DB, files fstest.MapFS) *catalog.Catalog {
	return catalog.New(database.NewCatalogStore(db), catalog.Options{Root: files, Locations: []catalog.Location{{Target: "**/*.yaml"}}})
}

func BenchmarkCatalogColdRefresh(b *testing.B) {
	files := company(10_000)
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := catalogOf(open(b), files)
				b.StartTimer()
				result, err := c.Refresh(b.Context())
				require.NoError(b, err)
				b.ReportMetric(float64(result.Entities), "entities")
			}
		})
	}
}

func BenchmarkCatalogUnchangedRefresh(b *testing.B) {
	c := catalogOf(databasetest.SQLite(b), company(10_000))
	_, err := c.Refresh(b.Context())
	require.NoError(b, err)
	for b.Loop() {
		_, err := c.Refresh(b.Context())
		require.NoError(b, err)
	}
}

func BenchmarkCatalogOneEditedFile(b *testing.B) {
	files := company(10_000)
	c := catalogOf(databasetest.SQLite(b), files)
	_, err := c.Refresh(b.Context())
	require.NoError(b, err)
	owner := 0
	for b.Loop() {
		owner++
		text := string(files["components-00499.yaml"].Data)
		files["components-00499.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, "owner: team-", fmt.Sprintf("owner: group:other-%d-", owner), 1))}
		result, err := c.Refresh(b.Context())
		require.NoError(b, err)
		require.LessOrEqual(b, result.Changed, 1)
	}
}

func BenchmarkCatalogFind(b *testing.B) {
	c := catalogOf(databasetest.SQLite(b), company(10_000))
	_, err := c.Refresh(b.Context())
	require.NoError(b, err)
	for name, text := range map[string]string{"name": "service-4711", "title": "Service number 4711", "repository": "acme/service-4711", "mistyped": "servcie-4711", "nothing like it": "quetzalcoatl"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := c.Find(b.Context(), text)
				require.NoError(b, err)
			}
		})
	}
	b.Run("owner, people and dependents", func(b *testing.B) {
		for b.Loop() {
			found, err := c.Find(b.Context(), "service-4711")
			require.NoError(b, err)
			_, err = c.Owner(b.Context(), found.Exact[0])
			require.NoError(b, err)
			_, err = c.Dependents(b.Context(), found.Exact[0].Ref)
			require.NoError(b, err)
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Search(b.Context(), "serv", []string{"Component"}, 100)
			require.NoError(b, err)
		}
	})
}
