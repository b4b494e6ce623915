package database_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/catalog"
	"bellhop/clock"
	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
	"bellhop/work"
)

const (
	companyRepos = 50
	runsADay     = 100
	testsARun    = 2000
	daysKept     = 90
)

// writeDay records a day of each life.
func writeDay(b *testing.B, s *database.TestRuns, lives []*testrunstest.Life, day time.Time) {
	b.Helper()
	for n := range runsADay {
		for _, l := range lives {
			require.NoError(b, s.Record(b.Context(), l.Attempt(day.Add(time.Duration(n)*14*time.Minute))))
		}
	}
}

// livesOf are the first repositories of the company, followed.
func livesOf(b *testing.B, s *database.TestRuns, n int, now time.Time) (lives []*testrunstest.Life) {
	b.Helper()
	var repos []string
	for i := range n {
		lives = append(lives, testrunstest.NewLife(i, testsARun))
		repos = append(repos, lives[i].Repo())
	}
	require.NoError(b, s.Follow(b.Context(), repos, now, time.Second))
	for _, repo := range repos {
		require.NoError(b, s.SetFollowed(b.Context(), testruns.Followed{Repo: repo, Branch: "main"}))
	}
	return lives
}

// usedBytes is what the data takes in the database's file, without free pages.
func usedBytes(b *testing.B, db *database.DB) float64 {
	b.Helper()
	var pages, free, size float64
	require.NoError(b, db.Read().QueryRowContext(b.Context(), "PRAGMA page_count").Scan(&pages))
	require.NoError(b, db.Read().QueryRowContext(b.Context(), "PRAGMA freelist_count").Scan(&free))
	require.NoError(b, db.Read().QueryRowContext(b.Context(), "PRAGMA page_size").Scan(&size))
	return (pages - free) * size
}

// BenchmarkTestRunsKept writes 30 days of two of the company's repositories, and tells from it what 90 days of fifty take: what
// the last twenty days added, times the days and repositories that are missing. Then it asks for a week of the one with all its runs on main.
func BenchmarkTestRunsKept(b *testing.B) {
	const repos, days, settled = 2, 30, 10
	db := databasetest.SQLite(b)
	s := database.NewTestRuns(db)
	begin := noon.AddDate(0, 0, -days)
	lives := livesOf(b, s, repos, begin)
	var sizes []float64
	for day := range days {
		writeDay(b, s, lives, begin.AddDate(0, 0, day).Truncate(24*time.Hour))
		sizes = append(sizes, usedBytes(b, db))
	}
	perDay := (sizes[days-1] - sizes[settled-1]) / (days - settled) / repos
	whole := (sizes[days-1]/repos + perDay*(daysKept-days)) * companyRepos
	took := []time.Duration(nil)
	spent := processorTime(b)
	until := noon.Truncate(24 * time.Hour)
	p := testruns.Period{Since: until.AddDate(0, 0, -7), Until: until}
	for b.Loop() {
		at := time.Now()
		h, err := s.History(b.Context(), lives[1].Repo(), "main", p.Since.AddDate(0, 0, -22))
		require.NoError(b, err)
		j := testruns.Judge(h, p)
		took = append(took, time.Since(at))
		require.Greater(b, j.Counts.Runs, 690)
	}
	spent = processorTime(b) - spent
	slices.Sort(took)
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(len(took)), "cpu-ms/week")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/week-p50")
	b.ReportMetric(float64(took[len(took)*9/10].Microseconds())/1000, "ms/week-p90")
	b.ReportMetric(perDay/runsADay, "bytes/run")
	b.ReportMetric(whole/1e6, "MB/90days")
	parts := tableSizes(b, db)
	var told strings.Builder
	for _, table := range slices.Sorted(maps.Keys(parts)) {
		fmt.Fprintf(&told, "%s %.0f, ", table, parts[table]/repos/days/runsADay)
	}
	b.Logf("bytes a run, by table and index: %s", told.String())
}

