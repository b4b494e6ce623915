package testruns

import (
	"slices"
	"time"
)

const (
	// flakyWithin is how far back the signs of flakiness count.
	flakyWithin = 14 * 24 * time.Hour
	// burstMost is the number of failing commits between passes that may be chance.
	burstMost = 2
	// cleanDays and cleanRuns is what a flaky test must pass to have recovered.
	cleanDays = 7 * 24 * time.Hour
	cleanRuns = 20
)

// sign is a piece of evidence that a test is flaky.
type sign struct {
	at    time.Time // of its last failure
	mixed bool      // it passed and failed on one commit; else it failed for a moment between passes
}

type signs []sign

// signs are those of a test, oldest first. One commit gives one sign at most.
func (t trace) signs() signs {
	var found signs
	burst, isolated := 0, false // failing sightings in a row, and whether a pass came before
	for i, s := range t.sightings {
		switch {
		case s.mixed:
			found = append(found, sign{s.build.Completed, true})
			burst, isolated = 0, false
		case s.failed:
			if burst == 0 {
				isolated = i > 0 && !t.sightings[i-1].failed
			}
			burst++
		default:
			if isolated && burst <= burstMost {
				found = append(found, sign{t.sightings[i-1].build.Completed, false})
			}
			burst, isolated = 0, false
		}
	}
	return found
}

// flaky decides by the signs of the 14 days before a moment: passed and failed on one commit, on two commits or more; or
// three bursts of at most two failing commits between passes; or two bursts and one such commit.
func (all signs) flaky(until time.Time) bool {
	mixed, bursts := 0, 0
	for _, s := range all {
		switch {
		case s.at.Before(until.Add(-flakyWithin)) || s.at.After(until):
		case s.mixed:
			mixed++
		default:
			bursts++
		}
	}
	return mixed >= 2 || bursts >= 3 || bursts >= 2 && mixed >= 1
}

// recovery tells of a test that was flaky when it failed last and has passed for 7 days and in 20 runs since; at is the run
// by which both were so, nil where they are not.
func (t trace) recovery(all signs) (r Recovery, at *build) {
	clean := 0
	for n := len(t.sightings); clean < n; clean++ {
		if s := t.sightings[n-1-clean]; s.failed || s.mixed {
			break
		}
	}
	ill := len(t.sightings) - clean - 1
	if ill < 0 || clean < cleanRuns {
		return r, nil
	}
	last := t.sightings[ill].build
	if !all.flaky(last.Completed) {
		return r, nil
	}
	for _, s := range t.sightings[ill+cleanRuns:] {
		if s.build.Completed.Sub(last.Completed) >= cleanDays {
			return Recovery{Test: t.test, Last: last.Run, Clean: clean}, s.build
		}
	}
	return r, nil
}

// flake counts the signs within the period.
func (t trace) flake() Flake {
	f := Flake{Test: t.test}
	for _, s := range t.sightings {
		if !s.build.inPeriod {
			continue
		}
		f.Of++
		if s.mixed || s.failed {
			f.Times++
			f.Latest = s.build.Run
		}
	}
	return f
}

// shown tells whether the test passed and failed on one commit within the period.
func (t trace) shown() bool {
	return slices.ContainsFunc(t.sightings, func(s sighting) bool { return s.build.inPeriod && s.mixed })
}
