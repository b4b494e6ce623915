package testruns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/testruns"
)

// Ten runs a day on the default branch, for 14 days; half of the red runs are started again, and in one run of fifty, whatever
// its code, nearly all tests fail.
const (
	simulatedDays = 14
	runsPerDay    = 10
	simulatedRuns = simulatedDays * runsPerDay
	betweenRuns   = 24 * time.Hour / runsPerDay
	outages       = 0.02
	bystanders    = 11 // tests that always pass, outages aside
)

// simulate draws a test by how it does in the n-th run, tried anew for each attempt, among others that always pass.
func simulate(t testing.TB, rnd *rand.Rand, fails func(n int) bool) testruns.History {
	t.Helper()
	var tested, others strings.Builder
	for n := range simulatedRuns {
		cell, other := "", ""
		for {
			out := rnd.Float64() < outages
			failed := out || fails(n)
			cell += map[bool]string{true: "F", false: "."}[failed]
			other += map[bool]string{true: "F", false: "."}[out]
			if len(cell) == 2 || !failed || rnd.IntN(2) == 0 {
				break
			}
		}
		tested.WriteString(" " + cell)
		others.WriteString(" " + other)
	}
	lines := []string{"a:" + tested.String()}
	for i := range bystanders {
		lines = append(lines, fmt.Sprintf("b%02d:%s", i, others.String()))
	}
	return spaced(draw(t, lines...), betweenRuns)
}

// spaced lays the runs of a drawn history so far apart.
func spaced(h testruns.History, step time.Duration) testruns.History {
	for i, r := range h.Runs {
		at := noon.Add(time.Duration(r.ID-1)*step + time.Duration(r.Attempt-1)*time.Minute)
		h.Runs[i].Started, h.Runs[i].Completed, h.Runs[i].Recorded = at, at, at
	}
	return h
}

// calledFlaky is the first day at whose end the test is called flaky, when each day is judged by itself; 0 is on none.
func calledFlaky(h testruns.History) int {
	for day := 1; day <= simulatedDays; day++ {
		until := noon.AddDate(0, 0, day).Add(-time.Minute)
		j := testruns.Judge(h, testruns.Period{Since: until.AddDate(0, 0, -1), Until: until})
		if slices.ContainsFunc(j.Flaky, func(f testruns.Flake) bool { return f.Test.Name == "a" }) {
			return day
		}
	}
	return 0
}

// A real regression, mended after some runs or not at all, is called flaky in less than one history of a hundred.
func TestARegressionIsNotCalledFlaky(t *testing.T) {
	const histories = 500
	rnd := rand.New(rand.NewPCG(1, 1))
	wrong := 0
	for range histories {
		from := rnd.IntN(simulatedRuns)
		to := from + 1 + int(rnd.ExpFloat64()*8) // half of them within six runs
		if rnd.IntN(3) == 0 {
			to = simulatedRuns
		}
		h := simulate(t, rnd, func(n int) bool { return from <= n && n < to })
		if calledFlaky(h) > 0 {
			wrong++
		}
	}
	t.Logf("%d of %d regressions were called flaky", wrong, histories)
	require.Less(t, wrong*100, histories)
}

// A test that fails in one run of twenty is called flaky within 14 days in more than nine histories of ten.
func TestAFlakeIsFound(t *testing.T) {
	const histories = 500
	rnd := rand.New(rand.NewPCG(2, 2))
	found, days := 0, 0
	for range histories {
		if day := calledFlaky(simulate(t, rnd, func(int) bool { return rnd.Float64() < 0.05 })); day > 0 {
			found++
			days += day
		}
	}
	t.Logf("%d of %d flaky tests were found, after %.1f days in the mean", found, histories, float64(days)/float64(found))
	require.Greater(t, found*10, histories*9)
}

// Where nothing changed, green runs are said to be down in less than three weeks of a hundred.
func TestNoChangeIsNotCalledDown(t *testing.T) {
	const weeks = 300 // at each rate
	rnd := rand.New(rand.NewPCG(3, 3))
	down, all := 0, 0
	for _, green := range []float64{0.6, 0.7, 0.8, 0.9, 0.95, 0.98} {
		for range weeks {
			h := spaced(draw(t, "a:"+strings.Repeat(" .", simulatedRuns)), betweenRuns)
			for i := range h.Runs {
				if rnd.Float64() >= green {
					h.Runs[i].State = testruns.Red
				}
			}
			until := noon.AddDate(0, 0, simulatedDays).Add(-time.Minute)
			trend := testruns.Judge(h, testruns.Period{Since: until.AddDate(0, 0, -7), Until: until}).Trend
			require.Equal(t, simulatedRuns, trend.Before.N+trend.Now.N)
			if all++; trend.Change() == testruns.Down {
				down++
			}
		}
	}
	t.Logf("down was said of %d of %d weeks", down, all)
	require.Less(t, down*100, all*3)
}

// Runs that are red because the one before was are no chance: where breakages last, a worse week is told more often than 3 in
// a hundred. How often is what docs/tests.md says.
func TestHowOftenLastingBreakagesAreCalledDown(t *testing.T) {
	const weeks, runs, begun = 20000, 7 * runsPerDay, 0.02
	rnd := rand.New(rand.NewPCG(4, 4))
	week := func(mean float64) (r testruns.Rate) {
		for red := 0; r.N < runs; r.N++ {
			if red == 0 && rnd.Float64() < begun {
				red = 1
				for rnd.Float64() > 1/mean {
					red++
				}
			}
			if red == 0 {
				r.Hits++
			} else {
				red--
			}
		}
		return r
	}
	for _, known := range [][2]float64{{1, 0.004}, {2, 0.08}, {3, 0.15}} {
		mean, want := known[0], known[1]
		down := 0
		for range weeks {
			if (testruns.Trend{Before: week(mean), Now: week(mean)}).Change() == testruns.Down {
				down++
			}
		}
		require.InDelta(t, want, float64(down)/weeks, 0.02, "breakages last %g runs", mean)
	}
}
