package github

import (
	"fmt"
	"sort"
	"time"
)

// deployment is a GitHub deployment: made by a job with an environment, or by the API.
type deployment struct {
	id          int64
	repo        *repo
	environment string
	ref, sha    string
	creator     string
	description string
	task        string
	job         *job // nil when made by the API
	url         string
	created     time.Time // by the API
	added       []deploymentStatus
}

// deploymentStatus is one status of a deployment.
type deploymentStatus struct {
	id             int64
	state          string
	at             time.Time
	environmentURL string
	logURL         string
	description    string
	creator        string
}

func (st *state) newDeployment(j *job, environment string) *deployment {
	r := j.attempt.run
	d := &deployment{id: st.newID(), repo: r.repo, environment: environment, ref: r.branch, sha: r.sha, creator: "github-actions[bot]",
		task: "deploy", job: j}
	st.deployments = append(st.deployments, d)
	return d
}

// began is when the deployment came to be; zero while it has not.
func (d *deployment) began() time.Time {
	if d.job == nil {
		return d.created
	}
	if d.job.blocked || d.job.start.IsZero() {
		return d.job.ready
	}
	return d.job.start
}

// own are the statuses that the deployment has by its own doing up to now, oldest first.
func (d *deployment) own(base string, now time.Time) []deploymentStatus {
	var out []deploymentStatus
	if j := d.job; j != nil {
		r := j.attempt.run
		link := fmt.Sprintf("%s/%s/actions/runs/%d/job/%d", base, r.repo.slug(), r.id, j.id)
		add := func(state string, at time.Time, url string) {
			if upTo(at, now) {
				// Every status has an id of its own, made from the deployment's.
				out = append(out, deploymentStatus{id: d.id*10 + int64(len(out)), state: state, at: at, environmentURL: url, logURL: link,
					creator: d.creator})
			}
		}
		if j.blocked || j.approved {
			add("waiting", j.ready, "")
		}
		if !j.blocked {
			// A job that was cancelled or refused before it began has no in_progress.
			if len(j.steps) > 0 {
				add("in_progress", j.start, "")
			}
			switch j.conclusion {
			case "success":
				add("success", j.end, d.url)
			case "failure":
				add("failure", j.end, "")
			default:
				add("error", j.end, "")
			}
		}
	}
	for _, s := range d.added {
		if upTo(s.at, now) {
			out = append(out, s)
		}
	}
	return out
}

// deploymentsOf are the deployments of a repository that exist at now, newest first.
func (st *state) deploymentsOf(r *repo, now time.Time) []*deployment {
	var out []*deployment
	for _, d := range st.deployments {
		if d.repo == r && upTo(d.began(), now) {
			out = append(out, d)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if a, b := out[i].began(), out[j].began(); !a.Equal(b) {
			return a.After(b)
		}
		return out[i].id > out[j].id
	})
	return out
}

// statuses are all statuses of a deployment at now, newest first. GitHub makes a successful deployment inactive when a
// later one of the same environment succeeds; a step that retires an environment does so too.
func (st *state) statuses(d *deployment, now time.Time) []deploymentStatus {
	own := d.own(st.base, now)
	var succeeded time.Time
	for _, s := range own {
		if s.state == "success" {
			succeeded = s.at
		}
	}
	if !succeeded.IsZero() {
		if at := st.superseded(d, succeeded, now); !at.IsZero() {
			own = append(own, deploymentStatus{id: d.id*10 + 9, state: "inactive", at: at, creator: d.creator,
				logURL: own[len(own)-1].logURL, environmentURL: own[len(own)-1].environmentURL})
		}
	}
	sort.SliceStable(own, func(i, j int) bool { return own[i].at.Before(own[j].at) })
	for i, j := 0, len(own)-1; i < j; i, j = i+1, j-1 {
		own[i], own[j] = own[j], own[i]
	}
	return own
}

// superseded is the first moment after since, up to now, at which d stopped being what is deployed; zero when it is.
func (st *state) superseded(d *deployment, since, now time.Time) time.Time {
	var first time.Time
	consider := func(at time.Time) {
		if at.After(since) && upTo(at, now) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	for _, other := range st.deployments {
		if other == d || other.repo != d.repo || other.environment != d.environment {
			continue
		}
		for _, s := range other.own(st.base, now) {
			if s.state == "success" {
				consider(s.at)
			}
		}
	}
	for _, r := range d.repo.runs {
		if r.event != "workflow_dispatch" {
			continue
		}
		for _, a := range r.visible(now) {
			for _, j := range a.jobs {
				for _, s := range j.steps {
					if s.retires == d.environment && s.conclusion == "success" {
						consider(s.end)
					}
				}
			}
		}
	}
	return first
}

// environmentNow is what an environment has at a moment: its newest deployment that succeeded, and whether it is active.
func (st *state) environmentNow(name string, now time.Time) (*deployment, bool) {
	for _, r := range st.order {
		for _, d := range st.deploymentsOf(r, now) {
			if d.environment != name {
				continue
			}
			statuses := st.statuses(d, now)
			for _, s := range statuses {
				if s.state == "success" {
					return d, statuses[0].state != "inactive"
				}
			}
		}
	}
	return nil, false
}
