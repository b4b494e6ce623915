package github

import (
	"fmt"
	"hash/fnv"
	"time"
)

// CI is the rule by which a repository's CI runs come about and what their tests say.
type CI struct {
	Weekday  int        `yaml:"weekday"` // commits to main on a working day
	Weekend  int        `yaml:"weekend"` // and on Saturdays and Sundays
	Format   string     `yaml:"format"`  // dialect of the reports: surefire, pytest, gotestsum or jest
	Suites   []Suite    `yaml:"suites"`
	Rules    []TestRule `yaml:"rules"`
	Source   string     `yaml:"source"` // the file that generated commits change
	Paces    []PaceRule `yaml:"paces"`
	Incident []Incident `yaml:"incidents"`
}

// Suite is a set of tests that one file of the artifact reports.
type Suite struct {
	File    string   `yaml:"file"` // in the zip
	Step    string   `yaml:"step"` // the step of the workflow that fails when one of its tests does
	Name    string   `yaml:"name"`
	Class   string   `yaml:"class"`
	Tests   []string `yaml:"tests"`
	Average float64  `yaml:"average"` // seconds a test takes; 0.2 when missing
}

// TestRule makes a test something other than green. Times are ages at the first start of the playground.
type TestRule struct {
	Test    string        `yaml:"test"`
	Kind    string        `yaml:"kind"`    // broken, flaky, slow or skipped
	Since   time.Duration `yaml:"since"`   // how long before the first start it began; 0: always so
	Until   time.Duration `yaml:"until"`   // how long before the first start it ended; 0: it goes on
	Rate    float64       `yaml:"rate"`    // flaky: share of runs in which it fails at first
	Retried bool          `yaml:"retried"` // flaky: the test is tried again within the run and then passes
	Rerun   float64       `yaml:"rerun"`   // flaky: share of the red runs that somebody starts again, and that pass then
	Factor  float64       `yaml:"factor"`  // slow: how many times longer it takes
	Message string        `yaml:"message"`
	Type    string        `yaml:"type"`
	Trace   []string      `yaml:"trace"`
	Author  string        `yaml:"author"` // broken: who made the commit that broke it
	Commit  string        `yaml:"commit"` // and its message
	Fixer   string        `yaml:"fixer"`  // broken, with Until: who mended it
	Fix     string        `yaml:"fix"`    // and by which commit
}

// PaceRule makes steps of that name take that long, give or take a fifth.
type PaceRule struct {
	Step  string        `yaml:"step"`
	Takes time.Duration `yaml:"takes"`
}

// Incident is a time in which the CI itself was broken: Step fails in every run and there is no report.
type Incident struct {
	Since time.Duration `yaml:"since"`
	Until time.Duration `yaml:"until"`
	Step  string        `yaml:"step"`
}

// result is one test in one attempt.
type result struct {
	suite   *Suite
	test    string
	seconds float64
	outcome string // passed, failed, skipped, or flaky: failed at first, passed when tried again at once
	rule    *TestRule
}

// chance is a number in [0,1) that depends on nothing but its arguments.
func chance(parts ...any) float64 {
	h := fnv.New64a()
	var text []byte
	for _, p := range parts {
		text = append(fmt.Append(text[:0], p), 0)
		h.Write(text)
	}
	x := h.Sum64() // FNV's high bits are poor for short inputs: mix once more
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// active says whether the rule holds at t in a world first started at epoch.
func (t *TestRule) active(epoch, at time.Time) bool {
	return (t.Since == 0 || !at.Before(epoch.Add(-t.Since))) && (t.Until == 0 || at.Before(epoch.Add(-t.Until)))
}

// results are what the tests of ci say in attempt n of the CI run number run, started at a time.
func (ci *CI) results(repo string, epoch, at time.Time, run, attempt int) []result {
	var out []result
	for i := range ci.Suites {
		s := &ci.Suites[i]
		average := s.Average
		if average == 0 {
			average = 0.2
		}
		for _, test := range s.Tests {
			spread := 0.2 + 1.6*chance(repo, s.Name, test)               // each test has its own pace
			noise := 0.85 + 0.3*chance(repo, s.Name, test, run, attempt) // and no run is like another
			r := result{suite: s, test: test, seconds: average * spread * noise, outcome: "passed"}
			for k := range ci.Rules {
				if rule := &ci.Rules[k]; rule.Test == test && rule.active(epoch, at) {
					r.apply(rule, repo, run, attempt)
				}
			}
			out = append(out, r)
		}
	}
	return out
}

func (r *result) apply(rule *TestRule, repo string, run, attempt int) {
	switch rule.Kind {
	case "broken":
		r.outcome, r.rule = "failed", rule
	case "skipped":
		if r.outcome == "passed" {
			r.outcome, r.rule, r.seconds = "skipped", rule, 0
		}
	case "slow":
		r.seconds *= rule.Factor
	case "flaky":
		// An attempt after the first is made because of a flake, and passes.
		if r.outcome == "passed" && attempt == 1 && chance(repo, rule.Test, "flake", run) < rule.Rate {
			r.outcome, r.rule = "failed", rule
			if rule.Retried {
				r.outcome = "flaky"
			}
		}
	}
}

// rerun says whether somebody starts a run with those results again: only where nothing but flakes failed.
func rerun(results []result, repo string, run int) bool {
	again := false
	for _, r := range results {
		if r.outcome != "failed" {
			continue
		}
		if r.rule.Kind != "flaky" {
			return false
		}
		again = again || chance(repo, r.test, "rerun", run) < r.rule.Rerun
	}
	return again
}

// incident is the CI breakage at that moment, if any.
func (ci *CI) incident(epoch, at time.Time) *Incident {
	for i := range ci.Incident {
		in := &ci.Incident[i]
		if !at.Before(epoch.Add(-in.Since)) && at.Before(epoch.Add(-in.Until)) {
			return in
		}
	}
	return nil
}
