package testruns_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns"
)

var someDay = rapid.Custom(func(t *rapid.T) testruns.Day {
	n := func(name string) int { return rapid.IntRange(0, 1000).Draw(t, name) }
	return testruns.Day{Test: testruns.TestID(rapid.Uint64Range(0, 30).Draw(t, "test")) << 59, Date: testruns.DateOf(noon), Default: true,
		Runs: n("runs"), Failures: n("failures") / 500 * 3, Flaky: n("flaky") / 900, Skips: n("skips") / 800,
		Sum: time.Duration(n("sum")) * time.Second, Max: time.Duration(n("max")) * time.Millisecond}
})

// someDays are days of different tests, in their order.
var someDays = rapid.Custom(func(t *rapid.T) []testruns.Day {
	days := rapid.SliceOfNDistinct(someDay, 0, 20, func(d testruns.Day) testruns.TestID { return d.Test }).Draw(t, "days")
	slices.SortFunc(days, func(a, b testruns.Day) int { return cmp.Compare(a.Test, b.Test) })
	return days
})

func TestDaysAreReadBackAsTheyWerePacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := someDays.Draw(t, "days")
		set, counts := testruns.EncodeDays(days)
		got, err := testruns.DecodeDays(set, counts, testruns.DateOf(noon), true)
		require.NoError(t, err)
		require.Empty(t, gocmp.Diff(days, got, cmpopts.EquateEmpty()))
		if len(counts) > 0 {
			_, err = testruns.DecodeDays(set, counts[:len(counts)-1], noon, true)
			require.Error(t, err, "cut off")
		}
		_, err = testruns.DecodeDays(set, append(counts, 0), noon, true)
		require.Error(t, err, "too long")
	})
}

func TestDaysAddUpInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := someDays.Draw(t, "a"), someDays.Draw(t, "b"), someDays.Draw(t, "c")
		sum := testruns.AddDays(testruns.AddDays(a, b), c)
		require.Empty(t, gocmp.Diff(sum, testruns.AddDays(c, testruns.AddDays(b, a)), cmpopts.EquateEmpty()))
		require.True(t, slices.IsSortedFunc(sum, func(a, b testruns.Day) int { return cmp.Or(cmp.Compare(a.Test, b.Test), 1) }), "each test once, in order")
		runs := 0
		for _, d := range slices.Concat(a, b, c) {
			runs += d.Runs
		}
		for _, d := range sum {
			runs -= d.Runs
		}
		require.Zero(t, runs)
	})
}

func TestAChangeOfASetIsUndone(t *testing.T) {
	some := rapid.Custom(func(t *rapid.T) []testruns.TestID {
		ids := rapid.SliceOfDistinct(rapid.Uint64Range(0, 40), rapid.ID[uint64]).Draw(t, "ids")
		set := make([]testruns.TestID, 0, len(ids))
		for _, id := range ids {
			set = append(set, testruns.TestID(id<<58|id))
		}
		slices.Sort(set)
		return slices.Compact(set)
	})
	rapid.Check(t, func(t *rapid.T) {
		base, set := some.Draw(t, "base"), some.Draw(t, "set")
		got, err := testruns.DecodeChange(base, testruns.EncodeChange(base, set))
		require.NoError(t, err)
		require.Empty(t, gocmp.Diff(set, got, cmpopts.EquateEmpty()))
	})
}

// What is kept may be damaged; reading it must not be.
func FuzzDamagedSetsAndDays(f *testing.F) {
	set := []testruns.TestID{1, 5, 9}
	f.Add(testruns.EncodeSet(set))
	f.Add(testruns.EncodeChange(set, []testruns.TestID{2, 5}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = testruns.DecodeSet(b)
		_, _ = testruns.DecodeChange(set, b)
		_, _ = testruns.DecodeDays(set, b, noon, true)
	})
}

// What passed after 100 ms or more is kept by name, and the tests that were skipped are counted.
func TestSlowAndSkippedTestsAreKept(t *testing.T) {
	w := newWorld(t)
	w.actions.Add(run(1, 1, noon.Add(-time.Hour), "failure"), "junit", `<testsuite name="s">
		<testcase classname="c" name="quick" time="0.01"/>
		<testcase classname="c" name="slow" time="0.25"/>
		<testcase classname="c" name="later"><skipped/></testcase>
		<testcase classname="c" name="bad" time="3"><failure message="expected 3 but was 17"/></testcase></testsuite>`)
	w.look()
	h, err := w.store.History(t.Context(), repo, "main", noon)
	require.NoError(t, err)
	names := map[string]testruns.Day{}
	for _, d := range h.Days {
		require.True(t, d.Default)
		names[h.Tests[d.Test].Name] = testruns.Day{Runs: d.Runs, Failures: d.Failures, Skips: d.Skips, Sum: d.Sum, Max: d.Max}
	}
	require.Len(t, h.Days, 2)
	require.Len(t, h.Tests, 2)
	in := w.store.Recorded(repo)[testruns.RunKey{ID: 1, Attempt: 1}]
	require.Len(t, in.Set, 3)
	require.Len(t, in.Skipped, 1)
	require.Equal(t, testruns.Day{Runs: 1, Sum: 250 * time.Millisecond, Max: 250 * time.Millisecond}, names["slow"])
	require.Equal(t, testruns.Day{Runs: 1, Failures: 1}, names["bad"])
	require.Len(t, h.Results, 1)
	require.Equal(t, "expected <n> but was <n>", h.Results[0].Signature)
}
