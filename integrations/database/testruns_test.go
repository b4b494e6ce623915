package database_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"bellhop/integrations/database"
	"bellhop/integrations/database/databasetest"
	"bellhop/testruns"
)

func ingested(id int64, attempt int, at time.Time) testruns.Ingested {
	run := testruns.Run{RunKey: testruns.RunKey{ID: id, Attempt: attempt}, Repo: "acme/payments", Workflow: ".github/workflows/ci.yml",
		Name: "CI", Branch: "main", Commit: "4f2c1ab", Title: "Round", Author: "Carol", Login: "carol", Event: "push",
		Conclusion: "failure", URL: "https://github.com/acme/payments/actions/runs/1", Started: at.Add(-time.Minute), Completed: at,
		Recorded: at.Add(time.Minute), State: testruns.Red, Tests: 4, Passed: 1, Failed: 1, Errors: 1, Skipped: 1,
		Duration: 1500 * time.Millisecond, Executed: "set", Problems: []string{"junit \x00 says 5"}}
	key := run.RunKey
	return testruns.Ingested{Run: run, Set: []testruns.TestID{1, 1 << 63, 1<<64 - 1},
		Tests: []testruns.Test{{ID: 1, Workflow: run.Workflow, Job: "junit", File: "a.go", Suite: "s", Class: "c", Name: "n\x00\xff", Nth: 2},
			{ID: 1 << 63, Workflow: run.Workflow, Name: "m"}},
		Results: []testruns.Result{{Run: key, Test: 1, Verdict: testruns.Failed, Duration: time.Second, Message: "no \x00"},
			{Run: key, Test: 1 << 63, Verdict: testruns.Flaky}}}
}

func TestTestRunsRecordOnceAndReadBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		in := ingested(7, 1, noon)
		require.NoError(t, s.Record(t.Context(), in))
		changed := in
		changed.Run.State = testruns.Green
		require.NoError(t, s.Record(t.Context(), changed), "a repeat is no error")
		require.NoError(t, s.Record(t.Context(), ingested(7, 2, noon.Add(time.Hour))))
		other := ingested(7, 1, noon)
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
		want := in.Run
		want.Problems = []string{"junit \x00 says 5"} // JSON escapes what PostgreSQL would refuse
		require.Empty(t, gocmp.Diff(want, h.Runs[0]), "the first word stands")
		require.Len(t, h.Results, 4)
		require.Equal(t, "no \ufffd", h.Results[slices.IndexFunc(h.Results, func(r testruns.Result) bool { return r.Test == 1 })].Message)
		require.Equal(t, testruns.Test{ID: 1, Workflow: want.Workflow, Job: "junit", File: "a.go", Suite: "s", Class: "c", Name: "n\ufffd\ufffd", Nth: 2}, h.Tests[1])
		require.Equal(t, in.Set, h.Sets["set"])

		whole, err := s.History(t.Context(), "acme/payments", "main", noon.Add(30*time.Minute))
		require.NoError(t, err)
		require.Len(t, whole.Runs, 2, "the first attempt comes with the second")
		require.Len(t, whole.Results, 4)
		for _, none := range []testruns.History{
			must(s.History(t.Context(), "acme/payments", "main", noon.Add(2*time.Hour))),
			must(s.History(t.Context(), "acme/payments", "feature-x", noon.Add(-time.Hour))),
			must(s.RunHistory(t.Context(), "acme/payments", 8)),
		} {
			require.Empty(t, none.Runs)
			require.Empty(t, none.Results)
			require.Empty(t, none.Tests)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTestRunsRecordManyFailures(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		in := ingested(1, 1, noon)
		in.Results, in.Tests = nil, nil
		for i := range 1000 {
			id := testruns.TestID(i)
			in.Tests = append(in.Tests, testruns.Test{ID: id, Name: strings.Repeat("x", 500) + fmt.Sprint(i)})
			in.Results = append(in.Results, testruns.Result{Run: in.Run.RunKey, Test: id, Verdict: testruns.Failed, Message: "same"})
		}
		require.NoError(t, s.Record(t.Context(), in))
		h := must(s.RunHistory(t.Context(), "acme/payments", 1))
		require.Len(t, h.Results, 1000)
		require.Len(t, h.Tests, 1000)
	})
}

func TestTestRunsFollow(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		claimed := func(at time.Time) (ids []string) {
			for _, item := range must(db.Work().Claim(t.Context(), testruns.RepositoryKind, at, time.Minute, 10)) {
				ids = append(ids, item.ID)
			}
			return ids
		}
		require.NoError(t, s.Follow(t.Context(), []string{"a/a", "a/b"}, noon, 10*time.Second))
		require.Equal(t, []string{"a/a"}, claimed(noon), "spread")
		require.Equal(t, []string{"a/b"}, claimed(noon.Add(5*time.Second)))
		f := testruns.Followed{Repo: "a/a", Branch: "main", BranchAt: noon, Tag: "t", Complete: noon, Polled: noon, Waiting: 3, Problem: "p"}
		require.NoError(t, s.SetFollowed(t.Context(), f))

		require.NoError(t, s.Follow(t.Context(), []string{"a/a", "a/c"}, noon, 10*time.Second), "the known one is not scheduled anew")
		require.Equal(t, []string{"a/c"}, claimed(noon.Add(10*time.Second)))
		got, ok, err := s.Followed(t.Context(), "a/a")
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, gocmp.Diff(f, got))
		for _, gone := range []string{"a/b", "a/x"} {
			_, ok, err = s.Followed(t.Context(), gone)
			require.NoError(t, err)
			require.False(t, ok, gone)
		}
		require.Empty(t, claimed(noon.Add(30*time.Second)))
	})
}

func TestTestRunsSummaries(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := database.NewTestRuns(db)
		configure := func(id, schedule string, due time.Time) {
			require.NoError(t, s.ConfigureSummaries(t.Context(), []testruns.ScheduledSummary{{ID: id, Schedule: schedule, Due: due}}))
		}
		due := func() time.Time { return must(db.Work().NextDue(t.Context(), testruns.SummaryKind)).UTC() }

		configure("s", "0 9", noon)
		require.Equal(t, noon, due())
		state := testruns.SummaryState{ID: "s", Until: noon, Noticed: noon, Pending: noon, Posted: "C/1", Outcome: "o", ToldFail: true}
		require.NoError(t, s.SetSummary(t.Context(), state))
		configure("s", "0 9", noon.Add(24*time.Hour))
		require.Equal(t, noon, due(), "what was due before stays due")
		got, ok, err := s.Summary(t.Context(), "s")
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, gocmp.Diff(state, got))

		configure("s", "0 10", noon.Add(25*time.Hour))
		require.Equal(t, noon.Add(25*time.Hour), due(), "another schedule, another moment")
		configure("t", "0 9", noon.Add(24*time.Hour))
		require.Equal(t, noon.Add(24*time.Hour), due(), "the first is not named any more")
		configure("s", "0 10", noon.Add(26*time.Hour))
		require.Equal(t, noon.Add(26*time.Hour), due(), "named again")
		got, _, err = s.Summary(t.Context(), "s")
		require.NoError(t, err)
		require.Empty(t, gocmp.Diff(state, got), "and it remembers")
		_, ok, err = s.Summary(t.Context(), "u")
		require.NoError(t, err)
		require.False(t, ok)
	})
}