// processorTime is what this process has taken of the processor.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// tableSizes is what each table and index takes, where SQLite was built to tell.
func tableSizes(b *testing.B, db *database.DB) map[string]float64 {
	b.Helper()
	rows, err := db.Read().QueryContext(b.Context(), "SELECT name, SUM(pgsize) FROM dbstat WHERE name LIKE '%test_%' GROUP BY name")
	if err != nil {
		b.Log(err)
		return nil
	}
	defer func() { require.NoError(b, rows.Close()) }()
	sizes := map[string]float64{}
	for rows.Next() {
		var name string
		var size float64
		require.NoError(b, rows.Scan(&name, &size))
		sizes[name] = size
	}
	require.NoError(b, rows.Err())
	return sizes
}

// BenchmarkTestRunsRecord tells how many results a second are written once they are read.
func BenchmarkTestRunsRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := database.NewTestRuns(open(b))
			lives := livesOf(b, s, 10, noon)
			n := 0
			for b.Loop() {
				b.StopTimer()
				in := lives[n%len(lives)].Attempt(noon.Add(time.Duration(n/len(lives)) * 14 * time.Minute))
				b.StartTimer()
				n++
				require.NoError(b, s.Record(b.Context(), in))
			}
			b.ReportMetric(float64(n)*testsARun/b.Elapsed().Seconds(), "results/s")
		})
	}
}

type followed []string

func (f followed) Repositories(context.Context) ([]string, error) { return f, nil }

func (f followed) ByRepository(context.Context, string) ([]catalog.Entity, error) { return nil, nil }

// BenchmarkTestRunsTakeIn tells how many results a second are taken in, from a report's bytes to what is kept of it: a dozen
// runs of each of ten repositories, two at a time, listed and handed out from memory.
func BenchmarkTestRunsTakeIn(b *testing.B) {
	const repos, runs = 10, 12
	begin := time.Now().Add(-time.Hour)
	results := 0
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		s := database.NewTestRuns(databasetest.SQLite(b))
		actions := testrunstest.NewActions()
		lives := livesOf(b, s, repos, begin)
		var named followed
		for i, l := range lives {
			named = append(named, l.Repo())
			for n := range runs {
				at := begin.Add(time.Duration(n) * time.Minute)
				actions.Add(testruns.Run{RunKey: testruns.RunKey{ID: int64(i*1000 + n), Attempt: 1}, Repo: l.Repo(), Workflow: "ci.yml", Name: "CI",
					Branch: "main", Commit: fmt.Sprintf("%040d", n), Conclusion: "failure", Started: at.Add(-time.Minute), Completed: at}, "junit-results", string(l.JUnit()))
			}
		}
		c := testruns.NewCollector(s, actions, named, clock.Real{}, testruns.CollectorOptions{})
		b.StartTimer()
		spent -= processorTime(b)
		done := make(chan error, repos)
		queue := make(chan string, repos)
		for _, repo := range named {
			queue <- repo
		}
		close(queue)
		for range 2 {
			go func() {
				for repo := range queue {
					_, err := c.Step(b.Context(), work.Item{ID: repo})
					done <- err
				}
			}()
		}
		for range repos {
			require.NoError(b, <-done)
		}
		spent += processorTime(b)
		results += repos * runs * testsARun
		h, err := s.History(b.Context(), named[0], "main", begin.Add(-time.Hour))
		require.NoError(b, err)
		require.Len(b, h.Runs, runs)
	}
	b.ReportMetric(float64(results)/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkTestRunsForget forgets attempts one by one, beside as many that stay.
func BenchmarkTestRunsForget(b *testing.B) {
	db := databasetest.SQLite(b)
	s := database.NewTestRuns(db)
	lives := livesOf(b, s, 2, noon)
	forgotten := 0
	for day := 0; b.Loop(); day++ {
		b.StopTimer()
		writeDay(b, s, lives, noon.AddDate(0, 0, day).Truncate(24*time.Hour))
		b.StartTimer()
		for {
			n, err := s.Forget(b.Context(), noon.AddDate(0, 0, day).Truncate(24*time.Hour), 20)
			require.NoError(b, err)
			if forgotten += n; n < 20 {
				break
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(max(forgotten, 1)), "ms/attempt")
	b.ReportMetric(usedBytes(b, db)/1e6, "MB/kept")
}
