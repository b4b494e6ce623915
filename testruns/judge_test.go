package testruns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// hour is the moment at which run n of a drawn history ends.
func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

// draw makes a history of one line a test, one column a run, each an hour after the one before: `.` passed, `F` failed,
// `R` passed after a retry, `-` not executed; several signs in a column are attempts, and `=` in front of a column is
// another run on the same commit. A line called "run" sets states: `n` no report, `u` unreadable, `c` cancelled,
// `o` failed outside its tests, `g` gone.
func draw(t testing.TB, lines ...string) testruns.History {
	t.Helper()
	h := testruns.History{Tests: map[testruns.TestID]testruns.Test{}, Sets: map[testruns.SetID][]testruns.TestID{}}
	cells := map[string][]string{}
	var names []string
	columns := 0
	for _, line := range lines {
		name, rest, ok := strings.Cut(line, ":")
		require.True(t, ok, line)
		cells[name] = strings.Fields(rest)
		columns = max(columns, len(cells[name]))
		if name != "run" {
			names = append(names, name)
		}
	}
	commit := 0
	for column := range columns {
		attempts, same := 1, false
		for _, name := range names {
			cell := at(cells[name], column)
			same = same || strings.HasPrefix(cell, "=")
			attempts = max(attempts, len(strings.TrimPrefix(cell, "=")))
		}
		if !same {
			commit++
		}
		for attempt := 1; attempt <= attempts; attempt++ {
			drawAttempt(&h, names, cells, column, attempt, fmt.Sprintf("c%02d", commit))
		}
	}
	return h
}

func at(cells []string, i int) string {
	if i < len(cells) {
		return cells[i]
	}
	return "-"
}

func drawAttempt(h *testruns.History, names []string, cells map[string][]string, column, attempt int, commit string) {
	r := testruns.Run{RunKey: testruns.RunKey{ID: int64(column + 1), Attempt: attempt}, Workflow: "ci.yml", Branch: "main", Commit: commit,
		Author: "Carol", Conclusion: "success", Started: hour(column).Add(-10 * time.Minute), State: testruns.Green,
		Completed: hour(column).Add(time.Duration(attempt-1) * time.Minute)}
	r.Recorded = r.Completed
	var set []testruns.TestID
	for i, name := range names {
		cell := strings.TrimPrefix(at(cells[name], column), "=")
		if attempt > len(cell) || cell[attempt-1] == '-' {
			continue
		}
		id := testruns.TestID(i + 1)
		h.Tests[id] = testruns.Test{ID: id, Workflow: "ci.yml", Name: name}
		set = append(set, id)
		r.Tests++
		result := testruns.Result{Run: r.RunKey, Test: id, Message: name + " broke"}
		switch cell[attempt-1] {
		case 'F':
			result.Verdict = testruns.Failed
			r.Failed++
			r.State = testruns.Red
		case 'R':
			result.Verdict = testruns.Flaky
			r.Flaky++
			r.Passed++
		default:
			r.Passed++
			continue
		}
		h.Results = append(h.Results, result)
	}
	switch at(cells["run"], column) {
	case "n":
		r.State = testruns.NoReport
	case "u":
		r.State = testruns.Unreadable
	case "c":
		r.State = testruns.Cancelled
	case "o":
		r.State = testruns.Outside
	case "g":
		r.State = testruns.Gone
	}
	if len(set) == 0 && r.State == testruns.Green {
		r.State = testruns.NoReport
	}
	if len(set) > 0 && r.State != testruns.NoReport {
		r.Executed = testruns.SetID(fmt.Sprint(set))
		h.Sets[r.Executed] = set
	}
	h.Runs = append(h.Runs, r)
}

