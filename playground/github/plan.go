package github

import (
	"fmt"
	"strings"
	"time"
)

// How long the parts of a run take that no rule names.
const (
	runnerDelay = time.Second // until a runner takes a job
	setUpTakes  = time.Second
	stepTakes   = time.Second
	cancelTakes = time.Second         // from a cancel until the runner has stopped
	artifactAge = 90 * 24 * time.Hour // GitHub's default retention
)

// paced is how long something takes at the world's pace.
func (st *state) paced(d time.Duration) time.Duration {
	return time.Duration(float64(d) * st.world.Pace)
}

// begin makes the jobs of an attempt and plans them from a moment on.
func (st *state) begin(a *attempt, from time.Time) {
	a.held = false
	if a.jobs == nil {
		for i := range a.run.spec.Jobs {
			a.jobs = append(a.jobs, &job{id: st.newID(), attempt: a, spec: &a.run.spec.Jobs[i]})
		}
	}
	st.plan(a, from)
}

// plan decides every job whose needs are decided. It goes on where an earlier call had to stop.
func (st *state) plan(a *attempt, from time.Time) {
	for _, j := range a.jobs {
		if !j.ready.IsZero() {
			continue
		}
		ready, ctx, before, ok := st.needs(a, j, from)
		if !ok {
			continue
		}
		j.ready = ready
		run, err := condition(j.spec.If, ctx, before)
		switch {
		case err != nil:
			j.start, j.end, j.conclusion = ready, ready.Add(st.paced(setUpTakes)), "failure"
			j.steps = []*step{{number: 1, name: "Set up job", start: ready, end: j.end, conclusion: "failure",
				log: []string{"##[error]The template is not valid: " + err.Error()}}}
		case !run:
			j.start, j.end, j.conclusion = ready, ready, "skipped"
		default:
			st.queue(j, ctx)
		}
	}
}

// needs gathers what a job needs: when it can start, the contexts it sees, and how the jobs before it ended.
func (st *state) needs(a *attempt, j *job, from time.Time) (time.Time, object, status, bool) {
	ready, needs, before := from, object{}, status{cancelled: !a.cancelled.IsZero()}
	for _, key := range j.spec.Needs {
		for _, other := range a.jobs {
			if other.spec.Key != key {
				continue
			}
			if other.end.IsZero() {
				return ready, nil, before, false
			}
			if other.end.After(ready) {
				ready = other.end
			}
			before.failed = before.failed || other.conclusion != "success" && other.conclusion != "skipped"
			before.skipped = before.skipped || other.conclusion == "skipped"
			needs[strings.ToLower(key)] = object{"result": other.conclusion, "outputs": object{}}
		}
	}
	ctx := st.contexts(a)
	ctx["needs"] = needs
	return ready, ctx, before, true
}

// queue lets a job wait for its reviewers, then for a runner, then run.
func (st *state) queue(j *job, ctx object) {
	o := j.attempt.outcome
	if name, err := interpolate(j.spec.Environment.Name, ctx); err == nil && name != "" && j.deployment == nil {
		j.deployment = st.newDeployment(j, name)
		if !j.approved && (o.Conclusion == "waiting" || len(st.reviewers(j.attempt.run.repo, name)) > 0) {
			j.blocked = true
			return
		}
	}
	if o.Conclusion == "queued" {
		j.noRunner = true
		return
	}
	st.execute(j, j.ready.Add(st.paced(runnerDelay)), ctx)
}

// release starts a job that waited for its reviewers.
func (st *state) release(j *job, at time.Time) {
	j.blocked, j.approved = false, true
	ctx := st.contexts(j.attempt)
	ctx["needs"] = object{}
	st.execute(j, at.Add(st.paced(runnerDelay)), ctx)
	st.plan(j.attempt, at)
}

// reject ends a job whose reviewers said no.
func (st *state) reject(j *job, at time.Time) {
	j.blocked, j.start, j.end, j.conclusion = false, at, at, "failure"
	st.plan(j.attempt, at)
}

// execution is the work of planning one job's steps.
type execution struct {
	st     *state
	job    *job
	ctx    object
	at     time.Time
	before status
	steps  object
}

// execute plans all steps of a job that a runner takes at that moment.
func (st *state) execute(j *job, start time.Time, ctx object) {
	x := &execution{st: st, job: j, ctx: ctx, at: start, steps: object{}}
	ctx["steps"] = x.steps
	ctx["job"] = object{"status": "success"}
	ctx["env"] = object{}
	j.start = start
	x.add(&step{name: "Set up job", conclusion: "success", log: setUpLog()}, st.paced(setUpTakes))
	for i := range j.spec.Steps {
		if x.one(&j.spec.Steps[i]); j.end.After(start) {
			break // it ran into the job's time limit
		}
	}
	x.closing()
	j.conclusion = "success"
	if x.before.failed {
		j.conclusion = "failure"
	}
	if x.before.cancelled {
		j.conclusion = "cancelled"
	}
	if j.end.IsZero() {
		j.end = x.at
	}
	if j.deployment != nil {
		if url, err := interpolate(j.spec.Environment.URL, ctx); err == nil {
			j.deployment.url = url
		}
	}
}

