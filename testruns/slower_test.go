package testruns_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns"
)

// timed is a history of one test over the 21 days that end with noon's, by its mean in milliseconds and runs on each; the
// newest day is the last.
func timed(days ...[2]int) testruns.History {
	const id = 7
	h := testruns.History{Tests: map[testruns.TestID]testruns.Test{id: {ID: id, Name: "a"}}}
	for i, d := range days {
		h.Days = append(h.Days, testruns.Day{Test: id, Default: true, Date: testruns.DateOf(noon).AddDate(0, 0, i+1-len(days)),
			Runs: d[1], Sum: time.Duration(d[0]*d[1]) * time.Millisecond})
	}
	return h
}

// stretch is a number of days alike.
func stretch(n, mean, runs int) [][2]int { return slices.Repeat([][2]int{{mean, runs}}, n) }

func slowerIn(h testruns.History) string {
	words := ""
	for _, s := range testruns.Judge(h, testruns.Period{Since: noon.AddDate(0, 0, -1), Until: noon}).Slower {
		words += fmt.Sprintf("%s %s→%s ", s.Test.Name, s.Before, s.Now)
	}
	return words
}

func TestSlower(t *testing.T) {
	for name, test := range map[string]struct {
		days [][2]int
		want string
	}{
		"half as long again":          {append(stretch(14, 1000, 3), stretch(7, 1500, 3)...), "a 1s→1.5s "},
		"just 20 %":                   {append(stretch(14, 1000, 3), stretch(7, 1200, 3)...), "a 1s→1.2s "},
		"less than 20 %":              {append(stretch(14, 1000, 3), stretch(7, 1199, 3)...), ""},
		"just 100 ms":                 {append(stretch(14, 100, 3), stretch(7, 200, 3)...), "a 100ms→200ms "},
		"less than 100 ms":            {append(stretch(14, 100, 3), stretch(7, 199, 3)...), ""},
		"quicker":                     {append(stretch(14, 1500, 3), stretch(7, 1000, 3)...), ""},
		"20 runs now":                 {slices.Concat(stretch(14, 1000, 3), stretch(6, 0, 0), stretch(1, 1500, 20)), "a 1s→1.5s "},
		"19 runs now":                 {slices.Concat(stretch(14, 1000, 3), stretch(6, 0, 0), stretch(1, 1500, 19)), ""},
		"19 runs before":              {append([][2]int{{1000, 19}}, stretch(7, 1500, 3)...), ""},
		"nothing before":              {stretch(7, 1500, 30), ""},
		"three bad days of seven":     {slices.Concat(stretch(14, 1000, 3), stretch(4, 1000, 3), stretch(3, 9000, 3)), ""},
		"four bad days of seven":      {slices.Concat(stretch(14, 1000, 3), stretch(3, 1000, 3), stretch(4, 9000, 3)), "a 1s→9s "},
		"slow for more than 21 days":  {append(stretch(9, 1000, 30), stretch(21, 1500, 30)...), ""},
		"many runs weigh no more":     {slices.Concat(stretch(14, 1000, 3), stretch(4, 1000, 3), stretch(3, 9000, 300)), ""},
		"an even number of days":      {slices.Concat(stretch(14, 1000, 3), stretch(5, 0, 0), [][2]int{{1000, 10}, {2000, 10}}), "a 1s→1.5s "},
		"days long ago":               {slices.Concat(stretch(14, 1000, 3), stretch(7, 1500, 3), stretch(22, 0, 0)), ""},
		"only failures since":         {append(stretch(14, 1000, 3), stretch(7, 0, 0)...), ""},
		"the borders of both periods": {slices.Concat(stretch(1, 9000, 90), stretch(14, 1000, 3), stretch(7, 1500, 3)), "a 1s→1.5s "},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, slowerIn(timed(test.days...))) })
	}
}

func TestSlowerIsOfTheDefaultBranchAndOfPassesOnly(t *testing.T) {
	h := timed(append(stretch(14, 1000, 3), stretch(7, 1500, 3)...)...)
	for i := range h.Days {
		h.Days[i].Default = false
	}
	require.Empty(t, slowerIn(h))

	h = timed(append(stretch(14, 1000, 3), stretch(7, 1500, 3)...)...)
	for i := range h.Days { // failures are counted as runs and not timed
		h.Days[i].Runs += 2
		h.Days[i].Failures = 2
	}
	require.Equal(t, "a 1s→1.5s ", slowerIn(h))
	h.Tests = nil
	require.Empty(t, slowerIn(h), "without a name there is nothing to tell")
}

// What took longer on each day of the 7 than on any of the 14 is slower, what took longer on none is not; a history that is
// told in another order says the same.
func TestSlowerProperties(t *testing.T) {
	day := func(from, to int) *rapid.Generator[[2]int] {
		return rapid.Custom(func(r *rapid.T) [2]int {
			return [2]int{rapid.IntRange(from, to).Draw(r, "mean"), rapid.IntRange(3, 30).Draw(r, "runs")}
		})
	}
	rapid.Check(t, func(r *rapid.T) {
		before := rapid.SliceOfN(day(100, 1000), 14, 14).Draw(r, "before")
		now := rapid.SliceOfN(day(1200, 5000), 7, 7).Draw(r, "now")
		if slowerIn(timed(append(before, now...)...)) == "" {
			r.Fatal("not told")
		}
		h := timed(append(rapid.SliceOfN(day(1000, 5000), 14, 14).Draw(r, "before"), rapid.SliceOfN(day(100, 1000), 7, 7).Draw(r, "now")...)...)
		if words := slowerIn(h); words != "" {
			r.Fatal(words)
		}
		h = timed(rapid.SliceOfN(day(100, 5000), 21, 21).Draw(r, "days")...)
		words := slowerIn(h)
		slices.Reverse(h.Days)
		if again := slowerIn(h); again != words {
			r.Fatalf("%q, and in another order %q", words, again)
		}
	})
}
