package testrunstest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/testruns"
	"bellhop/work"
)

// Scheduled tells when an item is due; ok is false when it is not scheduled.
type Scheduled func(kind work.Kind, id string) (due time.Time, ok bool)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Suite is what every store promises. make gives an empty one each time.
func Suite(t *testing.T, make func(t *testing.T) (testruns.Store, Scheduled)) {
	for name, test := range map[string]func(*testing.T, testruns.Store, Scheduled){
		"record once and read back": recordOnce, "many failures": manyFailures, "follow": follow, "summaries": summaries, "forget": forget, "last runs": lastRuns,
		"days": days, "sets that change": changingSets, "days are forgotten": forgetDays,
	} {
		t.Run(name, func(t *testing.T) {
			store, scheduled := make(t)
			test(t, store, scheduled)
		})
	}
}

// Attempt is an attempt as the suite records it: four tests, two of which did not simply pass.
func Attempt(id int64, attempt int, at time.Time) testruns.Ingested {
	run := testruns.Run{RunKey: testruns.RunKey{ID: id, Attempt: attempt}, Repo: "acme/payments", Workflow: ".github/workflows/ci.yml",
		Name: "CI", Branch: "main", Commit: "4f2c1ab", Title: "Round", Author: "Carol", Login: "carol", Event: "push",
		Conclusion: "failure", URL: "https://github.com/acme/payments/actions/runs/1", Started: at.Add(-time.Minute), Completed: at,
		Recorded: at.Add(time.Minute), State: testruns.Red, Tests: 4, Passed: 1, Failed: 1, Errors: 1, Skipped: 1,
		Duration: 1500 * time.Millisecond, Executed: "set", Problems: []string{"junit says 5"},
		Jobs: []testruns.JobCount{{Job: "junit", Tests: 3, Failed: 1, Duration: 1500 * time.Millisecond}}}
	key := run.RunKey
	return testruns.Ingested{Run: run, Set: []testruns.TestID{1, 1 << 63, 1<<64 - 1},
		Tests: []testruns.Test{{ID: 1, Workflow: run.Workflow, Job: "junit", File: "a.go", Suite: "s", Class: "c", Name: "n", Nth: 2},
			{ID: 1 << 63, Workflow: run.Workflow, Name: "m"}},
		Results: []testruns.Result{{Run: key, Test: 1, Verdict: testruns.Failed, Duration: time.Second, Message: "no 17", Signature: "no <n>"},
			{Run: key, Test: 1 << 63, Verdict: testruns.Flaky}}}
}

func recordOnce(t *testing.T, s testruns.Store, _ Scheduled) {
	in := Attempt(7, 1, noon)
	require.NoError(t, s.Record(t.Context(), in))
	changed := in
	changed.Run.State = testruns.Green
	require.NoError(t, s.Record(t.Context(), changed), "a repeat is no error")
	require.NoError(t, s.Record(t.Context(), Attempt(7, 2, noon.Add(time.Hour))))
	other := Attempt(7, 1, noon)
	other.Run.Repo = "acme/other"
	require.NoError(t, s.Record(t.Context(), other))

	known, err := s.Known(t.Context(), "acme/payments", []int64{7, 8})
	require.NoError(t, err)
	require.Equal(t, map[testruns.RunKey]bool{{ID: 7, Attempt: 1}: true, {ID: 7, Attempt: 2}: true}, known)
	repos, err := s.FindRun(t.Context(), 7)
	require.NoError(t, err)
	require.Equal(t, []string{"acme/other", "acme/payments"}, repos)

	h, err := s.RunHistory(t.Context(), "acme/payments", 7)
	require.NoError(t, err)
	require.Len(t, h.Runs, 2)
	slices.SortFunc(h.Runs, func(a, b testruns.Run) int { return cmp.Compare(a.Attempt, b.Attempt) })
	require.Empty(t, gocmp.Diff(in.Run, h.Runs[0]), "the first word stands")
	require.Len(t, h.Results, 4)
	require.Equal(t, in.Tests[0], h.Tests[1])
	require.Equal(t, in.Set[:2], h.Sets["set"], "of the third no name is known")
	for _, result := range in.Results {
		require.Contains(t, h.Results, result)
	}

	whole, err := s.History(t.Context(), "acme/payments", "main", noon.Add(30*time.Minute))
	require.NoError(t, err)
	require.Len(t, whole.Runs, 2, "the first attempt comes with the second")
	require.Len(t, whole.Results, 4)
	branch, err := s.History(t.Context(), "acme/payments", "feature-x", noon.Add(-time.Hour))
	require.NoError(t, err)
	require.Empty(t, branch.Runs)
	require.Empty(t, branch.Results)
	for _, look := range []func() (testruns.History, error){
		func() (testruns.History, error) {
			return s.History(t.Context(), "acme/payments", "main", noon.Add(24*time.Hour))
		},
		func() (testruns.History, error) {
			return s.History(t.Context(), "acme/third", "main", noon.Add(-time.Hour))
		},
		func() (testruns.History, error) { return s.RunHistory(t.Context(), "acme/payments", 8) },
	} {
		none, err := look()
		require.NoError(t, err)
		require.Empty(t, none.Runs)
		require.Empty(t, none.Results)
		require.Empty(t, none.Tests)
	}
}

