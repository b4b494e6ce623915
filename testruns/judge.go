package testruns

import (
	"cmp"
	"slices"
	"time"
)

// Period is the time that is judged: what was taken in up to Until. A run belongs to it that was completed after Since;
// after an earlier summary, one that was taken in after that (Read), so that none falls between two.
type Period struct {
	Since, Until time.Time
	Read         time.Time // zero where no summary came before
	// Begun is when the repository was first followed: runs completed before are backlog, which was never news.
	Begun time.Time
	// Asked is set where somebody asked for the last so many hours or days; zero since an earlier summary.
	Asked time.Duration
}

// lateness is how long after its end a run may be taken in and still be told of in a summary.
const lateness = 7 * 24 * time.Hour

func (p Period) holds(r Run) bool {
	if r.Recorded.After(p.Until) {
		return false
	}
	if p.Read.IsZero() || r.Completed.Before(p.Begun) {
		return r.Completed.After(p.Since)
	}
	return r.Recorded.After(p.Read) && r.Completed.After(p.Since.Add(-lateness))
}

// Judgement is what the tests of one repository's branch say over a period. A test stands in one list at most, those that are
// slower aside. docs/tests.md defines the words.
type Judgement struct {
	Period    Period
	Counts    Counts
	Trend     Trend      // green runs, against as long a time before the period
	New       []Failure  // fail now, since a run in the period
	Still     []Failure  // fail now, since before
	Fixed     []Fix      // were broken, and passed for the third time in the period
	Again     []Fix      // pass again since a run in the period, which is not enough to call them fixed
	Flaky     []Flake    // by definition flaky, and seen so in the period; the surest first
	Once      []Flake    // failed and passed on one commit in the period, not yet often enough to be called flaky
	Recovered []Recovery // were flaky, and are not any more since a run in the period
	Slower    []Slowdown // take longer in the last 7 days than in the 14 before; what grew most comes first
	// Latest is the newest run that counts; zero when there is none at all.
	Latest Run
	// GreenSince is when the present row of green runs began; zero when the newest is not green.
	GreenSince time.Time
	// BrokenSince is when CI ceased to give reports that tests can be judged by; zero while it gives them.
	BrokenSince time.Time
	Runs        []Run // those of the period that count, newest first: the last attempt of each
}

// Counts are runs by state, each run once, by its last attempt.
type Counts struct {
	Runs    int // all that count: Green, Red, Outside, NoReport and Unreadable
	Green   int // those after a retry among them
	Retried int
	Red, Outside, NoReport,
	Unreadable int
	Cancelled, Gone int // these count for nothing
}

// Failure is a test that fails now.
type Failure struct {
	Test     Test
	First    Run  // the first run of the present row of failures
	LastGood *Run // the last run before in which it passed; nil when none is known
	Last     Run  // the newest run in which it was executed
	Commits  int  // commits in a row on which it failed
	// AtLeast tells that the row is as old as what is known: it may have begun before First, by another commit.
	AtLeast bool
	Message string
}

// Broken tells that it failed on three commits in a row or more.
func (f Failure) Broken() bool { return f.Commits >= brokenFrom }

// Fix is a test that failed when the period began, or was broken, and passes now.
type Fix struct {
	Test  Test
	Since Run // the first run of the failures that have ended
	By    Run // the first run that passed again
}

// Flake is a test that passes and fails without a change that would explain it.
type Flake struct {
	Test   Test
	Times  int // runs of the period in which it showed
	Of     int // runs of the period in which it was executed
	Latest Run // the newest such run
}

// Rate is in how many of the runs it showed.
func (f Flake) Rate() Rate { return Rate{f.Times, f.Of} }

// Recovery is a test that was flaky.
type Recovery struct {
	Test  Test
	Last  Run // the newest run in which it failed, or passed only after a retry
	Clean int // runs since then, in all of which it passed
}

// build is one run with all its attempts.
type build struct {
	Run                // the last attempt, with the state of all together
	first    Run       // the first attempt
	evidence []attempt // those that judge, oldest first
	telling  bool      // its tests may be judged
	inPeriod bool      // belongs to the period
}

// attempt is one that may judge, with the tests that it executed.
type attempt struct {
	RunKey
	set []TestID // sorted
}

const (
	// infrastructure is the share of failing tests above which the run, not its tests, is at fault.
	infrastructure = 0.8
	// enoughTests is the number of executed tests below which that share means nothing.
	enoughTests = 10
)

// judges tells whether an attempt's tests may be judged.
func (r Run) judges() bool { return r.State.HasReport() && !r.swamped(r.executed()) }

func (r Run) executed() int { return r.Tests - r.Skipped }

// swamped tells that more failed than tests do by themselves, of so many that were executed.
func (r Run) swamped(executed int) bool {
	return executed >= enoughTests && float64(r.Failed+r.Errors) > infrastructure*float64(executed)
}

// Judge says what a history means at the end of a period.
func Judge(h History, p Period) Judgement {
	builds := buildsOf(h, p)
	j := Judgement{Period: p}
	for _, b := range builds {
		j.count(b)
	}
	slices.Reverse(j.Runs)
	j.compare(builds)
	j.latest(builds)
	eachTrace(h, builds, j.judge)
	j.Slower = slowdowns(h, p.Until)
	j.sort()
	return j
}

