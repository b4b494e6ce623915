package testruns

import (
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

// Judgement is what the tests of one repository's branch say over a period.
type Judgement struct {
	Period Period
	Counts Counts
	New    []Failure // fail now, since a run in the period
	Still  []Failure // fail now, since before
	Fixed  []Fix
	Flaky  []Flake // by definition flaky, and seen so in the period
	Once   []Flake // failed and passed on one commit in the period, not yet often enough to be called flaky
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
func (f Failure) Broken() bool { return f.Commits >= 3 }

// Fix is a test that failed before and passes now.
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

// build is one run with all its attempts.
type build struct {
	Run              // the last attempt, with the state of all together
	attempts []Run   // oldest first
	judges   bool    // its tests may be judged
	inPeriod bool    // belongs to the period
	sets     []SetID // of attempts
}

// infrastructure is the share of failing tests from which the run, not its tests, is at fault; below ten tests it means
// nothing.
const infrastructure = 0.8

// Judge says what a history means at the end of a period.
func Judge(h History, p Period) Judgement {
	builds := buildsOf(h, p)
	j := Judgement{Period: p}
	for _, b := range builds {
		j.count(b)
	}
	slices.Reverse(j.Runs)
	j.latest(builds)
	for _, t := range tracesOf(h, builds) {
		j.judge(t)
	}
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
		builds = append(builds, join(attempts, p))
	}
	slices.SortFunc(builds, func(a, b build) int { return compareRuns(a.attempts[0], b.attempts[0]) })
	return builds
}

// join makes one run of its attempts. Where the last one brought no report (only another job was run again), what an
// earlier one reported still stands.
func join(attempts []Run, p Period) build {
	last := attempts[len(attempts)-1]
	b := build{Run: last, attempts: attempts, inPeriod: p.holds(last)}
	for i := len(attempts) - 1; i >= 0; i-- {
		if a := attempts[i]; a.State.HasReport() {
			if !last.State.HasReport() && last.State == NoReport {
				b.State, b.Tests, b.Failed, b.Errors, b.Skipped = a.State, a.Tests, a.Failed, a.Errors, a.Skipped
				if a.State == Outside && last.Conclusion == "success" {
					b.State = Green
				}
			}
			break
		}
	}
	if b.State == Green && slices.ContainsFunc(attempts[:len(attempts)-1], func(a Run) bool { return a.State == Red }) {
		b.State = Retried
	}
	for _, a := range attempts {
		if a.Executed != "" {
			b.sets = append(b.sets, a.Executed)
		}
	}
	executed := b.Tests - b.Skipped
	swamped := executed >= 10 && float64(b.Failed+b.Errors) > infrastructure*float64(executed)
	b.judges = b.State.HasReport() && !swamped
	return b
}

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

// latest finds how the branch stands: by its newest runs that count.
func (j *Judgement) latest(builds []build) {
	green, broken := true, true
	for _, b := range slices.Backward(builds) {
		if b.State == Cancelled || b.State == Gone {
			continue
		}
		if j.Latest.ID == 0 {
			j.Latest = b.Run
		}
		if green = green && b.State.IsGreen(); green {
			j.GreenSince = b.Completed
		}
		if broken = broken && !b.judges; broken {
			j.BrokenSince = b.Completed
		}
	}
}

func (j *Judgement) sort() {
	byFirst := func(a, b Failure) int { return compareRuns(b.First, a.First) }
	slices.SortStableFunc(j.New, byFirst)
	slices.SortStableFunc(j.Still, byFirst)
	slices.SortStableFunc(j.Fixed, func(a, b Fix) int { return compareRuns(b.By, a.By) })
	byTimes := func(a, b Flake) int { return b.Times*max(a.Of, 1) - a.Times*max(b.Of, 1) }
	slices.SortStableFunc(j.Flaky, byTimes)
	slices.SortStableFunc(j.Once, byTimes)
}