// daysOf tells of a store what its tests did, whatever the order.
func daysOf(t *testing.T, s testruns.Store, from time.Time) []testruns.Day {
	t.Helper()
	h, err := s.History(t.Context(), "acme/payments", "main", from)
	require.NoError(t, err)
	slices.SortFunc(h.Days, func(a, b testruns.Day) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Test, b.Test), -cmp.Compare(fmt.Sprint(a.Default), fmt.Sprint(b.Default)))
	})
	return h.Days
}

func days(t *testing.T, s testruns.Store, _ Scheduled) {
	followMain(t, s)
	first := Attempt(1, 1, noon)
	first.Times, first.Skipped = []time.Duration{9 * time.Second, 40 * time.Millisecond, 700 * time.Microsecond}, []testruns.TestID{5}
	other := Attempt(2, 1, noon.Add(time.Hour))
	other.Run.Branch = "feature-x"
	second := Attempt(3, 1, noon.Add(2*time.Hour))
	second.Set = []testruns.TestID{2, 1 << 63, 1<<64 - 1} // one is new, one did not run
	second.Times = []time.Duration{2 * time.Millisecond, 60 * time.Millisecond, time.Millisecond}
	second.Results = []testruns.Result{{Run: second.Run.RunKey, Test: 2, Verdict: testruns.Errored}}
	second.Tests = []testruns.Test{{ID: 2, Name: "two"}, {ID: 1<<64 - 1, Name: "slow"}} // of 5 the name is not known
	second.Skipped = []testruns.TestID{2}
	swamped := Attempt(4, 1, noon.Add(3*time.Hour))
	swamped.Run.Tests, swamped.Run.Failed, swamped.Run.Skipped = 20, 19, 0
	unread := Attempt(5, 1, noon.Add(3*time.Hour))
	unread.Run.State = testruns.Unreadable
	tomorrow := Attempt(6, 1, noon.Add(13*time.Hour))
	for _, in := range []testruns.Ingested{first, first, other, second, swamped, unread, tomorrow, tomorrow} {
		require.NoError(t, s.Record(t.Context(), in))
	}
	today, next := testruns.DateOf(noon), testruns.DateOf(noon.Add(24*time.Hour))
	const ms = time.Millisecond
	want := []testruns.Day{
		{Test: 1, Date: today, Default: true, Runs: 1, Failures: 1},
		{Test: 1, Date: today, Runs: 1, Failures: 1},
		{Test: 2, Date: today, Default: true, Runs: 1, Failures: 1, Skips: 1},
		{Test: 1 << 63, Date: today, Default: true, Runs: 2, Flaky: 1, Sum: 100 * ms, Max: 60 * ms},
		{Test: 1 << 63, Date: today, Runs: 1, Flaky: 1},
		{Test: 1<<64 - 1, Date: today, Default: true, Runs: 2, Sum: 2 * ms, Max: ms},
		{Test: 1<<64 - 1, Date: today, Runs: 1},
		{Test: 1, Date: next, Default: true, Runs: 1, Failures: 1},
		{Test: 1 << 63, Date: next, Default: true, Runs: 1, Flaky: 1},
		{Test: 1<<64 - 1, Date: next, Default: true, Runs: 1},
	}
	require.Empty(t, gocmp.Diff(want, daysOf(t, s, noon)), "the day on which the history begins is whole")
	require.Empty(t, gocmp.Diff(want[7:], daysOf(t, s, noon.Add(14*time.Hour))))
	h, err := s.History(t.Context(), "acme/payments", "main", noon)
	require.NoError(t, err)
	require.Equal(t, "slow", h.Tests[1<<64-1].Name, "of what only days speak of, the name too")
}

