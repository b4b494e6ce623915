package testruns_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns"
)

// The examples of Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
// table I, method 3.
func TestWilsonsIntervalAsPublished(t *testing.T) {
	for rate, want := range map[testruns.Rate][2]float64{
		{Hits: 81, N: 263}: {0.2553, 0.3662},
		{Hits: 15, N: 148}: {0.0624, 0.1605},
		{Hits: 0, N: 20}:   {0.0000, 0.1611},
		{Hits: 1, N: 29}:   {0.0061, 0.1718},
	} {
		low, high := rate.Interval()
		require.InDelta(t, want[0], low, 0.00005, "%+v", rate)
		require.InDelta(t, want[1], high, 0.00005, "%+v", rate)
	}
	low, high := testruns.Rate{}.Interval()
	require.Equal(t, [2]float64{0, 1}, [2]float64{low, high}, "of nothing nothing is known")
}

// The examples of Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine
// 17 (1998), table II, method 10.
func TestNewcombesIntervalAsPublished(t *testing.T) {
	for rates, want := range map[[2]testruns.Rate][2]float64{
		{{Hits: 56, N: 70}, {Hits: 48, N: 80}}: {0.0524, 0.3339},
		{{Hits: 9, N: 10}, {Hits: 3, N: 10}}:   {0.1705, 0.8090},
		{{Hits: 6, N: 7}, {Hits: 2, N: 7}}:     {0.0582, 0.8062},
		{{Hits: 5, N: 56}, {Hits: 0, N: 29}}:   {-0.0381, 0.1926},
		{{Hits: 0, N: 10}, {Hits: 0, N: 20}}:   {-0.1611, 0.2775},
		{{Hits: 0, N: 10}, {Hits: 0, N: 10}}:   {-0.2775, 0.2775},
		{{Hits: 10, N: 10}, {Hits: 0, N: 20}}:  {0.6791, 1.0000},
		{{Hits: 10, N: 10}, {Hits: 0, N: 10}}:  {0.6075, 1.0000},
	} {
		low, high := testruns.Difference(rates[0], rates[1])
		require.InDelta(t, want[0], low, 0.00005, "%+v", rates)
		require.InDelta(t, want[1], high, 0.00005, "%+v", rates)
	}
}

func TestChangeIsToldOnlyWhereItIsClear(t *testing.T) {
	for _, test := range []struct {
		name        string
		before, now testruns.Rate
		want        testruns.Change
	}{
		{"clearly worse", testruns.Rate{Hits: 38, N: 40}, testruns.Rate{Hits: 26, N: 40}, testruns.Down},
		{"clearly better", testruns.Rate{Hits: 26, N: 40}, testruns.Rate{Hits: 38, N: 40}, testruns.Up},
		{"within chance", testruns.Rate{Hits: 38, N: 40}, testruns.Rate{Hits: 34, N: 40}, testruns.Unclear},
		{"too few now", testruns.Rate{Hits: 40, N: 40}, testruns.Rate{Hits: 0, N: 19}, testruns.Unclear},
		{"too few before", testruns.Rate{Hits: 19, N: 19}, testruns.Rate{Hits: 0, N: 40}, testruns.Unclear},
		{"just enough", testruns.Rate{Hits: 20, N: 20}, testruns.Rate{Hits: 0, N: 20}, testruns.Down},
		{"sure, and too small to matter", testruns.Rate{Hits: 10000, N: 10000}, testruns.Rate{Hits: 9701, N: 10000}, testruns.Unclear},
		{"sure, and 3 points", testruns.Rate{Hits: 10000, N: 10000}, testruns.Rate{Hits: 9700, N: 10000}, testruns.Down},
		{"nothing before", testruns.Rate{}, testruns.Rate{Hits: 40, N: 40}, testruns.Unclear},
	} {
		require.Equal(t, test.want, testruns.Trend{Before: test.before, Now: test.now}.Change(), test.name)
	}
}

// Whatever the share of green runs is, where it stays the same a change for the worse is said of less than 3 % of periods of
// about as many runs, summed over all that may be seen.
func TestChanceIsSeldomCalledAChange(t *testing.T) {
	for _, runs := range [][2]int{{20, 20}, {70, 70}, {70, 60}, {140, 140}} {
		for green := 0.05; green < 0.995; green += 0.05 {
			before, now := chances(runs[0], green), chances(runs[1], green)
			down := 0.0
			for a := range before {
				for b := range now {
					if (testruns.Trend{Before: testruns.Rate{Hits: a, N: runs[0]}, Now: testruns.Rate{Hits: b, N: runs[1]}}).Change() == testruns.Down {
						down += before[a] * now[b]
					}
				}
			}
			require.Less(t, down, 0.03, "%d and %d runs, of which %.0f %% are green", runs[0], runs[1], 100*green)
		}
	}
}

// chances are those of each number of green runs among n.
func chances(n int, green float64) []float64 {
	all := make([]float64, n+1)
	all[0] = math.Pow(1-green, float64(n))
	for k := 1; k <= n; k++ {
		all[k] = all[k-1] * float64(n-k+1) / float64(k) * green / (1 - green)
	}
	return all
}

func TestIntervalProperties(t *testing.T) {
	rate := rapid.Custom(func(r *rapid.T) testruns.Rate {
		n := rapid.IntRange(0, 3000).Draw(r, "n")
		return testruns.Rate{N: n, Hits: rapid.IntRange(0, n).Draw(r, "hits")}
	})
	const rounding = 1e-9
	rapid.Check(t, func(r *rapid.T) {
		a, b := rate.Draw(r, "a"), rate.Draw(r, "b")
		low, high := a.Interval()
		if low < 0 || high > 1 || low > a.Share()+rounding || high < a.Share()-rounding && a.N > 0 {
			r.Fatalf("%+v lies outside of its interval %g to %g", a, low, high)
		}
		missed := testruns.Rate{Hits: a.N - a.Hits, N: a.N}
		if l, h := missed.Interval(); l-(1-high) > rounding || h-(1-low) > rounding {
			r.Fatalf("misses of %+v: %g to %g, hits %g to %g", a, l, h, low, high)
		}
		if more := (testruns.Rate{Hits: a.Hits * 2, N: a.N * 2}); a.N > 0 {
			if l, h := more.Interval(); h-l > high-low+rounding {
				r.Fatalf("twice as much of %+v is less certain: %g to %g", a, l, h)
			}
		}
		low, high = testruns.Difference(a, b)
		back, there := testruns.Difference(b, a)
		if low+there > rounding || -low-there > rounding || high+back > rounding || low < -1-rounding || high > 1+rounding {
			r.Fatalf("%+v and %+v: %g to %g, the other way round %g to %g", a, b, low, high, back, there)
		}
		opposite := map[testruns.Change]testruns.Change{testruns.Up: testruns.Down, testruns.Down: testruns.Up, testruns.Unclear: testruns.Unclear}
		if forth, back := (testruns.Trend{Before: a, Now: b}).Change(), (testruns.Trend{Before: b, Now: a}).Change(); forth != opposite[back] {
			r.Fatalf("%+v and %+v: %s, the other way round %s", a, b, forth, back)
		}
	})
}