// verdict is a judgement in words, for tables.
func verdict(j testruns.Judgement) string {
	var parts []string
	for _, f := range j.New {
		parts = append(parts, fmt.Sprintf("new %s@%s×%d", f.Test.Name, f.First.Commit, f.Commits))
	}
	for _, f := range j.Still {
		parts = append(parts, fmt.Sprintf("still %s@%s×%d", f.Test.Name, f.First.Commit, f.Commits))
	}
	for _, f := range j.Fixed {
		parts = append(parts, fmt.Sprintf("fixed %s@%s", f.Test.Name, f.By.Commit))
	}
	for _, f := range j.Again {
		parts = append(parts, fmt.Sprintf("again %s@%s", f.Test.Name, f.By.Commit))
	}
	for _, f := range j.Flaky {
		parts = append(parts, fmt.Sprintf("flaky %s %d/%d", f.Test.Name, f.Times, f.Of))
	}
	for _, f := range j.Once {
		parts = append(parts, fmt.Sprintf("once %s %d/%d", f.Test.Name, f.Times, f.Of))
	}
	for _, r := range j.Recovered {
		parts = append(parts, fmt.Sprintf("recovered %s@%s +%d", r.Test.Name, r.Last.Commit, r.Clean))
	}
	if !j.BrokenSince.IsZero() {
		parts = append(parts, "CI broken")
	}
	parts = append(parts, fmt.Sprintf("%d/%d", j.Counts.Green, j.Counts.Runs))
	return strings.Join(parts, ", ")
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		since int // the first run of the period
		want  string
	}{
		"all green":                         {[]string{"a: . . . .", "b: . . . ."}, 0, "4/4"},
		"nothing at all":                    {nil, 0, "0/0"},
		"nothing in the period":             {[]string{"a: . ."}, 5, "0/0"},
		"a new failure":                     {[]string{"a: . . F", "b: . . ."}, 2, "new a@c03×1, 0/1"},
		"a failure from before":             {[]string{"a: . F F F"}, 2, "still a@c02×3, 0/2"},
		"a failure from before, no new run": {[]string{"a: . F"}, 5, "still a@c02×1, 0/0"},
		"failing since its first run":       {[]string{"a: . . .", "b: - - F"}, 2, "new b@c03×1, 0/1"},
		"red for a while and mended":        {[]string{"a: . F F . ."}, 2, "again a@c04, 2/3"},
		"broken, and passed twice":          {[]string{"a: . F F F . ."}, 1, "again a@c05, 2/5"},
		"broken, and passed three times":    {[]string{"a: . F F F . . ."}, 1, "fixed a@c05, 3/6"},
		"passed for the third time now":     {[]string{"a: F F F . . ."}, 5, "fixed a@c04, 1/1"},
		"passed for the second time now":    {[]string{"a: F F F . ."}, 4, "1/1"},
		"fixed before the period":           {[]string{"a: F F F . . . ."}, 6, "1/1"},
		"broken, and fell back":             {[]string{"a: . F F F . F . . ."}, 1, "fixed a@c07, 4/8"},
		"broken, and fell back just now":    {[]string{"a: . F F F . F"}, 1, "new a@c06×1, 1/5"},
		"fixed, and fails anew":             {[]string{"a: . F F F . . . F"}, 1, "new a@c08×1, 3/7"},
		"one red run in the period":         {[]string{"a: . . F . ."}, 2, "2/3"},
		"mended before the period":          {[]string{"a: F F . . ."}, 3, "2/2"},
		"passed on the second attempt":      {[]string{"a: . . F. ."}, 1, "once a 1/3, 3/3"},
		"twice: that is flaky":              {[]string{"a: . F. . F. ."}, 1, "flaky a 2/4, 4/4"},
		"retry marks":                       {[]string{"a: . R . R ."}, 1, "flaky a 2/4, 4/4"},
		"three bursts":                      {[]string{"a: . F . F F . F ."}, 1, "flaky a 4/7, 3/7"},
		"two bursts are not enough":         {[]string{"a: . F . F ."}, 1, "2/4"},
		"two bursts and a retry":            {[]string{"a: . F . R . F ."}, 1, "flaky a 3/6, 4/6"},
		"flaky signs before the period":     {[]string{"a: F. F. . . ."}, 3, "2/2"},
		"flaky, and red just now":           {[]string{"a: R R . . F"}, 3, "flaky a 1/2, 1/2"},
		"flaky, but red three times":        {[]string{"a: R R . F F F"}, 3, "new a@c04×3, 0/3"},
		"passed, then failed, on a commit":  {[]string{"a: . .F . F ."}, 1, "once a 2/4, 2/4"},
		"that and two bursts":               {[]string{"a: . .F . F . F ."}, 1, "flaky a 3/6, 3/6"},
		"red thrice, once not for sure":     {[]string{"a: R R . F .F F"}, 3, "flaky a 3/3, 0/3"},
		"two runs on one commit":            {[]string{"a: . F =. ."}, 1, "once a 1/2, 2/3"},
		"a test that was removed":           {[]string{"a: . F - - -", "b: . . . . ."}, 2, "3/3"},
		"a test that is left out for now":   {[]string{"a: . F - -", "b: . . . ."}, 2, "still a@c02×1, 2/2"},
		"a partial re-run":                  {[]string{"a: . F", "b: . .."}, 1, "new a@c02×1, 1/1"},
		"cancelled runs do not count":       {[]string{"a: . . F", "run: g g c"}, 2, "0/0"},
		"expired reports do not count":      {[]string{"a: . . .", "run: g x g"}, 2, "0/0"},
		"no report":                         {[]string{"a: . . . .", "run: x x n n"}, 1, "CI broken, 1/3"},
		"no report, then one":               {[]string{"a: . . . .", "run: x n n x"}, 1, "1/3"},
		"unreadable":                        {[]string{"a: . . . .", "run: x x x u"}, 1, "CI broken, 2/3"},
		"outside of the tests":              {[]string{"a: . . . .", "run: x x x o"}, 1, "2/3"},
		"a workflow without reports":        {[]string{"run: n n n"}, 0, "0/0"},
		"failures while CI is broken":       {[]string{"a: . F F .", "run: x x x n"}, 1, "new a@c02×2, CI broken, 0/3"},
	} {
		t.Run(name, func(t *testing.T) {
			h := draw(t, test.lines...)
			rand.Shuffle(len(h.Runs), func(a, b int) { h.Runs[a], h.Runs[b] = h.Runs[b], h.Runs[a] })
			p := testruns.Period{Since: hour(test.since).Add(-time.Minute), Until: hour(48)}
			require.Equal(t, test.want, verdict(testruns.Judge(h, p)))
		})
	}
}

