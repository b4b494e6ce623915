package github

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

type jobJSON struct {
	ID           int64      `json:"id"`
	RunID        int64      `json:"run_id"`
	WorkflowName string     `json:"workflow_name"`
	HeadBranch   *string    `json:"head_branch"`
	RunURL       string     `json:"run_url"`
	RunAttempt   int        `json:"run_attempt"`
	NodeID       string     `json:"node_id"`
	HeadSHA      string     `json:"head_sha"`
	URL          string     `json:"url"`
	HTMLURL      string     `json:"html_url"`
	Status       string     `json:"status"`
	Conclusion   *string    `json:"conclusion"`
	CreatedAt    *string    `json:"created_at"`
	StartedAt    *string    `json:"started_at"`
	CompletedAt  *string    `json:"completed_at"`
	Name         string     `json:"name"`
	Steps        []stepJSON `json:"steps"`
	CheckRunURL  string     `json:"check_run_url"`
	Labels       []string   `json:"labels"`
	RunnerID     *int       `json:"runner_id"`
	RunnerName   *string    `json:"runner_name"`
	GroupID      *int       `json:"runner_group_id"`
	GroupName    *string    `json:"runner_group_name"`
}

type stepJSON struct {
	Name        string  `json:"name"`
	Status      string  `json:"status"`
	Conclusion  *string `json:"conclusion"`
	Number      int     `json:"number"`
	StartedAt   *string `json:"started_at"`
	CompletedAt *string `json:"completed_at"`
}

func reached(t, now time.Time) *string {
	if !upTo(t, now) {
		return nil
	}
	return stamp(t)
}

func (c *call) jobOf(j *job) *jobJSON {
	r := j.attempt.run
	status, conclusion := j.state(c.now)
	out := &jobJSON{ID: j.id, RunID: r.id, WorkflowName: r.workflowName, HeadBranch: optional(r.branch), RunURL: c.st.runURL(r),
		RunAttempt: j.attempt.number, NodeID: fmt.Sprintf("CR_%d", j.id), HeadSHA: r.sha,
		URL: fmt.Sprintf("%s/actions/jobs/%d", c.st.repoURL(r.repo), j.id), HTMLURL: fmt.Sprintf("%s/job/%d", c.st.runPage(r), j.id),
		Status: status, Conclusion: optional(conclusion), CreatedAt: stamp(j.ready), StartedAt: reached(j.start, c.now),
		CompletedAt: reached(j.end, c.now), Name: j.spec.Name, Steps: []stepJSON{},
		CheckRunURL: fmt.Sprintf("%s/check-runs/%d", c.st.repoURL(r.repo), j.id), Labels: []string{"ubuntu-latest"}}
	if out.StartedAt == nil {
		out.StartedAt = out.CreatedAt // GitHub gives the time of queueing until a runner has it
	}
	if upTo(j.start, c.now) && conclusion != "skipped" {
		id, name, group, groupName := 1, "GitHub Actions 1", 0, "GitHub Actions"
		out.RunnerID, out.RunnerName, out.GroupID, out.GroupName = &id, &name, &group, &groupName
		out.Steps = j.stepsAt(c.now)
	}
	return out
}

// stepsAt lists the steps as they are at a moment: those to come are queued, what the runner does at the end is not
// known before it begins.
func (j *job) stepsAt(now time.Time) []stepJSON {
	out := []stepJSON{}
	for _, s := range j.steps {
		status, conclusion := s.state(now)
		if s.post && status == "queued" {
			continue
		}
		out = append(out, stepJSON{Name: s.name, Status: status, Conclusion: optional(conclusion), Number: s.number,
			StartedAt: reached(s.start, now), CompletedAt: reached(s.end, now)})
	}
	return out
}

func listJobs(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	a, err := c.theAttempt(r)
	if err != nil {
		return nil, err
	}
	attempts := []*attempt{a}
	if c.r.URL.Query().Get("filter") == "all" && c.r.PathValue("attempt") == "" {
		attempts = r.visible(c.now)
	}
	out := []*jobJSON{}
	for i := len(attempts) - 1; i >= 0; i-- {
		for _, j := range attempts[i].jobs {
			if status, _ := j.state(c.now); status != "" {
				out = append(out, c.jobOf(j))
			}
		}
	}
	return map[string]any{"total_count": len(out), "jobs": page(c, out)}, nil
}

func (c *call) theJob(text string) (*job, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	j := c.st.jobs[id]
	if err != nil || j == nil || j.attempt.run.repo != c.repo {
		return nil, errNotFound
	}
	if status, _ := j.state(c.now); status == "" || j.attempt.created.After(c.now) {
		return nil, errNotFound
	}
	return j, nil
}

func getJob(c *call) (any, error) {
	j, err := c.theJob(c.r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	return c.jobOf(j), nil
}

// logText is a job's log up to a moment, each line with its time as GitHub writes it.
func (j *job) logText(now time.Time) string {
	var b strings.Builder
	for _, s := range j.steps {
		if !upTo(s.start, now) || s.conclusion == "skipped" {
			continue
		}
		for i, line := range s.log {
			at := s.start.Add(time.Duration(i) * time.Millisecond)
			fmt.Fprintf(&b, "%s %s\n", at.Format("2006-01-02T15:04:05.0000000Z"), line)
		}
	}
	return b.String()
}
