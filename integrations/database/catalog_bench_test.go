package database_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

func catalogOf(db *database.DB, files fstest.MapFS) *catalog.Catalog {
	return catalog.New(database.NewCatalogStore(db), catalog.Options{Root: files, Locations: []catalog.Location{{Target: "**/*.yaml"}}})
}

func BenchmarkCatalogColdRefresh(b *testing.B) {
	files := catalogtest.Company(10_000)
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
	c := catalogOf(databasetest.SQLite(b), catalogtest.Company(10_000))
	_, err := c.Refresh(b.Context())
	require.NoError(b, err)
	for b.Loop() {
		_, err := c.Refresh(b.Context())
		require.NoError(b, err)
	}
}

func BenchmarkCatalogOneEditedFile(b *testing.B) {
	files := catalogtest.Company(10_000)
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

// BenchmarkCatalogAllEdited is the largest refresh there is: every component is written anew and its old version deleted.
func BenchmarkCatalogAllEdited(b *testing.B) {
	files := catalogtest.Company(10_000)
	c := catalogOf(databasetest.SQLite(b), files)
	_, err := c.Refresh(b.Context())
	require.NoError(b, err)
	lifecycle := "production"
	for n := 0; b.Loop(); n++ {
		next := fmt.Sprintf("version-%d", n)
		for _, file := range files {
			file.Data = bytes.ReplaceAll(file.Data, []byte("lifecycle: "+lifecycle+"\n"), []byte("lifecycle: "+next+"\n"))
		}
		lifecycle = next
		result, err := c.Refresh(b.Context())
		require.NoError(b, err)
		require.Equal(b, 10_000, result.Changed)
	}
}

func BenchmarkCatalogFind(b *testing.B) {
	c := catalogOf(databasetest.SQLite(b), catalogtest.Company(10_000))
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