func TestJudgeNamesTheCommitsThatMatter(t *testing.T) {
	j := testruns.Judge(draw(t, "a: . . F F"), testruns.Period{Since: hour(1), Until: hour(9)})
	require.Len(t, j.New, 1)
	f := j.New[0]
	require.Equal(t, []string{"c03", "c02", "c04"}, []string{f.First.Commit, f.LastGood.Commit, f.Last.Commit})
	require.Equal(t, "a broke", f.Message)
	require.False(t, f.Broken())
	require.False(t, f.AtLeast)
	j = testruns.Judge(draw(t, "a: F F", "b: - F"), testruns.Period{Since: hour(1), Until: hour(9)})
	require.Equal(t, []bool{true, false}, []bool{j.Still[1].AtLeast, j.Still[0].AtLeast}, "of b the first run is known, of a it is not")
	require.True(t, j.GreenSince.IsZero())

	j = testruns.Judge(draw(t, "a: F . ."), testruns.Period{Since: hour(0), Until: hour(9)})
	require.Equal(t, hour(1), j.GreenSince)
	require.Equal(t, int64(3), j.Latest.ID)
	require.Equal(t, []int64{3, 2}, []int64{j.Runs[0].ID, j.Runs[1].ID})
}

func TestARunWithMostTestsFailingJudgesNone(t *testing.T) {
	lines := []string{}
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("t%02d: . . F", i))
	}
	require.Equal(t, "CI broken, 2/3", verdict(testruns.Judge(draw(t, lines...), testruns.Period{Since: hour(-1), Until: hour(9)})))
	lines = lines[:5]
	require.Contains(t, verdict(testruns.Judge(draw(t, lines...), testruns.Period{Since: hour(-1), Until: hour(9)})), "new t00@c03", "too few to tell")
}

// A first attempt in which nearly all failed was no fault of the tests, and so no sign that they are flaky; where only the
// jobs that failed were run again, nearly all of them failing again is a fault of the tests.
func TestAnAttemptWithMostTestsFailingJudgesNone(t *testing.T) {
	var lines []string
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("t%02d: . F. . F.", i))
	}
	period := testruns.Period{Since: hour(-1), Until: hour(9)}
	require.Equal(t, "4/4", verdict(testruns.Judge(draw(t, lines...), period)))

	lines = nil
	for i := range 40 {
		cell := "."
		if i < 12 {
			cell = "FF"
		}
		lines = append(lines, fmt.Sprintf("t%02d: . %s", i, cell))
	}
	j := testruns.Judge(draw(t, lines...), period)
	require.Len(t, j.New, 12)
	require.True(t, j.BrokenSince.IsZero())
}

