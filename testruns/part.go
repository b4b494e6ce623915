package testruns

import (
	"path"
	"slices"
	"strings"
	"time"
)

// JobCount is what one artifact of a run reported.
type JobCount struct {
	Job      string        `json:"job"` // as Test.Job
	Tests    int           `json:"tests"`
	Passed   int           `json:"passed,omitempty"`
	Failed   int           `json:"failed,omitempty"`
	Errors   int           `json:"errors,omitempty"`
	Skipped  int           `json:"skipped,omitempty"`
	Flaky    int           `json:"flaky,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
}

// add adds what another artifact of the same name reported.
func (j *JobCount) add(o JobCount) {
	j.Tests += o.Tests
	j.Passed += o.Passed
	j.Failed += o.Failed
	j.Errors += o.Errors
	j.Skipped += o.Skipped
	j.Flaky += o.Flaky
	j.Duration += o.Duration
}

// matchesAny tells whether an artifact's name matches one of some globs, whatever its case.
func matchesAny(globs []string, name string) bool {
	whole := strings.NewReplacer("/", "-") // path.Match takes no slash for a star
	name = whole.Replace(strings.ToLower(name))
	return slices.ContainsFunc(globs, func(glob string) bool {
		ok, err := path.Match(whole.Replace(strings.ToLower(glob)), name)
		return err == nil && ok
	})
}

// part is the history of what some artifacts report: that of one component among several in a repository. Runs in which none
// of them reported anything are left out, unless nothing of them could be read. Without globs it is all of the history.
func (h History) part(globs []string) History {
	if len(globs) == 0 {
		return h
	}
	p := History{Tests: map[TestID]Test{}, Sets: h.Sets}
	for _, r := range h.Runs {
		if r, ok := r.part(globs); ok {
			p.Runs = append(p.Runs, r)
		}
	}
	for id, t := range h.Tests {
		if matchesAny(globs, t.Job) {
			p.Tests[id] = t
		}
	}
	for _, r := range h.Results {
		if _, ours := p.Tests[r.Test]; ours {
			p.Results = append(p.Results, r)
		}
	}
	for _, d := range h.Days {
		if _, ours := p.Tests[d.Test]; ours {
			p.Days = append(p.Days, d)
		}
	}
	return p
}

// part counts what some artifacts reported; ok is false where none did.
func (r Run) part(globs []string) (_ Run, ok bool) {
	var ours JobCount
	for _, j := range r.Jobs {
		if matchesAny(globs, j.Job) {
			ours.add(j)
			ok = true
		}
	}
	if !r.State.HasReport() {
		return r, r.State != NoReport // what could not be read may have been theirs
	}
	othersFail := r.Failed+r.Errors > ours.Failed+ours.Errors
	r.Tests, r.Passed, r.Failed, r.Errors, r.Skipped, r.Flaky, r.Duration = ours.Tests, ours.Passed, ours.Failed, ours.Errors, ours.Skipped, ours.Flaky, ours.Duration
	switch {
	case ours.Failed+ours.Errors > 0:
		r.State = Red
	case ours.Tests == ours.Skipped:
		r.State = NoReport
	case r.State == Outside && !othersFail:
	case ours.Flaky > 0:
		r.State = Retried
	default:
		r.State = Green
	}
	return r, ok
}
