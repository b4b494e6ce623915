package testruns

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// Day is what one test did on one day: on the default branch, or on all other branches together. Attempts that judge no
// test (no report that can be trusted, or nearly everything failing) are left out. Days of runs kept before there were
// any are missing.
type Day struct {
	Test                         TestID
	Date                         time.Time     // midnight UTC; a run belongs to the day on which it ended
	Default                      bool          // whether on the default branch
	Runs, Failures, Flaky, Skips int           // attempts that executed it; of these that failed, and passed after a retry; attempts that skipped it
	Sum, Max                     time.Duration // of the executions that passed, in whole milliseconds
}

// Mean is how long the test took when it passed; ok is false when it never did.
func (d Day) Mean() (mean time.Duration, ok bool) {
	passes := d.Runs - d.Failures
	if passes <= 0 {
		return 0, false
	}
	return d.Sum / time.Duration(passes), true
}

func (d *Day) add(o Day) {
	d.Runs += o.Runs
	d.Failures += o.Failures
	d.Flaky += o.Flaky
	d.Skips += o.Skips
	d.Sum += o.Sum
	d.Max = max(d.Max, o.Max)
}

// DateOf is the day to which a moment belongs: its midnight UTC.
func DateOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// Days is what an attempt adds to its day, in order of the tests; onDefault tells whether its branch is the default one.
func (in Ingested) Days(onDefault bool) []Day {
	if !in.Run.judges() {
		return nil
	}
	day := Day{Date: DateOf(in.Run.Completed), Default: onDefault}
	verdicts := make(map[TestID]Verdict, len(in.Results))
	for _, r := range in.Results {
		verdicts[r.Test] = r.Verdict
	}
	days := make([]Day, 0, len(in.Set))
	for i, id := range in.Set {
		d := day
		d.Test, d.Runs = id, 1
		verdict := verdicts[id]
		switch verdict {
		case Failed, Errored:
			d.Failures = 1
		case Flaky:
			d.Flaky = 1
		}
		if d.Failures == 0 && i < len(in.Times) {
			d.Sum = max(in.Times[i].Round(time.Millisecond), 0)
			d.Max = d.Sum
		}
		days = append(days, d)
	}
	var skips []Day
	for _, id := range in.Skipped {
		d := day
		d.Test, d.Skips = id, 1
		skips = append(skips, d)
	}
	return AddDays(days, skips)
}

// AddDays joins what two lists say of one day; both are in order of the tests, and so is the sum.
func AddDays(a, b []Day) []Day {
	if len(b) == 0 {
		return a
	}
	sum := make([]Day, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(a[0].Test, b[0].Test) {
		case -1:
			sum, a = append(sum, a[0]), a[1:]
		case 1:
			sum, b = append(sum, b[0]), b[1:]
		default:
			both := a[0]
			both.add(b[0])
			sum, a, b = append(sum, both), a[1:], b[1:]
		}
	}
	return append(append(sum, a...), b...)
}

// EncodeDays packs the tests of one day for a store: which they are, and some five bytes each of what they did. On most
// days the same tests run, so that the set is kept once.
func EncodeDays(days []Day) (set []TestID, counts []byte) {
	set = make([]TestID, len(days))
	counts = make([]byte, 0, 6*len(days))
	for i, d := range days {
		set[i] = d.Test
		rare := d.Failures|d.Flaky|d.Skips != 0
		head := uint64(d.Runs) << 1
		if rare {
			head |= 1
		}
		counts = binary.AppendUvarint(counts, head)
		if rare {
			for _, n := range []int{d.Failures, d.Flaky, d.Skips} {
				counts = binary.AppendUvarint(counts, uint64(n))
			}
		}
		counts = binary.AppendUvarint(counts, uint64(d.Sum.Milliseconds()))
		counts = binary.AppendUvarint(counts, uint64(d.Max.Milliseconds()))
	}
	return set, counts
}

// DecodeDays is the reverse of EncodeDays.
func DecodeDays(set []TestID, counts []byte, date time.Time, onDefault bool) ([]Day, error) {
	damaged := false
	next := func() int {
		v, n := binary.Uvarint(counts)
		if n <= 0 {
			damaged = true
			return 0
		}
		counts = counts[n:]
		return int(v)
	}
	days := make([]Day, len(set))
	for i, id := range set {
		d := Day{Test: id, Date: date, Default: onDefault}
		head := next()
		d.Runs = head >> 1
		if head&1 != 0 {
			d.Failures, d.Flaky, d.Skips = next(), next(), next()
		}
		d.Sum, d.Max = time.Duration(next())*time.Millisecond, time.Duration(next())*time.Millisecond
		days[i] = d
	}
	if damaged || len(counts) > 0 {
		return nil, errors.New("what the tests of a day did is damaged")
	}
	return days, nil
}

// timed is a test with how long it took.
type timed struct {
	test TestID
	took time.Duration
}

// sortTimed is the sorted set of tests, and how long each took.
func sortTimed(all []timed) (set []TestID, times []time.Duration) {
	slices.SortFunc(all, func(a, b timed) int { return cmp.Compare(a.test, b.test) })
	all = slices.CompactFunc(all, func(a, b timed) bool { return a.test == b.test })
	for _, one := range all {
		set, times = append(set, one.test), append(times, one.took)
	}
	return set, times
}