// A flaky test has recovered once both 7 days and 20 runs have gone by without a sign of it.
func TestRecovery(t *testing.T) {
	passes := func(n int) string { return strings.Repeat(" .", n) }
	for name, test := range map[string]struct {
		line   string
		step   time.Duration // between runs
		since  int           // the first run of the period
		judged string
	}{
		"7 days with runs each hour":        {line: "a: R . R" + passes(168), step: time.Hour, since: 165, judged: "recovered a@c03 +168"},
		"an hour less":                      {line: "a: R . R" + passes(167), step: time.Hour, since: 165},
		"told once":                         {line: "a: R . R" + passes(169), step: time.Hour, since: 171},
		"20 runs, a day each":               {line: "a: R . R" + passes(20), step: 24 * time.Hour, since: 20, judged: "recovered a@c03 +20"},
		"19 runs, a day each":               {line: "a: R . R" + passes(19), step: 24 * time.Hour, since: 20},
		"it was not flaky":                  {line: "a: . . R" + passes(168), step: time.Hour, since: 165},
		"the signs were too far apart":      {line: "a: R . R" + passes(20), step: 8 * 24 * time.Hour, since: 20},
		"and fails again":                   {line: "a: R . R" + passes(168) + " F", step: time.Hour, since: 165, judged: "flaky a 1/7"},
		"and is flaky again":                {line: "a: R . R" + passes(168) + " R", step: time.Hour, since: 165, judged: "flaky a 1/7"},
		"flaky, and fails in between":       {line: "a: R . R" + passes(100) + " F" + passes(68), step: time.Hour, since: 165},
		"by three bursts":                   {line: "a: . F . F . F" + passes(168), step: time.Hour, since: 167, judged: "recovered a@c06 +168"},
		"still flaky in a period that long": {line: "a: R . R" + passes(30), step: time.Hour, judged: "flaky a 2/33"},
		"recovered in a period that long":   {line: "a: R . R" + passes(168), step: time.Hour, judged: "recovered a@c03 +168"},
	} {
		t.Run(name, func(t *testing.T) {
			h := draw(t, test.line)
			for i := range h.Runs {
				at := noon.Add(time.Duration(h.Runs[i].ID-1) * test.step)
				h.Runs[i].Started, h.Runs[i].Completed, h.Runs[i].Recorded = at, at, at
			}
			last := noon.Add(time.Duration(len(h.Runs)-1) * test.step)
			j := testruns.Judge(h, testruns.Period{Since: noon.Add(time.Duration(test.since)*test.step - time.Minute), Until: last})
			got, _, _ := strings.Cut(verdict(j), fmt.Sprintf("%d/%d", j.Counts.Green, j.Counts.Runs))
			require.Equal(t, test.judged, strings.TrimSuffix(got, ", "))
		})
	}
}

// Flaky tests stand in the order of how often they are so at least.
func TestTheSurestFlakeComesFirst(t *testing.T) {
	a, b := "a, seldom run:", "b, often run:"
	for n := range 31 {
		a += map[bool]string{true: " R", false: " -"}[n == 3 || n == 4] // 2 of 2
		b += map[bool]string{true: " R", false: " ."}[n%2 == 0]         // 16 of 31
	}
	j := testruns.Judge(draw(t, a+" .", b+" ."), testruns.Period{Since: hour(-1), Until: hour(48)})
	require.Equal(t, "flaky b, often run 16/32, flaky a, seldom run 2/3, 32/32", verdict(j))
}

// The green runs of a period are compared with those of as long a time before.
func TestTheTrendComparesTwoPeriodsOfOneLength(t *testing.T) {
	h := draw(t, "a: F F . F . F . . F .", "run: x x x x x c x x x x")
	j := testruns.Judge(h, testruns.Period{Since: hour(5), Until: hour(9)})
	require.Equal(t, testruns.Trend{Before: testruns.Rate{Hits: 2, N: 3}, Now: testruns.Rate{Hits: 3, N: 4}}, j.Trend)
	require.Equal(t, testruns.Unclear, j.Trend.Change())
}

