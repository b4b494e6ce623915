package github

import (
	"fmt"
	"strconv"
	"strings"
)

type checkRunJSON struct {
	ID          int64          `json:"id"`
	NodeID      string         `json:"node_id"`
	HeadSHA     string         `json:"head_sha"`
	ExternalID  string         `json:"external_id"`
	URL         string         `json:"url"`
	HTMLURL     string         `json:"html_url"`
	DetailsURL  string         `json:"details_url"`
	Status      string         `json:"status"`
	Conclusion  *string        `json:"conclusion"`
	StartedAt   *string        `json:"started_at"`
	CompletedAt *string        `json:"completed_at"`
	Name        string         `json:"name"`
	CheckSuite  map[string]any `json:"check_suite"`
	Output      map[string]any `json:"output"`
	App         map[string]any `json:"app"`
}

// actionsApp is GitHub Actions itself, whose checks these are.
func actionsApp() map[string]any {
	return map[string]any{"id": 15368, "slug": "github-actions", "name": "GitHub Actions"}
}

func (c *call) checkRunOf(j *job) *checkRunJSON {
	of := c.jobOf(j)
	status := of.Status
	if status == "waiting" || status == "pending" {
		status = "queued"
	}
	return &checkRunJSON{ID: j.id, NodeID: fmt.Sprintf("CR_%d", j.id), HeadSHA: of.HeadSHA, ExternalID: strconv.FormatInt(j.id, 10), URL: of.CheckRunURL,
		HTMLURL: of.HTMLURL, DetailsURL: of.HTMLURL, Status: status, Conclusion: of.Conclusion, StartedAt: of.StartedAt,
		CompletedAt: of.CompletedAt, Name: of.Name, CheckSuite: map[string]any{"id": suiteID(j.attempt.run)},
		Output: map[string]any{"title": nil, "summary": nil, "text": nil, "annotations_count": len(annotations(j)),
			"annotations_url": of.CheckRunURL + "/annotations"}, App: actionsApp()}
}

// runsOf are the runs for a commit, oldest first.
func (c *call) runsOf(m *commit) []*run {
	var out []*run
	for _, r := range c.repo.runs {
		if r.sha == m.sha && r.event != "workflow_dispatch" {
			out = append(out, r)
		}
	}
	return out
}

func listCheckRuns(c *call) (any, error) {
	m, err := c.commitAt(c.r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	name, status := c.r.URL.Query().Get("check_name"), c.r.URL.Query().Get("status")
	out := []*checkRunJSON{}
	for _, r := range c.runsOf(m) {
		for _, j := range r.latest(c.now).jobs {
			if seen, _ := j.state(c.now); seen == "" {
				continue
			}
			if check := c.checkRunOf(j); (name == "" || check.Name == name) && (status == "" || check.Status == status) {
				out = append(out, check)
			}
		}
	}
	return map[string]any{"total_count": len(out), "check_runs": page(c, out)}, nil
}

func listCheckSuites(c *call) (any, error) {
	m, err := c.commitAt(c.r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	out := []map[string]any{}
	for _, r := range c.runsOf(m) {
		a := r.latest(c.now)
		status, conclusion := a.state(c.now)
		if status != "completed" && status != "in_progress" {
			status = "queued"
		}
		out = append(out, map[string]any{"id": suiteID(r), "node_id": fmt.Sprintf("CS_%d", suiteID(r)), "head_branch": r.branch, "head_sha": r.sha,
			"status": status, "conclusion": optional(conclusion), "created_at": stamp(r.created), "updated_at": stamp(a.updated(c.now)),
			"app": actionsApp(), "latest_check_runs_count": len(a.jobs)})
	}
	return map[string]any{"total_count": len(out), "check_suites": page(c, out)}, nil
}

func getCheckRun(c *call) (any, error) {
	j, err := c.theJob(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return c.checkRunOf(j), nil
}

type annotationJSON struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	EndLine   int    `json:"end_line"`
	Level     string `json:"annotation_level"`
	Message   string `json:"message"`
	Title     string `json:"title"`
	BlobHref  string `json:"blob_href"`
}

// annotations are the errors in a job's log. GitHub: at most 10 for each step.
func annotations(j *job) []annotationJSON {
	out := []annotationJSON{}
	for _, s := range j.steps {
		n := 0
		for _, line := range s.log {
			if text, ok := strings.CutPrefix(line, "##[error]"); ok && n < 10 {
				out = append(out, annotationJSON{Path: ".github", StartLine: 1, EndLine: 1, Level: "failure", Message: text})
				n++
			}
		}
	}
	return out
}

func listAnnotations(c *call) (any, error) {
	j, err := c.theJob(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if status, _ := j.state(c.now); status != "completed" {
		return []annotationJSON{}, nil
	}
	return page(c, annotations(j)), nil
}

// combinedStatus is of commit statuses, of which there are none here: checks are the newer way. GitHub then says pending.
func combinedStatus(c *call) (any, error) {
	m, err := c.commitAt(c.r.PathValue("ref"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"state": "pending", "statuses": []string{}, "sha": m.sha, "total_count": 0, "repository": c.repoOf(c.repo),
		"url": c.st.repoURL(c.repo) + "/commits/" + m.sha + "/status"}, nil
}

func listStatuses(c *call) (any, error) {
	if _, err := c.commitAt(c.r.PathValue("ref")); err != nil {
		return nil, err
	}
	return []string{}, nil
}
