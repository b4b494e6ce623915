package testruns

import (
	"cmp"
	"slices"
	"time"
)

// Slowdown is a test that takes longer than it did.
type Slowdown struct {
	Test        Test
	Before, Now time.Duration // medians of the daily means
	Runs        int           // of the last 7 days, in which it passed
}

// Longer is how much longer.
func (s Slowdown) Longer() time.Duration { return s.Now - s.Before }

const (
	// slowDays are the days, today included, that are compared with slowAgainst days before them.
	slowDays    = 7
	slowAgainst = 14
	// slowRuns is the number of timed runs that each of both needs.
	slowRuns = 20
	// slowLeast is the least difference that is told.
	slowLeast = 100 * time.Millisecond
)

// slowdowns are the tests of which the median of the daily means over 7 days is at least 20 % and 100 ms above that of the
// 14 days before, with 20 timed runs in each. A run is timed where the test passed: a failure ends early, or late.
func slowdowns(h History, until time.Time) []Slowdown {
	today := DateOf(until)
	now, before := map[TestID]*timing{}, map[TestID]*timing{}
	for _, d := range h.Days {
		switch ago := today.Sub(d.Date) / (24 * time.Hour); {
		case !d.Default || ago < 0:
		case ago < slowDays:
			timingOf(now, d)
		case ago < slowDays+slowAgainst:
			timingOf(before, d)
		}
	}
	var slower []Slowdown
	for id, n := range now {
		b, test := before[id], h.Tests[id]
		if b == nil || n.runs < slowRuns || b.runs < slowRuns || test.ID == 0 {
			continue
		}
		s := Slowdown{Test: test, Before: b.median(), Now: n.median(), Runs: n.runs}
		if s.Longer() >= slowLeast && s.Now*5 >= s.Before*6 {
			slower = append(slower, s)
		}
	}
	slices.SortFunc(slower, func(a, b Slowdown) int {
		return cmp.Or(cmp.Compare(b.Longer(), a.Longer()), cmp.Compare(a.Test.ID, b.Test.ID))
	})
	return slower
}

// timing is how long a test took over some days.
type timing struct {
	means []time.Duration // of the days
	runs  int
}

// timingOf adds a day to the timing of its test.
func timingOf(all map[TestID]*timing, d Day) {
	mean, ok := d.Mean()
	if !ok {
		return
	}
	t := all[d.Test]
	if t == nil {
		t = &timing{}
		all[d.Test] = t
	}
	t.means, t.runs = append(t.means, mean), t.runs+d.Runs-d.Failures
}

func (t *timing) median() time.Duration {
	slices.Sort(t.means)
	n := len(t.means)
	if n%2 == 1 {
		return t.means[n/2]
	}
	return (t.means[n/2-1] + t.means[n/2]) / 2
}