// After an earlier summary, what was taken in since belongs to the next one, whenever it ended.
func TestPeriodsLeaveNoRunOut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(r, "runs")
		h := draw(t, "a:"+strings.Repeat(" .", n))
		for i := range h.Runs {
			h.Runs[i].Recorded = h.Runs[i].Completed.Add(time.Duration(rapid.IntRange(0, 300).Draw(r, "delay")) * time.Minute)
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, 20*60), 1, 6).Draw(r, "summaries")
		slices.Sort(cuts)
		told := 0
		p := testruns.Period{Since: hour(-1)}
		for _, cut := range append(cuts, 24*60) {
			p.Until = hour(0).Add(time.Duration(cut) * time.Minute)
			told += testruns.Judge(h, p).Counts.Runs
			p = testruns.Period{Since: p.Until, Read: p.Until}
		}
		if told != n {
			r.Fatalf("told of %d runs, there were %d", told, n)
		}
	})
}

// A repository that is followed anew brings its backlog along, which is no news.
func TestTheBacklogOfANewRepositoryIsNoNews(t *testing.T) {
	h := draw(t, "a: . . . .")
	for i := range h.Runs {
		h.Runs[i].Recorded = hour(5)
	}
	p := testruns.Period{Since: hour(3).Add(-time.Minute), Until: hour(9), Read: hour(3).Add(-time.Minute), Begun: hour(4)}
	require.Equal(t, 1, testruns.Judge(h, p).Counts.Runs)
	p.Begun = hour(-9)
	require.Equal(t, 4, testruns.Judge(h, p).Counts.Runs, "but what a downtime left behind is")
}

// What is judged does not depend on the order in which attempts come from the store, and no test is in two lists.
func TestJudgeProperties(t *testing.T) {
	signs := []string{".", ".", ".", "F", "R", "-", "F.", "FF", ".F", "=F", "=."}
	rapid.Check(t, func(r *rapid.T) {
		var lines []string
		for i := range rapid.IntRange(0, 4).Draw(r, "tests") {
			cells := rapid.SliceOfN(rapid.SampledFrom(signs), 0, 12).Draw(r, "cells")
			lines = append(lines, fmt.Sprintf("t%d: %s", i, strings.Join(cells, " ")))
		}
		lines = append(lines, "run: "+strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"x", "x", "x", "n", "u", "c", "o", "g"}), 0, 12).Draw(r, "states"), " "))
		h := draw(t, lines...)
		p := testruns.Period{Since: hour(rapid.IntRange(-1, 12).Draw(r, "since")), Until: hour(48)}
		j := testruns.Judge(h, p)
		slices.Reverse(h.Runs)
		slices.Reverse(h.Results)
		if diff := cmp.Diff(verdict(j), verdict(testruns.Judge(h, p))); diff != "" {
			r.Fatal(diff)
		}
		seen := map[testruns.TestID]bool{}
		note := func(id testruns.TestID) {
			if seen[id] {
				r.Fatalf("test %d is told twice", id)
			}
			seen[id] = true
		}
		for _, f := range append(slices.Clone(j.New), j.Still...) {
			note(f.Test.ID)
			if f.Commits < 1 || f.First.Completed.After(f.Last.Completed) {
				r.Fatalf("%+v", f)
			}
		}
		for _, f := range append(slices.Clone(j.Fixed), j.Again...) {
			note(f.Test.ID)
			if !f.Since.Completed.Before(f.By.Completed) {
				r.Fatalf("%+v", f)
			}
		}
		for _, f := range j.Recovered {
			note(f.Test.ID)
		}
		for _, f := range append(slices.Clone(j.Flaky), j.Once...) {
			note(f.Test.ID)
			if f.Times < 1 || f.Times > f.Of {
				r.Fatalf("%+v", f)
			}
		}
		c := j.Counts
		if c.Runs != c.Green+c.Red+c.Outside+c.NoReport+c.Unreadable || c.Runs != len(j.Runs) {
			r.Fatalf("%+v", c)
		}
	})
}