// changingSets: from run to run tests come and go, and the sets are forgotten in the order in which they came.
func changingSets(t *testing.T, s testruns.Store, _ Scheduled) {
	var want []testruns.Ingested
	for i := range 60 {
		in := Attempt(int64(i), 1, noon.Add(time.Duration(i)*time.Hour))
		in.Set = nil
		for n := range testruns.TestID(500) {
			if n != testruns.TestID(i*7) {
				in.Set = append(in.Set, n<<54)
			}
		}
		in.Set = append(in.Set, 500<<54+testruns.TestID(i/20)<<50) // and every twenty runs half of them are new
		for n := range in.Set[:250] {
			in.Set[n] += testruns.TestID(i / 20)
		}
		in.Run.Executed, in.Tests = testruns.SetIDOf(in.Set), nil
		for _, id := range in.Set {
			in.Tests = append(in.Tests, testruns.Test{ID: id, Name: fmt.Sprint(id)})
		}
		require.NoError(t, s.Record(t.Context(), in))
		want = append(want, in)
	}
	for forgotten := 0; forgotten < len(want); forgotten += 15 {
		h, err := s.History(t.Context(), "acme/payments", "main", noon)
		require.NoError(t, err)
		require.Len(t, h.Runs, len(want)-forgotten)
		for _, in := range want[forgotten:] {
			require.Equal(t, in.Set, h.Sets[in.Run.Executed])
		}
		n, err := s.Forget(t.Context(), want[forgotten].Run.Completed.Add(15*time.Hour-time.Minute), 15)
		require.NoError(t, err)
		require.Equal(t, 15, n)
	}
}

func followMain(t *testing.T, s testruns.Store) {
	require.NoError(t, s.Follow(t.Context(), []string{"acme/payments"}, noon, time.Second))
	require.NoError(t, s.SetFollowed(t.Context(), testruns.Followed{Repo: "acme/payments", Branch: "main"}))
}

