package testruns

import (
	"slices"
	"strings"
	"time"

	"bellhop/catalog"
)

// Digest is a summary, ready to be shown.
type Digest struct {
	Summary    Summary
	Period     Period
	Zone       *time.Location
	Components []ComponentDigest
}

// ComponentDigest is what the tests of one component say.
type ComponentDigest struct {
	Name      string // as the config or the asker names it
	Component catalog.Entity
	Known     bool // the catalog has it
	Repo      string
	Owner     catalog.Ownership
	Followed  Followed
	Follows   bool // whether it is followed
	Judgement Judgement
}

// RunDigest is one run with its attempts, oldest first.
type RunDigest struct{ Attempts []AttemptDigest }

// AttemptDigest is what one attempt of a run said.
type AttemptDigest struct {
	Run    Run
	Failed []TestResult // failures and errors, by name
	Flaky  []TestResult
}

// TestResult is a result with its test.
type TestResult struct {
	Result
	Test Test
}

// Attempt is the attempt of that number, the last one for 0.
func (d RunDigest) Attempt(n int) (AttemptDigest, bool) {
	for _, a := range slices.Backward(d.Attempts) {
		if n == 0 || a.Run.Attempt == n {
			return a, true
		}
	}
	return AttemptDigest{}, false
}

// digestRun puts a run's history together.
func digestRun(h History) RunDigest {
	var d RunDigest
	slices.SortFunc(h.Runs, compareRuns)
	for _, r := range h.Runs {
		a := AttemptDigest{Run: r}
		for _, result := range h.Results {
			test, ok := h.Tests[result.Test]
			switch {
			case result.Run != r.RunKey || !ok:
			case result.Verdict == Flaky:
				a.Flaky = append(a.Flaky, TestResult{result, test})
			default:
				a.Failed = append(a.Failed, TestResult{result, test})
			}
		}
		for _, list := range [][]TestResult{a.Failed, a.Flaky} {
			slices.SortFunc(list, func(a, b TestResult) int { return strings.Compare(a.Test.Label(), b.Test.Label()) })
		}
		d.Attempts = append(d.Attempts, a)
	}
	return d
}
