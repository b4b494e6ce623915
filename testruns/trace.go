package testruns

import (
	"cmp"
	"slices"
	"strings"
)

// sighting is a test in one run, all attempts together.
type sighting struct {
	build   *build
	failed  bool // at last
	mixed   bool // passed and failed on this commit
	message string
}

// trace is everything known of one test that was not always green: its sightings in the runs that judge, oldest first,
// neighbouring ones of one commit put together.
type trace struct {
	test      Test
	sightings []sighting
	missing   int // runs of its workflow after the last sighting that did not execute it
	oldest    int // runs of its workflow before the first sighting
}

// eachTrace hands over the traces in order of the tests' names. One is good until the next: all of them together would
// be large, and mostly passes.
func eachTrace(h History, builds []build, do func(trace)) {
	results := map[TestID]map[RunKey]Result{}
	for _, r := range h.Results {
		if results[r.Test] == nil {
			results[r.Test] = map[RunKey]Result{}
		}
		results[r.Test][r.Run] = r
	}
	type named struct {
		Test
		label string
	}
	var tests []named
	for id := range results {
		if test, ok := h.Tests[id]; ok {
			tests = append(tests, named{test, test.Label()})
		}
	}
	slices.SortFunc(tests, func(a, b named) int {
		return cmp.Or(strings.Compare(a.label, b.label), strings.Compare(a.Job, b.Job), cmp.Compare(a.ID, b.ID))
	})
	room := make([]sighting, 0, len(builds))
	for _, test := range tests {
		if t := traceOf(test.Test, results[test.ID], builds, room); len(t.sightings) > 0 {
			do(t)
		}
	}
}

// traceOf is the trace of a test; its sightings are put into room.
func traceOf(test Test, results map[RunKey]Result, builds []build, room []sighting) trace {
	t := trace{test: test, sightings: room[:0]}
	w := witness{test: test.ID, results: results}
	for i := range builds {
		b := &builds[i]
		if !b.telling || b.Workflow != test.Workflow {
			continue
		}
		s, ok := w.sight(b)
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

// witness tells what one test did in runs.
type witness struct {
	test    TestID
	results map[RunKey]Result
	set     []TestID // that was looked through last: most runs execute what the one before did
	in      bool     // whether the test is in it
}

// sight finds what the test did in a run: the last attempt that executed it has the last word.
func (w *witness) sight(b *build) (s sighting, ok bool) {
	s.build = b
	var failed, passed bool
	for _, a := range b.evidence {
		r, bad := w.results[a.RunKey]
		if !bad && !w.executed(a.set) {
			continue
		}
		ok = true
		s.failed = bad && r.Verdict != Flaky
		passed = passed || !s.failed
		failed = failed || bad
		if bad && r.Message != "" {
			s.message = r.Message
		}
	}
	s.mixed = failed && passed
	return s, ok
}

func (w *witness) executed(set []TestID) bool {
	if len(set) == 0 {
		return false
	}
	if len(w.set) != len(set) || &w.set[0] != &set[0] {
		w.set, w.in = set, contains(set, w.test)
	}
	return w.in
}

const (
	// absent is how many runs in a row may leave a test out before it counts as removed.
	absent = 3
	// brokenFrom is the number of commits in a row from which a failing test is broken and no longer called flaky.
	brokenFrom = 3
	// fixedBy is the number of passes in a row that mend a broken test.
	fixedBy = 3
)

// judge puts a test where it belongs.
func (j *Judgement) judge(t trace) {
	row := 0 // failures since the last pass
	for n := len(t.sightings); row < n && t.sightings[n-1-row].failed; {
		row++
	}
	signs := t.signs()
	recovery, at := t.recovery(signs)
	flaky := at == nil && signs.flaky(j.Period.Until)
	flake := t.flake()
	fix, fixed, again := t.mended()
	switch here := t.missing < absent; {
	case here && row > 0 && (!flaky || t.broken(row)):
		j.failing(t, row)
	case here && flaky && flake.Times > 0:
		j.Flaky = append(j.Flaky, flake)
	case fixed:
		j.Fixed = append(j.Fixed, fix)
	case at != nil && at.inPeriod:
		j.Recovered = append(j.Recovered, recovery)
	case here && t.shown():
		j.Once = append(j.Once, flake)
	case again:
		j.Again = append(j.Again, fix)
	}
}

// broken tells whether the test failed on the last commits of its row, and never passed on one of them.
func (t trace) broken(row int) bool {
	n := len(t.sightings)
	return row >= brokenFrom && !slices.ContainsFunc(t.sightings[n-brokenFrom:], func(s sighting) bool { return s.mixed })
}

func (j *Judgement) failing(t trace, row int) {
	n := len(t.sightings)
	first, last := t.sightings[n-row], t.sightings[n-1]
	f := Failure{Test: t.test, First: first.build.Run, Last: last.build.Run, Commits: row, Message: last.message}
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

// mended tells of a test that passes now after failures. Once broken it stays so until it has passed three times in a row:
// fixed is that the third time was in the period. Again is less: the first pass was in the period, and the test was
// failing when the period began, or is broken still.
func (t trace) mended() (fix Fix, fixed, again bool) {
	var (
		since, by     *sighting // the first of the failures, and the first pass after them
		broken        bool
		fails, passes int // in a row
	)
	for i := range t.sightings {
		s := &t.sightings[i]
		if s.failed {
			if fails == 0 && !broken {
				since, by = s, nil
			}
			fails, passes = fails+1, 0
			broken = broken || fails >= brokenFrom
			continue
		}
		if passes == 0 {
			by = s
		}
		fails, passes = 0, passes+1
		if broken && passes == fixedBy {
			broken, fixed = false, s.build.inPeriod
			fix = Fix{Test: t.test, Since: since.build.Run, By: by.build.Run}
		}
	}
	if fixed || since == nil || fails > 0 {
		return fix, fixed && fails == 0, false
	}
	fix = Fix{Test: t.test, Since: since.build.Run, By: by.build.Run}
	return fix, false, by.build.inPeriod && (broken || !since.build.inPeriod)
}