// buildsOf joins attempts to runs, oldest first, and leaves out those that are no runs of tests: their workflow was
// never seen to report any.
func buildsOf(h History, p Period) []build {
	reporting := map[string]bool{}
	for _, r := range h.Runs {
		if r.State != NoReport && r.State != Cancelled {
			reporting[r.Workflow] = true
		}
	}
	byID := map[int64][]Run{}
	for _, r := range h.Runs {
		if reporting[r.Workflow] && !r.Recorded.After(p.Until) {
			byID[r.ID] = append(byID[r.ID], r)
		}
	}
	builds := make([]build, 0, len(byID))
	for _, attempts := range byID {
		slices.SortFunc(attempts, compareRuns)
		b := join(attempts, h.Sets)
		b.inPeriod = p.holds(b.Run)
		builds = append(builds, b)
	}
	slices.SortFunc(builds, func(a, b build) int { return compareRuns(a.first, b.first) })
	return builds
}

// join makes one run of its attempts, oldest first. Where the last one brought no report (only another job was run again),
// what an earlier one reported still stands.
func join(attempts []Run, sets map[SetID][]TestID) build {
	last := attempts[len(attempts)-1]
	b := build{Run: last, first: attempts[0]}
	retried := false
	most := 0 // an attempt that ran only some jobs again is measured by all that the run executes
	for i, a := range attempts {
		if i < len(attempts)-1 && a.State == Red {
			retried = true
		}
		if !a.State.HasReport() {
			continue
		}
		most = max(most, a.executed())
		if b.telling = !a.swamped(most); b.telling {
			b.evidence = append(b.evidence, attempt{a.RunKey, sets[a.Executed]})
		}
		if last.State == NoReport {
			b.State, b.Tests, b.Failed, b.Errors, b.Skipped = a.State, a.Tests, a.Failed, a.Errors, a.Skipped
			if a.State == Outside && last.Conclusion == "success" {
				b.State = Green
			}
		}
	}
	if b.State == Green && retried {
		b.State = Retried
	}
	b.telling = b.telling && b.State.HasReport()
	return b
}

// counted tells whether a run counts: it came to an end and left what could be read, or should have.
func (b build) counted() bool { return b.State != Cancelled && b.State != Gone }

func (j *Judgement) count(b build) {
	if !b.inPeriod {
		return
	}
	c := &j.Counts
	switch b.State {
	case Green:
		c.Green++
	case Retried:
		c.Green++
		c.Retried++
	case Red:
		c.Red++
	case Outside:
		c.Outside++
	case NoReport:
		c.NoReport++
	case Unreadable:
		c.Unreadable++
	case Cancelled:
		c.Cancelled++
		return
	case Gone:
		c.Gone++
		return
	}
	c.Runs++
	j.Runs = append(j.Runs, b.Run)
}

// compare sets the green runs of the period against those of as long a time before it.
func (j *Judgement) compare(builds []build) {
	j.Trend.Now = Rate{j.Counts.Green, j.Counts.Runs}
	from := j.Period.Since.Add(-j.Period.Until.Sub(j.Period.Since))
	for _, b := range builds {
		if b.inPeriod || !b.counted() || !b.Completed.After(from) || b.Completed.After(j.Period.Since) {
			continue
		}
		j.Trend.Before.N++
		if b.State.IsGreen() {
			j.Trend.Before.Hits++
		}
	}
}

// latest finds how the branch stands: by its newest runs that count.
func (j *Judgement) latest(builds []build) {
	green, broken := true, true
	for _, b := range slices.Backward(builds) {
		if !b.counted() {
			continue
		}
		if j.Latest.ID == 0 {
			j.Latest = b.Run
		}
		if green = green && b.State.IsGreen(); green {
			j.GreenSince = b.Completed
		}
		if broken = broken && !b.telling; broken {
			j.BrokenSince = b.Completed
		}
	}
}

func (j *Judgement) sort() {
	byFirst := func(a, b Failure) int { return compareRuns(b.First, a.First) }
	slices.SortStableFunc(j.New, byFirst)
	slices.SortStableFunc(j.Still, byFirst)
	byFix := func(a, b Fix) int { return compareRuns(b.By, a.By) }
	slices.SortStableFunc(j.Fixed, byFix)
	slices.SortStableFunc(j.Again, byFix)
	slices.SortStableFunc(j.Flaky, bySurety)
	slices.SortStableFunc(j.Once, bySurety)
	slices.SortStableFunc(j.Recovered, func(a, b Recovery) int { return compareRuns(b.Last, a.Last) })
}

// bySurety orders flaky tests by how often they are flaky at least (the lower end of Wilson's interval): 4 of 31 runs come
// before 1 of 2.
func bySurety(a, b Flake) int {
	lowA, _ := a.Rate().Interval()
	lowB, _ := b.Rate().Interval()
	return cmp.Compare(lowB, lowA)
}