func (x *execution) add(s *step, takes time.Duration) {
	s.number = len(x.job.steps) + 1
	s.start, s.end = x.at, x.at.Add(takes)
	x.at = s.end
	x.job.steps = append(x.job.steps, s)
}

// one plans a step of the file.
func (x *execution) one(spec *stepSpec) {
	s := &step{name: spec.title()}
	if name, err := interpolate(s.name, x.ctx); err == nil {
		s.name = name
	}
	run, err := condition(spec.If, x.ctx, x.before)
	if err != nil {
		s.log = []string{"##[error]The template is not valid: " + err.Error()}
		s.conclusion = "failure"
		x.add(s, 0)
		x.before.failed = true
		return
	}
	if !run {
		s.conclusion = "skipped"
		x.add(s, 0)
		x.remember(spec, s)
		return
	}
	takes, hangs := x.st.perform(x, spec, s)
	limit := x.job.start.Add(time.Duration(x.job.spec.Timeout) * time.Minute)
	if hangs || x.at.Add(takes).After(limit) {
		// GitHub ends a job at its time limit as cancelled, and says so in an annotation.
		s.conclusion = "cancelled"
		s.log = append(s.log, fmt.Sprintf("##[error]The job has exceeded the maximum execution time of %dm0s", x.job.spec.Timeout))
		x.add(s, limit.Sub(x.at))
		x.before.cancelled = true
		x.job.end = limit
		return
	}
	x.add(s, takes)
	if s.artifact != nil {
		s.artifact.created = s.end
		s.artifact.expires = s.end.Add(artifactAge)
	}
	if s.conclusion == "failure" && !spec.Continue {
		x.before.failed = true
		x.ctx["job"] = object{"status": "failure"}
	}
	x.remember(spec, s)
	if s.conclusion == "failure" && spec.Continue {
		s.conclusion = "success" // the outcome is kept in the steps context only
	}
}

func (x *execution) remember(spec *stepSpec, s *step) {
	if spec.ID == "" {
		return
	}
	conclusion := s.conclusion
	if conclusion == "failure" && spec.Continue {
		conclusion = "success"
	}
	x.steps[strings.ToLower(spec.ID)] = object{"outputs": s.outputs, "outcome": s.conclusion, "conclusion": conclusion}
}

// closing adds what the runner does after the last step. Each action that has something to clean up takes a number of
// its own further on, so numbers have gaps, as on GitHub.
func (x *execution) closing() {
	number := 2*len(x.job.spec.Steps) + 1
	for i := len(x.job.spec.Steps) - 1; i >= 0; i-- {
		s := &x.job.spec.Steps[i]
		if s.Uses == "" || strings.Contains(s.Uses, "artifact") || i+1 >= len(x.job.steps) || x.job.steps[i+1].conclusion == "skipped" {
			continue
		}
		x.add(&step{name: "Post " + strings.TrimPrefix(s.title(), "Post "), post: true, conclusion: "success"}, 0)
		x.job.steps[len(x.job.steps)-1].number = number
		number++
	}
	x.add(&step{name: "Complete job", post: true, conclusion: "success", log: []string{"Cleaning up orphan processes"}}, 0)
	x.job.steps[len(x.job.steps)-1].number = number
}

// stop ends what has not ended at that moment: a running step is cancelled, what comes after it never begins.
func (st *state) stop(a *attempt, at time.Time, force bool) {
	if a.cancelled.IsZero() {
		a.cancelled = at
	}
	if a.held {
		a.held, a.override, a.overrideAt = false, "cancelled", at
		return
	}
	for _, j := range a.jobs {
		if upTo(j.end, at) || j.stuck && upTo(j.start, at) && !force {
			continue
		}
		j.conclusion, j.blocked, j.noRunner = "cancelled", false, false
		if !upTo(j.start, at) {
			if !upTo(j.ready, at) {
				j.ready = at
			}
			j.start, j.end, j.steps = at, at, nil
			continue
		}
		j.end = at.Add(st.paced(cancelTakes))
		for _, s := range j.steps {
			switch {
			case upTo(s.end, at):
			case s.post && s.name == "Complete job":
				s.start, s.end = j.end, j.end
			case upTo(s.start, at):
				s.end, s.conclusion, s.artifact, s.retires = j.end, "cancelled", nil, ""
				s.log = append(s.log, "##[error]The operation was canceled.")
			default:
				s.start, s.end, s.conclusion, s.artifact, s.retires = j.end, j.end, "skipped", nil, ""
			}
		}
	}
	st.plan(a, at)
}
