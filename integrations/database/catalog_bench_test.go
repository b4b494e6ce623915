package database_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
)

// companies are the generated companies by how many entities they make.
var companies = map[string]int{"11200": 10_000, "112000": 100_000}

func catalogOf(db *database.DB, files fstest.MapFS) *catalog.Catalog {
	return catalog.New(database.NewCatalogStore(db), catalog.Options{Root: files, Locations: []catalog.Location{{Target: "**/*.yaml"}}})
}

// eachCompany runs a benchmark over a catalog of each size, filled.
func eachCompany(b *testing.B, bench func(b *testing.B, c *catalog.Catalog, files fstest.MapFS)) {
	for _, name := range slices.Sorted(maps.Keys(companies)) {
		var (
			c     *catalog.Catalog
			files fstest.MapFS
		)
		b.Run(name, func(b *testing.B) {
			if c == nil { // a benchmark is called several times
				files = catalogtest.Company(companies[name])
				c = catalogOf(databasetest.SQLite(b), files)
				_, err := c.Refresh(b.Context())
				require.NoError(b, err)
			}
			bench(b, c, files)
		})
	}
}

// BenchmarkCatalogCold reads everything into an empty database.
func BenchmarkCatalogCold(b *testing.B) {
	for _, size := range slices.Sorted(maps.Keys(companies)) {
		files := catalogtest.Company(companies[size])
		for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
			b.Run(size+"/"+name, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					db := open(b)
					c := catalogOf(db, files)
					b.StartTimer()
					result, err := c.Refresh(b.Context())
					require.NoError(b, err)
					b.ReportMetric(float64(result.Entities), "entities")
					if db.Path() != "" {
						b.ReportMetric(megabytes(b, db.Path()), "MB")
						b.ReportMetric(megabytes(b, db.Path()+"-wal"), "log-MB")
					}
				}
			})
		}
	}
}

func megabytes(b *testing.B, path string) float64 {
	b.Helper()
	info, err := os.Stat(path)
	require.NoError(b, err)
	return float64(info.Size()) / 1e6
}

func BenchmarkCatalogUnchanged(b *testing.B) {
	eachCompany(b, func(b *testing.B, c *catalog.Catalog, _ fstest.MapFS) {
		for b.Loop() {
			_, err := c.Refresh(b.Context())
			require.NoError(b, err)
		}
	})
}

// BenchmarkCatalogOneEdited edits one entity, and reports when it is seen besides how long the refresh takes.
func BenchmarkCatalogOneEdited(b *testing.B) {
	eachCompany(b, func(b *testing.B, c *catalog.Catalog, files fstest.MapFS) {
		edited, seen := 0, time.Duration(0)
		for b.Loop() {
			edited++
			text := string(files["components-00499.yaml"].Data)
			title := fmt.Sprintf("title: Edited %d times", edited)
			files["components-00499.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, "title: Service number 7\n", title+"\n", 1))}
			began := time.Now()
			at := make(chan time.Duration, 1)
			go func() {
				for {
					e, err := c.Get(b.Context(), catalog.Ref{Kind: catalog.KindComponent, Name: "service-7"})
					if err != nil || "title: "+e.Title == title {
						at <- time.Since(began)
						return
					}
					time.Sleep(time.Millisecond)
				}
			}()
			result, err := c.Refresh(b.Context())
			require.NoError(b, err)
			require.Equal(b, 1, result.Changed)
			seen += <-at
			files["components-00499.yaml"] = &fstest.MapFile{Data: []byte(text)}
			b.StopTimer()
			_, err = c.Refresh(b.Context())
			require.NoError(b, err)
			b.StartTimer()
		}
		b.ReportMetric(float64(seen.Milliseconds())/float64(edited), "seen-ms")
	})
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

// BenchmarkCatalogAsk tells how long answers take, each question another one.
func BenchmarkCatalogAsk(b *testing.B) {
	eachCompany(b, func(b *testing.B, c *catalog.Catalog, _ fstest.MapFS) {
		ctx := b.Context()
		mine := catalog.Ref{Kind: catalog.KindGroup, Name: "team-7"}
		search := func(words string) error {
			found, err := c.All(ctx, catalog.Query{Words: strings.Fields(words), Mine: []catalog.Ref{mine}}, 50)
			if err == nil && len(found) == 0 {
				err = fmt.Errorf("nothing for %q", words)
			}
			return err
		}
		questions := map[string]func(n int) error{
			"name": func(n int) error {
				_, err := c.Get(ctx, catalog.Ref{Kind: catalog.KindComponent, Name: fmt.Sprintf("service-%d", n)})
				return err
			},
			"find name":       func(n int) error { _, err := c.Find(ctx, fmt.Sprintf("service-%d", n)); return err },
			"find title":      func(n int) error { _, err := c.Find(ctx, fmt.Sprintf("Service number %d", n)); return err },
			"find repository": func(n int) error { _, err := c.Find(ctx, fmt.Sprintf("acme/service-%d", n)); return err },
			"owned by one": func(n int) error {
				owned, err := c.Owned(ctx, catalog.Ref{Kind: catalog.KindGroup, Name: fmt.Sprintf("team-%d", n%200)})
				if len(owned) != 50 {
					return fmt.Errorf("%d are owned: %w", len(owned), err)
				}
				return err
			},
			"owner, people, dependents": func(n int) error { return answer(ctx, c, n) },
			"menu":                      func(int) error { _, err := c.Search(ctx, "serv", []string{"Component"}, 100); return err },
			"search name":               func(n int) error { return search(fmt.Sprintf("service-%d", n)) },
			"search words":              func(n int) error { return search(fmt.Sprintf("%d number service", n)) },
			"search description":        func(n int) error { return search(descriptions[n%len(descriptions)]) },
			"search broad":              func(n int) error { return search(broad[n%len(broad)]) },
			"search mistyped":           func(n int) error { return search(fmt.Sprintf("servcie-%d", n)) },
			"search nothing":            func(n int) error { _, err := c.Find(ctx, fmt.Sprintf("quetzalcoatl %d", n)); return err },
		}
		_, err := c.Find(ctx, "quetzalcoatl") // loads the names
		require.NoError(b, err)
		for _, name := range slices.Sorted(maps.Keys(questions)) {
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for n := 0; b.Loop(); n++ {
					began := time.Now()
					require.NoError(b, questions[name](n*37%10_000))
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	})
}

var (
	descriptions = []string{"refunds invoices", "keeps orders go", "renders", "vouchers sells service", "measures what sensors", "parcels"}
	broad        = []string{"service", "se", "go", "servic", "does", "well", "numbe", "team 1", "serv do"}
)

// answer is what /who-owns looks up.
func answer(ctx context.Context, c *catalog.Catalog, n int) error {
	found, err := c.Find(ctx, fmt.Sprintf("service-%d", n))
	if err != nil {
		return err
	}
	if _, err = c.Owner(ctx, found.Exact[0]); err != nil {
		return err
	}
	_, err = c.Dependents(ctx, found.Exact[0].Ref)
	return err
}
