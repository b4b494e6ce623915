package github

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// dispatch starts a workflow by workflow_dispatch; the inputs have been checked and hold the defaults.
func (st *state) dispatch(r *repo, path string, w *workflow, branch string, c *commit, actor string, inputs map[string]string) *run {
	made := &run{repo: r, path: path, spec: w, event: "workflow_dispatch", branch: branch, sha: c.sha, actor: actor, inputs: inputs,
		created: st.now, subjectRepo: r.owner + "/" + inputs["component"], subjectRef: inputs["ref"]}
	st.start(made)
	return made
}

// pushed starts what a push to a branch starts.
func (st *state) pushed(r *repo, branch string, c *commit, actor string) []*run {
	if r.archived {
		return nil
	}
	var out []*run
	files := st.workflowsAt(r, c)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		file := files[path]
		if file.spec != nil && !file.spec.On.Push.matches(branch) {
			continue
		}
		title, _, _ := strings.Cut(c.message, "\n")
		made := &run{repo: r, path: path, spec: file.spec, event: "push", branch: branch, sha: c.sha, actor: actor, title: title,
			created: st.now}
		st.start(made)
		out = append(out, made)
	}
	return out
}

// start gives a run its place and its first attempt.
func (st *state) start(r *run) {
	r.id = st.newID()
	r.repo.runNumbers[r.path]++
	r.number = r.repo.runNumbers[r.path]
	r.workflowID = workflowID(r.repo, r.path)
	r.workflowName = r.path
	st.runs[r.id] = r
	st.runOrder = append(st.runOrder, r)
	r.repo.runs = append(r.repo.runs, r)
	a := &attempt{run: r, number: 1, full: true, actor: r.actor, created: st.now}
	r.attempts = []*attempt{a}
	if r.spec == nil {
		a.override, a.overrideAt = "startup_failure", st.now
		return
	}
	r.workflowName = r.spec.Name
	st.entitle(r, a)
	st.launch(a)
	st.planRerun(r)
}

// entitle works out the run's title and concurrency group.
func (st *state) entitle(r *run, a *attempt) {
	ctx := st.contexts(a)
	if title, err := interpolate(r.spec.RunName, ctx); err == nil && strings.TrimSpace(title) != "" {
		r.title = title
	}
	if r.title == "" {
		r.title = r.workflowName
	}
	if name, err := interpolate(r.spec.Concurrency.Group, ctx); err == nil && name != "" {
		r.group = r.repo.slug() + "\x00" + strings.ToLower(name)
	}
}

// launch decides how an attempt goes and begins it, or lets it wait for its concurrency group.
func (st *state) launch(a *attempt) {
	r := a.run
	a.outcome = st.outcomeFor(r)
	if o := a.outcome; o.Step == "" {
		switch o.Conclusion {
		case "", "success", "failure", "hang", "stuck", "waiting", "queued":
		default:
			a.override, a.overrideAt = o.Conclusion, st.now.Add(st.paced(runnerDelay)+o.Takes)
			return
		}
	}
	if ci := r.repo.rules.CI; ci != nil && r.event != "workflow_dispatch" {
		a.results = ci.results(r.repo.slug(), st.epoch, r.created, r.number, a.number)
	}
	if r.group != "" && !st.enter(a) {
		return
	}
	st.begin(a, st.now)
	st.index(a)
}

// index lets the jobs of an attempt be found.
func (st *state) index(a *attempt) {
	for _, j := range a.jobs {
		st.jobs[j.id] = j
	}
}

// enter takes the concurrency group for an attempt, or makes it wait. Only the newest waits: an earlier one that still
// waited is cancelled, as on GitHub.
func (st *state) enter(a *attempt) bool {
	r := a.run
	g := st.groups[r.group]
	if g == nil {
		g = &group{}
		st.groups[r.group] = g
	}
	holder := g.holder
	if holder == nil || holder == r || holder.latest(st.now).over(st.now) {
		g.holder = r
		return true
	}
	cancel, err := interpolate(r.spec.Concurrency.Cancel, st.contexts(a))
	if g.waiting != nil && g.waiting != r {
		st.stop(g.waiting.latest(st.now), st.now, false)
	}
	g.waiting = r
	a.held = true
	if err == nil && cancel == "true" {
		st.stop(holder.latest(st.now), st.now, false)
	}
	return false
}

// handOver is the earliest moment up to limit at which a waiting run can take over its group.
func (st *state) handOver(limit time.Time) (*group, time.Time) {
	var found *group
	var at time.Time
	for _, name := range slices.Sorted(maps.Keys(st.groups)) {
		g := st.groups[name]
		if g.waiting == nil {
			continue
		}
		end, known := g.holder.latest(limit).finish()
		if known && !end.After(limit) && (found == nil || end.Before(at)) {
			found, at = g, end
		}
	}
	return found, at
}

// takeOver lets the waiting run of a group begin.
func (st *state) takeOver(g *group) {
	r := g.waiting
	g.waiting = nil
	a := r.latest(st.now)
	if !a.held {
		return // cancelled while it waited
	}
	g.holder = r
	st.begin(a, st.now)
	st.index(a)
}

// planRerun lets somebody start a red CI run again ten minutes after its end, where the rules of its flaky tests say so.
func (st *state) planRerun(r *run) {
	first := r.attempts[0]
	end, known := first.finish()
	if first.results == nil || !known || !rerun(first.results, r.repo.slug(), r.number) {
		return
	}
	now := st.now
	st.now = end.Add(10 * time.Minute)
	st.again(r, r.actor, true)
	st.now = now
}

// again makes another attempt at a run: of all its jobs, or of those that did not succeed.
func (st *state) again(r *run, actor string, all bool) *attempt {
	last := r.attempts[len(r.attempts)-1]
	a := &attempt{run: r, number: last.number + 1, full: all, actor: actor, created: st.now}
	r.attempts = append(r.attempts, a)
	if !all {
		for _, j := range last.jobs {
			a.jobs = append(a.jobs, st.carried(a, j))
		}
	}
	st.launch(a)
	return a
}

// carried is a job of the attempt before: as it was when it succeeded, afresh when not.
func (st *state) carried(a *attempt, j *job) *job {
	if j.conclusion != "success" {
		return &job{id: st.newID(), attempt: a, spec: j.spec}
	}
	same := *j
	same.id, same.attempt, same.ready = st.newID(), a, st.now
	return &same
}
