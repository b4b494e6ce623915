package github

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type runRow struct {
	State, Title, Href, Workflow, Branch, Actor, When string
	Number                                            int
}

type jobRow struct {
	ID          int64
	Name, State string
	Steps       []stepRow
}

type stepRow struct{ Key, Name, State, Took, Log string }

// shown is a status, or the conclusion once there is one.
func shown(status, conclusion string) string {
	if conclusion != "" {
		return conclusion
	}
	return status
}

func (p *pager) runRows(runs []*run) []runRow {
	out := []runRow{}
	for _, r := range runs[:min(len(runs), listed)] {
		a := r.latest(p.now)
		out = append(out, runRow{shown(a.state(p.now)), r.title, fmt.Sprintf("/%s/actions/runs/%d", r.repo.slug(), r.id), r.workflowName, r.branch,
			r.actor, p.when(r.created), r.number})
	}
	return out
}

// actions shows runs/ID, runs/ID/job/…, runs/ID/attempts/N, or all runs.
func (p *pager) actions(rest string) view {
	parts := strings.Split(rest, "/")
	if len(parts) < 2 || parts[0] != "runs" {
		var runs []*run
		for i := len(p.repo.runs) - 1; i >= 0 && len(runs) < listed; i-- {
			runs = append(runs, p.repo.runs[i])
		}
		return view{Title: "Runs", template: "runlist", status: http.StatusOK, Crumbs: p.crumbs(), Body: p.runRows(runs)}
	}
	id, err := strconv.ParseInt(parts[1], 10, 64)
	r := p.st.runs[id]
	if err != nil || r == nil || r.repo != p.repo {
		return p.missing("There is no such run.")
	}
	a := r.latest(p.now)
	for _, earlier := range r.visible(p.now) {
		if len(parts) == 4 && parts[2] == "attempts" && parts[3] == strconv.Itoa(earlier.number) {
			a = earlier
		}
	}
	return p.run(r, a)
}

func (p *pager) run(r *run, a *attempt) view {
	status, conclusion := a.state(p.now)
	var jobs []jobRow
	waiting := ""
	for _, j := range a.jobs {
		s, c := j.state(p.now)
		if s == "" {
			continue
		}
		if s == "waiting" {
			waiting = j.deployment.environment
		}
		jobs = append(jobs, jobRow{j.id, j.spec.Name, shown(s, c), p.steps(j)})
	}
	var inputs []crumb
	for _, name := range sortedKeys(r.inputs) {
		inputs = append(inputs, crumb{name, r.inputs[name]})
	}
	var artifacts []string
	for _, art := range r.artifacts(p.now) {
		artifacts = append(artifacts, art.name)
	}
	title := r.title
	if title == "" {
		title = r.workflowName
	}
	return view{Title: title, template: "run", status: http.StatusOK, Moving: status != "completed", Crumbs: p.crumbs(), Body: map[string]any{
		"ID": r.id, "State": shown(status, conclusion), "Workflow": r.workflowName, "Number": r.number, "Attempt": a.number, "Event": r.event,
		"Branch": r.branch, "Short": r.sha[:7], "CommitHref": "/" + r.repo.slug() + "/commit/" + r.sha, "Actor": a.actor, "When": p.when(a.created),
		"Waiting": waiting, "Inputs": inputs, "Jobs": jobs, "Artifacts": artifacts}}
}

func (p *pager) steps(j *job) []stepRow {
	var out []stepRow
	if !upTo(j.start, p.now) {
		return nil
	}
	for _, s := range j.steps {
		status, conclusion := s.state(p.now)
		if s.post && status == "queued" {
			continue
		}
		row := stepRow{Key: fmt.Sprintf("%d-%d", j.id, s.number), Name: s.name, State: shown(status, conclusion)}
		if status == "completed" && conclusion != "skipped" {
			row.Took = s.end.Sub(s.start).Round(time.Second).String()
			row.Log = strings.Join(s.log, "\n")
		}
		out = append(out, row)
	}
	return out
}

// environment is the page at an environment's own address.
func (p *pager) environment(name string) view {
	d, active := p.st.environmentNow(name, p.now)
	v := view{Title: name, template: "env", status: http.StatusOK, Crumbs: p.crumbs()}
	if d == nil {
		v.status, v.Body = http.StatusNotFound, map[string]any{"Active": false, "Run": ""}
		return v
	}
	body := map[string]any{"Active": active, "Run": "", "Component": d.environment, "Ref": d.ref, "SHA": d.sha, "CommitHref": "/" + d.repo.slug() +
		"/commit/" + d.sha, "When": p.when(d.began()), "RunHref": ""}
	if d.job != nil {
		r := d.job.attempt.run
		body["Run"], body["RunHref"] = fmt.Sprintf("%s #%d", r.workflowName, r.number), fmt.Sprintf("/%s/actions/runs/%d", r.repo.slug(), r.id)
		if c := r.inputs["component"]; c != "" {
			body["Component"], body["Ref"], body["SHA"] = c, r.inputs["ref"], r.inputs["sha"]
			body["CommitHref"] = "/" + r.repo.owner + "/" + c + "/commit/" + r.inputs["sha"]
		}
	}
	v.Body = body
	if !active {
		v.status = http.StatusGone
	}
	return v
}
