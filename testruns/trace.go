package testruns

import (
	"slices"
	"strings"
	"time"
)

// sighting is a test in one run, all attempts together.
type sighting struct {
	build    *build
	failed   bool // at last
	mixed    bool // passed and failed on this commit
	messages string
}

// trace is everything known of one test that was not always green: its sightings in the runs that judge, oldest first,
// neighbouring ones of one commit put together.
type trace struct {
	test      Test
	sightings []sighting
	missing   int // runs of its workflow after the last sighting that did not execute it
	oldest    int // runs of its workflow before the first sighting
}

// tracesOf gathers the traces, in order of the tests' names.
func tracesOf(h History, builds []build) []trace {
	results := map[TestID]map[RunKey]Result{}
	for _, r := range h.Results {
		if results[r.Test] == nil {
			results[r.Test] = map[RunKey]Result{}
		}
		results[r.Test][r.Run] = r
	}
	var traces []trace
	for id, of := range results {
		test, ok := h.Tests[id]
		if !ok {
			continue
		}
		if t := traceOf(test, of, h.Sets, builds); len(t.sightings) > 0 {
			traces = append(traces, t)
		}
	}
	slices.SortFunc(traces, func(a, b trace) int {
		if c := strings.Compare(a.test.Label(), b.test.Label()); c != 0 {
			return c
		}
		return strings.Compare(a.test.Job, b.test.Job)
	})
	return traces
}

func traceOf(test Test, results map[RunKey]Result, sets map[SetID][]TestID, builds []build) trace {
	t := trace{test: test}
	for i := range builds {
		b := &builds[i]
		if !b.judges || b.Workflow != test.Workflow {
			continue
		}
		s, ok := sight(b, test.ID, results, sets)
		if !ok {
			t.missing++
			continue
		}
		if len(t.sightings) == 0 {
			t.oldest = t.missing
		}
		t.missing = 0
		if n := len(t.sightings); n > 0 && t.sightings[n-1].build.Commit == b.Commit {
			before := t.sightings[n-1]
			s.mixed = s.mixed || before.mixed || before.failed != s.failed
			t.sightings[n-1] = s
			continue
		}
		t.sightings = append(t.sightings, s)
	}
	return t
}

// sight finds what a test did in a run: the last attempt that executed it has the last word.
func sight(b *build, id TestID, results map[RunKey]Result, sets map[SetID][]TestID) (s sighting, ok bool) {
	s.build = b
	var failed, passed bool
	for _, a := range b.attempts {
		r, bad := results[a.RunKey]
		if !bad && !contains(sets[a.Executed], id) {
			continue
		}
		ok = true
		s.failed = bad && r.Verdict != Flaky
		switch {
		case !bad:
			passed = true
		case r.Verdict == Flaky:
			passed, failed = true, true
		default:
			failed = true
		}
		if bad && r.Message != "" {
			s.messages = r.Message
		}
	}
	s.mixed = failed && passed
	return s, ok
}

// absent is how many runs in a row may leave a test out before it counts as removed.
const absent = 3

// brokenFrom is the number of commits in a row from which a failing test is broken and no longer called flaky.
const brokenFrom = 3

// judge puts a test where it belongs.
func (j *Judgement) judge(t trace) {
	n := len(t.sightings)
	row := 0
	for row < n && t.sightings[n-1-row].failed {
		row++
	}
	flaky := t.flaky(j.Period.Until)
	if row > 0 && t.missing < absent && (!flaky || row >= brokenFrom) {
		j.failing(t, row)
		return
	}
	if flake := t.flake(); flake.Times > 0 && t.missing < absent {
		if flaky {
			j.Flaky = append(j.Flaky, flake)
			return
		}
		if t.shown() {
			j.Once = append(j.Once, flake)
			return
		}
	}
	j.fixed(t)
}

func (j *Judgement) failing(t trace, row int) {
	n := len(t.sightings)
	first, last := t.sightings[n-row], t.sightings[n-1]
	f := Failure{Test: t.test, First: first.build.Run, Last: last.build.Run, Commits: row, Message: last.messages}
	f.AtLeast = row == n && t.oldest == 0
	if row < n {
		good := t.sightings[n-row-1].build.Run
		f.LastGood = &good
	}
	if first.build.inPeriod {
		j.New = append(j.New, f)
	} else {
		j.Still = append(j.Still, f)
	}
}

// fixed notes a test whose failures ended in the period: it was red when the period began, or long enough to be broken.
func (j *Judgement) fixed(t trace) {
	n := len(t.sightings)
	passes := 0
	for passes < n && !t.sightings[n-1-passes].failed {
		passes++
	}
	if passes == 0 || passes == n {
		return
	}
	by := t.sightings[n-passes]
	end := n - passes
	begin := end
	for begin > 0 && t.sightings[begin-1].failed {
		begin--
	}
	if by.build.inPeriod && (!t.sightings[begin].build.inPeriod || end-begin >= brokenFrom) {
		j.Fixed = append(j.Fixed, Fix{Test: t.test, Since: t.sightings[begin].build.Run, By: by.build.Run})
	}
}

// flakyWithin is how far back the signs of flakiness count.
const flakyWithin = 14 * 24 * time.Hour

// flaky decides by the signs of 14 days: passed and failed on one commit, on two commits or more; or three bursts of at
// most two failing runs between passes; or two bursts and one such commit.
func (t trace) flaky(until time.Time) bool {
	mixed, bursts := 0, 0
	for i := 0; i < len(t.sightings); i++ {
		s := t.sightings[i]
		if s.build.Completed.Before(until.Add(-flakyWithin)) {
			continue
		}
		if s.mixed {
			mixed++
		}
		if !s.failed || i == 0 || t.sightings[i-1].failed {
			continue
		}
		length := 1
		for i+length < len(t.sightings) && t.sightings[i+length].failed {
			length++
		}
		if length <= 2 && i+length < len(t.sightings) {
			bursts++
		}
	}
	return mixed >= 2 || bursts >= 3 || bursts >= 2 && mixed >= 1
}

// flake counts the signs within the period.
func (t trace) flake() Flake {
	f := Flake{Test: t.test}
	for _, s := range t.sightings {
		if !s.build.inPeriod {
			continue
		}
		f.Of++
		if s.mixed || s.failed {
			f.Times++
			f.Latest = s.build.Run
		}
	}
	return f
}

// shown tells whether the test passed and failed on one commit within the period.
func (t trace) shown() bool {
	return slices.ContainsFunc(t.sightings, func(s sighting) bool { return s.build.inPeriod && s.mixed })
}