func forgetDays(t *testing.T, s testruns.Store, _ Scheduled) {
	for day := range 5 {
		in := Attempt(int64(day), 1, noon.AddDate(0, 0, day))
		in.Run.Executed = testruns.SetIDOf(in.Set)
		require.NoError(t, s.Record(t.Context(), in))
	}
	for _, want := range []int{2, 2, 0} { // a run of the fourth day's morning would be forgotten, its day stays whole
		n, err := s.Forget(t.Context(), noon.AddDate(0, 0, 3).Add(time.Minute), 2)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	left := daysOf(t, s, noon.AddDate(0, 0, -1))
	require.Len(t, left, 4)
	require.Equal(t, testruns.DateOf(noon.AddDate(0, 0, 3)), left[0].Date)
	_, err := s.Forget(t.Context(), noon.AddDate(1, 0, 0), 10)
	require.NoError(t, err)
	require.Empty(t, daysOf(t, s, noon.AddDate(0, 0, -1)))
	require.NoError(t, s.Record(t.Context(), Attempt(9, 1, noon)), "its set can come again")
	require.Len(t, daysOf(t, s, noon), 2)
}

func lastRuns(t *testing.T, s testruns.Store, _ Scheduled) {
	for i, state := range []testruns.State{testruns.Green, testruns.Red, testruns.NoReport} {
		in := Attempt(int64(i), 1, noon.Add(time.Duration(i)*time.Hour))
		in.Run.State = state
		require.NoError(t, s.Record(t.Context(), in))
	}
	ended, reported, err := s.LastRuns(t.Context(), "acme/payments", "main")
	require.NoError(t, err)
	require.Equal(t, []time.Duration{2 * time.Hour, time.Hour}, []time.Duration{ended.Sub(noon), reported.Sub(noon)})
	ended, reported, err = s.LastRuns(t.Context(), "acme/payments", "feature-x")
	require.NoError(t, err)
	require.True(t, ended.IsZero() && reported.IsZero())
}

func manyFailures(t *testing.T, s testruns.Store, _ Scheduled) {
	in := Attempt(1, 1, noon)
	in.Results, in.Tests = nil, nil
	for i := range 1000 {
		id := testruns.TestID(i)
		in.Tests = append(in.Tests, testruns.Test{ID: id, Name: strings.Repeat("x", 500) + fmt.Sprint(i)})
		in.Results = append(in.Results, testruns.Result{Run: in.Run.RunKey, Test: id, Verdict: testruns.Failed, Message: "same"})
	}
	require.NoError(t, s.Record(t.Context(), in))
	h, err := s.RunHistory(t.Context(), "acme/payments", 1)
	require.NoError(t, err)
	require.Len(t, h.Results, 1000)
	require.Len(t, h.Tests, 1000)
}

func forget(t *testing.T, s testruns.Store, _ Scheduled) {
	for id := int64(1); id <= 5; id++ {
		in := Attempt(id, 1, noon.Add(time.Duration(id)*time.Hour))
		in.Run.Executed = testruns.SetID(fmt.Sprintf("set %d", id/4)) // the newer two share theirs with none of the older
		require.NoError(t, s.Record(t.Context(), in))
	}
	before := noon.Add(4*time.Hour - time.Minute)
	for _, want := range []int{2, 1, 0} {
		n, err := s.Forget(t.Context(), before, 2)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	h, err := s.History(t.Context(), "acme/payments", "main", noon)
	require.NoError(t, err)
	require.Len(t, h.Runs, 2)
	require.Len(t, h.Results, 4)
	require.Len(t, h.Sets["set 1"], 2)
	require.NoError(t, s.Record(t.Context(), Attempt(1, 1, noon.Add(9*time.Hour))), "what was forgotten can come again")
}

func follow(t *testing.T, s testruns.Store, scheduled Scheduled) {
	due := func(repo string) time.Duration {
		at, ok := scheduled(testruns.RepositoryKind, repo)
		if !ok {
			return -1
		}
		return at.Sub(noon)
	}
	require.NoError(t, s.Follow(t.Context(), []string{"a/a", "a/b"}, noon, 10*time.Second))
	require.Equal(t, []time.Duration{0, 5 * time.Second}, []time.Duration{due("a/a"), due("a/b")}, "spread")
	f := testruns.Followed{Repo: "a/a", Begun: noon, Branch: "main", BranchAt: noon, Tag: "t", Complete: noon, Polled: noon, Waiting: 3, Problem: "p"}
	require.NoError(t, s.SetFollowed(t.Context(), f))

	require.NoError(t, s.Follow(t.Context(), []string{"a/a", "a/c"}, noon.Add(time.Hour), 10*time.Second))
	require.Equal(t, []time.Duration{0, -1, time.Hour}, []time.Duration{due("a/a"), due("a/b"), due("a/c")}, "the known one is not scheduled anew")
	got, ok, err := s.Followed(t.Context(), "a/a")
	require.NoError(t, err)
	require.True(t, ok)
	require.Empty(t, gocmp.Diff(f, got))
	for _, gone := range []string{"a/b", "a/x"} {
		_, ok, err = s.Followed(t.Context(), gone)
		require.NoError(t, err)
		require.False(t, ok, gone)
	}
}

func summaries(t *testing.T, s testruns.Store, scheduled Scheduled) {
	configure := func(id, schedule string, due time.Time) {
		require.NoError(t, s.ConfigureSummaries(t.Context(), []testruns.ScheduledSummary{{ID: id, Schedule: schedule, Due: due}}))
	}
	due := func(id string) time.Duration {
		at, ok := scheduled(testruns.SummaryKind, id)
		if !ok {
			return -1
		}
		return at.Sub(noon)
	}
	configure("s", "0 9", noon)
	require.Equal(t, time.Duration(0), due("s"))
	state := testruns.SummaryState{ID: "s", Until: noon, Noticed: noon, Pending: noon, Posted: "C/1", Outcome: "o", ToldFail: true}
	require.NoError(t, s.SetSummary(t.Context(), state))
	configure("s", "0 9", noon.Add(24*time.Hour))
	require.Equal(t, time.Duration(0), due("s"), "what was due before stays due")
	got, ok, err := s.Summary(t.Context(), "s")
	require.NoError(t, err)
	require.True(t, ok)
	require.Empty(t, gocmp.Diff(state, got))

	configure("s", "0 10", noon.Add(25*time.Hour))
	require.Equal(t, 25*time.Hour, due("s"), "another schedule, another moment")
	configure("t", "0 9", noon.Add(24*time.Hour))
	require.Equal(t, []time.Duration{-1, 24 * time.Hour}, []time.Duration{due("s"), due("t")}, "the first is not named any more")
	configure("s", "0 10", noon.Add(26*time.Hour))
	require.Equal(t, 26*time.Hour, due("s"), "named again")
	got, _, err = s.Summary(t.Context(), "s")
	require.NoError(t, err)
	require.Empty(t, gocmp.Diff(state, got), "and it remembers")
	_, ok, err = s.Summary(t.Context(), "u")
	require.NoError(t, err)
	require.False(t, ok)
}
