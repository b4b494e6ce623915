package testruns_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/testruns"
	"bellhop/testruns/testrunstest"
)

// BenchmarkJudge judges a week of a repository with 100 runs a day of 2,000 tests.
func BenchmarkJudge(b *testing.B) {
	const runs = 29 * 100
	life := testrunstest.NewLife(1, 2000)
	begin := noon.AddDate(0, 0, -29)
	s := testrunstest.NewStore()
	require.NoError(b, s.Follow(b.Context(), []string{life.Repo()}, begin, 0))
	require.NoError(b, s.SetFollowed(b.Context(), testruns.Followed{Repo: life.Repo(), Branch: "main"}))
	for n := range runs {
		require.NoError(b, s.Record(b.Context(), life.Attempt(begin.Add(noon.Sub(begin)/runs*time.Duration(n)))))
	}
	h, err := s.History(b.Context(), life.Repo(), "main", begin)
	require.NoError(b, err)
	b.Logf("%d runs, %d results, %d tests, %d days", len(h.Runs), len(h.Results), len(h.Tests), len(h.Days))
	for b.Loop() {
		j := testruns.Judge(h, testruns.Period{Since: noon.AddDate(0, 0, -7), Until: noon})
		require.NotZero(b, j.Counts.Runs)
	}
}
