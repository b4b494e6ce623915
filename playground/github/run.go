package github

import (
	"time"
)

// run is one run of a workflow. What it looks like at a moment follows from the times in its attempts.
type run struct {
	id           int64
	number       int
	repo         *repo
	path         string // of the workflow file
	workflowID   int64
	workflowName string
	spec         *workflow // nil when the file is not valid: the run is a startup_failure
	event        string
	branch, sha  string
	title        string
	actor        string
	inputs       map[string]string
	created      time.Time
	group        string // concurrency group; empty when it has none
	subjectRepo  string // owner/name that outcomes go by: the component's for a deployment
	subjectRef   string
	attempts     []*attempt
}

// attempt is one try at a run. Times in the future are its plan.
type attempt struct {
	run        *run
	number     int
	full       bool // all jobs were started, not only the failed ones
	actor      string
	created    time.Time
	held       bool // waits for its concurrency group
	jobs       []*job
	outcome    Outcome // what was decided about it; zero when nothing was
	override   string  // conclusion of the whole run, decided without any job
	overrideAt time.Time
	cancelled  time.Time   // when somebody asked for it
	results    []result    // of a CI run's tests
	given      []*artifact // by a control endpoint, in place of those of the same name
}

// job is one job of an attempt. A zero time has not been decided.
type job struct {
	id         int64
	attempt    *attempt
	spec       *jobSpec
	ready      time.Time // everything it needs is done: from here on it can be seen
	start, end time.Time
	conclusion string
	blocked    bool // waits for a reviewer of its environment
	approved   bool
	noRunner   bool
	stuck      bool // ignores a cancel
	steps      []*step
	deployment *deployment
}

// step is one step of a job.
type step struct {
	number     int
	name       string
	post       bool // Post … and Complete job: seen only when they begin
	start, end time.Time
	conclusion string
	outputs    object
	log        []string
	artifact   *artifact
	retires    string // environment whose deployments are inactive after it
}

// artifact is a file that a step has uploaded.
type artifact struct {
	id      int64
	name    string
	job     *job
	created time.Time
	expires time.Time
	files   func() []zipFile // made when asked for
	raw     bool             // not zipped: upload-artifact with archive: false
	deleted time.Time
	claimed int // size that the API tells in place of the real one; 0: the real one

	measured bool // size and digest are known
	size     int
	digest   string
}

// upTo says whether t is set and not after now.
func upTo(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// state is status and conclusion of a job at a moment; status is empty while the job cannot be seen.
func (j *job) state(now time.Time) (status, conclusion string) {
	switch {
	case !upTo(j.ready, now):
		return "", ""
	case upTo(j.end, now):
		return "completed", j.conclusion
	case upTo(j.start, now):
		return "in_progress", ""
	case j.blocked:
		return "waiting", ""
	default:
		return "queued", ""
	}
}

func (s *step) state(now time.Time) (status, conclusion string) {
	switch {
	case upTo(s.end, now):
		return "completed", s.conclusion
	case upTo(s.start, now):
		return "in_progress", ""
	default:
		return "queued", ""
	}
}

// finish is when the attempt is over, if that has been decided.
func (a *attempt) finish() (time.Time, bool) {
	if a.override != "" {
		return a.overrideAt, true
	}
	if a.held {
		return time.Time{}, false
	}
	last := a.created
	for _, j := range a.jobs {
		if j.end.IsZero() {
			return time.Time{}, false
		}
		if j.end.After(last) {
			last = j.end
		}
	}
	return last, true
}

// over says whether the attempt is completed at that moment.
func (a *attempt) over(now time.Time) bool {
	end, known := a.finish()
	return known && !end.After(now)
}

// state is status and conclusion of the attempt at a moment.
func (a *attempt) state(now time.Time) (status, conclusion string) {
	if a.over(now) {
		return "completed", a.conclusion()
	}
	if a.held {
		return "pending", ""
	}
	running, waiting, began := false, false, false
	for _, j := range a.jobs {
		switch s, _ := j.state(now); s {
		case "in_progress":
			running, began = true, true
		case "completed":
			began = began || j.conclusion != "skipped"
		case "waiting":
			waiting = true
		}
	}
	switch {
	case waiting && !running:
		return "waiting", ""
	case running || began:
		return "in_progress", ""
	default:
		return "queued", ""
	}
}

// conclusion is how the attempt ends once all its jobs are over.
func (a *attempt) conclusion() string {
	if a.override != "" {
		return a.override
	}
	found := map[string]bool{}
	for _, j := range a.jobs {
		found[j.conclusion] = true
	}
	for _, c := range []string{"cancelled", "failure", "timed_out", "success"} {
		if found[c] {
			return c
		}
	}
	return "skipped"
}

// updated is when the attempt last changed up to now, as updated_at shows it.
func (a *attempt) updated(now time.Time) time.Time {
	last := a.created
	later := func(t time.Time) {
		if upTo(t, now) && t.After(last) {
			last = t
		}
	}
	later(a.cancelled)
	later(a.overrideAt)
	for _, j := range a.jobs {
		later(j.ready)
		later(j.start)
		later(j.end)
	}
	return last
}

// next is the first moment after now at which something of the attempt changes; zero when nothing more is decided.
func (a *attempt) next(now time.Time) time.Time {
	var first time.Time
	sooner := func(t time.Time) {
		if t.After(now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, j := range a.jobs {
		sooner(j.ready)
		sooner(j.start)
		sooner(j.end)
		for _, s := range j.steps {
			sooner(s.end)
		}
	}
	sooner(a.overrideAt)
	return first
}

// visible are the attempts that have begun; the last of them is what the run shows.
func (r *run) visible(now time.Time) []*attempt {
	n := len(r.attempts)
	for n > 1 && r.attempts[n-1].created.After(now) {
		n--
	}
	return r.attempts[:n]
}

// latest is the attempt that the run shows at that moment.
func (r *run) latest(now time.Time) *attempt {
	v := r.visible(now)
	return v[len(v)-1]
}

// artifacts are those of one attempt.
func (a *attempt) artifacts(now time.Time) []*artifact {
	var out []*artifact
	replaced := map[string]bool{}
	for _, g := range a.given {
		replaced[g.name] = true
		if upTo(g.created, now) && !upTo(g.deleted, now) {
			out = append(out, g)
		}
	}
	for _, j := range a.jobs {
		for _, s := range j.steps {
			// A job that was carried over from the attempt before has its artifact there.
			if r := s.artifact; r != nil && r.job == j && !replaced[r.name] && upTo(r.created, now) && !upTo(r.deleted, now) {
				out = append(out, r)
			}
		}
	}
	return out
}

// artifacts are those that can be seen: a full re-run hides those of earlier attempts, a partial one keeps them.
func (r *run) artifacts(now time.Time) []*artifact {
	var out []*artifact
	for _, a := range r.visible(now) {
		if a.full {
			out = nil
		}
		out = append(out, a.artifacts(now)...)
	}
	return out
}
