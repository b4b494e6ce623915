package github

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type runJSON struct {
	ID                 int64         `json:"id"`
	Name               string        `json:"name"`
	NodeID             string        `json:"node_id"`
	HeadBranch         *string       `json:"head_branch"`
	HeadSHA            string        `json:"head_sha"`
	Path               string        `json:"path"`
	DisplayTitle       string        `json:"display_title"`
	RunNumber          int           `json:"run_number"`
	RunAttempt         int           `json:"run_attempt"`
	Event              string        `json:"event"`
	Status             string        `json:"status"`
	Conclusion         *string       `json:"conclusion"`
	WorkflowID         int64         `json:"workflow_id"`
	CheckSuiteID       int64         `json:"check_suite_id"`
	CheckSuiteNodeID   string        `json:"check_suite_node_id"`
	URL                string        `json:"url"`
	HTMLURL            string        `json:"html_url"`
	PullRequests       []pullRefJSON `json:"pull_requests"`
	CreatedAt          *string       `json:"created_at"`
	UpdatedAt          *string       `json:"updated_at"`
	RunStartedAt       *string       `json:"run_started_at"`
	Actor              *userJSON     `json:"actor"`
	TriggeringActor    *userJSON     `json:"triggering_actor"`
	JobsURL            string        `json:"jobs_url"`
	LogsURL            string        `json:"logs_url"`
	ArtifactsURL       string        `json:"artifacts_url"`
	CancelURL          string        `json:"cancel_url"`
	RerunURL           string        `json:"rerun_url"`
	CheckSuiteURL      string        `json:"check_suite_url"`
	WorkflowURL        string        `json:"workflow_url"`
	PreviousAttemptURL *string       `json:"previous_attempt_url"`
	HeadCommit         *headCommit   `json:"head_commit"`
	Repository         *repoJSON     `json:"repository"`
	HeadRepository     *repoJSON     `json:"head_repository"`
}

type headCommit struct {
	ID        string            `json:"id"`
	TreeID    string            `json:"tree_id"`
	Message   string            `json:"message"`
	Timestamp *string           `json:"timestamp"`
	Author    map[string]string `json:"author"`
	Committer map[string]string `json:"committer"`
}

type pullRefJSON struct {
	ID     int64       `json:"id"`
	Number int         `json:"number"`
	URL    string      `json:"url"`
	Head   pullEndJSON `json:"head"`
	Base   pullEndJSON `json:"base"`
}

type pullEndJSON struct {
	Ref  string         `json:"ref"`
	SHA  string         `json:"sha"`
	Repo map[string]any `json:"repo"`
}

func (st *state) runURL(r *run) string {
	return fmt.Sprintf("%s/actions/runs/%d", st.repoURL(r.repo), r.id)
}
func (st *state) runPage(r *run) string {
	return fmt.Sprintf("%s/actions/runs/%d", st.pageURL(r.repo), r.id)
}

// suiteID is the check suite of a run, which has the run's id shifted: nothing else of the simulator has such ids.
func suiteID(r *run) int64 { return r.id + 1 }

func (c *call) runOf(r *run, a *attempt) *runJSON {
	status, conclusion := a.state(c.now)
	u := c.st.runURL(r)
	out := &runJSON{ID: r.id, Name: r.workflowName, NodeID: fmt.Sprintf("WFR_%d", r.id), HeadBranch: optional(r.branch), HeadSHA: r.sha,
		Path: r.path, DisplayTitle: r.title, RunNumber: r.number, RunAttempt: a.number, Event: r.event, Status: status,
		Conclusion: optional(conclusion), WorkflowID: r.workflowID, CheckSuiteID: suiteID(r), CheckSuiteNodeID: fmt.Sprintf("CS_%d", suiteID(r)),
		URL: u, HTMLURL: c.st.runPage(r), PullRequests: []pullRefJSON{}, CreatedAt: stamp(r.created), UpdatedAt: stamp(a.updated(c.now)),
		RunStartedAt: stamp(a.created), Actor: c.st.userOf(r.actor), TriggeringActor: c.st.userOf(a.actor), JobsURL: u + "/jobs",
		LogsURL: u + "/logs", ArtifactsURL: u + "/artifacts", CancelURL: u + "/cancel", RerunURL: u + "/rerun",
		CheckSuiteURL: fmt.Sprintf("%s/check-suites/%d", c.st.repoURL(r.repo), suiteID(r)),
		WorkflowURL:   fmt.Sprintf("%s/actions/workflows/%d", c.st.repoURL(r.repo), r.workflowID)}
	if a.number > 1 {
		previous := fmt.Sprintf("%s/attempts/%d", u, a.number-1)
		out.PreviousAttemptURL = &previous
	}
	if m := r.repo.commits[r.sha]; m != nil {
		who := map[string]string{"name": m.author.Name, "email": m.author.Email}
		out.HeadCommit = &headCommit{ID: m.sha, TreeID: m.tree, Message: m.message, Timestamp: stamp(m.author.When), Author: who, Committer: who}
	}
	for _, p := range r.repo.pulls {
		if p.state == "open" && p.head == r.branch && !p.created.After(c.now) {
			end := func(ref, sha string) pullEndJSON {
				return pullEndJSON{ref, sha, map[string]any{"id": r.repo.id, "name": r.repo.name, "url": c.st.repoURL(r.repo)}}
			}
			out.PullRequests = append(out.PullRequests, pullRefJSON{ID: p.id, Number: p.number,
				URL: fmt.Sprintf("%s/pulls/%d", c.st.repoURL(r.repo), p.number), Head: end(p.head, p.headSHA), Base: end(p.base, p.baseSHA)})
		}
	}
	repo := c.repoOf(r.repo)
	repo.Permissions = nil
	out.Repository, out.HeadRepository = repo, repo
	return out
}

// runFilter is the query of a list of runs.
type runFilter struct {
	path, branch, status, event, actor, sha string
	from, until                             time.Time
}

// listLag is how long a dispatched run is missing in lists: GitHub's are behind by a moment. Its own address works at once.
const listLag = time.Second

func (f *runFilter) keeps(c *call, r *run) bool {
	if r.event == "workflow_dispatch" && c.now.Sub(r.created) < listLag {
		return false
	}
	if f.path != "" && r.path != f.path || f.branch != "" && r.branch != f.branch || f.event != "" && r.event != f.event ||
		f.sha != "" && r.sha != f.sha || f.actor != "" && !strings.EqualFold(r.actor, f.actor) {
		return false
	}
	if !f.from.IsZero() && r.created.Before(f.from) || !f.until.IsZero() && r.created.After(f.until) {
		return false
	}
	if f.status == "" {
		return true
	}
	status, conclusion := r.latest(c.now).state(c.now)
	return f.status == status || f.status == conclusion
}

func listRuns(c *call) (any, error) {
	q := c.r.URL.Query()
	f := runFilter{branch: q.Get("branch"), status: q.Get("status"), event: q.Get("event"), actor: q.Get("actor"), sha: q.Get("head_sha")}
	var err error
	if c.r.PathValue("workflow") != "" {
		if f.path, err = c.workflowPath(); err != nil {
			return nil, err
		}
	}
	if f.from, f.until, err = createdRange(q.Get("created")); err != nil {
		return nil, err
	}
	var kept []*run
	for i := len(c.repo.runs) - 1; i >= 0; i-- {
		if r := c.repo.runs[i]; f.keeps(c, r) {
			kept = append(kept, r)
		}
	}
	total := len(kept)
	// GitHub: a list with a filter ends after 1,000 runs.
	if total > 1000 && f != (runFilter{path: f.path}) {
		kept = kept[:1000]
	}
	out := []*runJSON{}
	for _, r := range page(c, kept) {
		out = append(out, c.runOf(r, r.latest(c.now)))
	}
	return map[string]any{"total_count": total, "workflow_runs": out}, nil
}

// createdRange reads GitHub's date search: 2026-11-01, >=…, >…, <=…, <…, A..B; with * for an open end.
func createdRange(text string) (from, until time.Time, err error) {
	bad := refused(http.StatusUnprocessableEntity, "Invalid request.\n\nFor 'created', \"%s\" is not a date or a range of dates.", text)
	parse := func(s string, end bool) (time.Time, bool) {
		if s == "" || s == "*" {
			return time.Time{}, true
		}
		// A + in a query that was not escaped arrives as a blank.
		if t, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1)); err == nil {
			return t, true
		}
		t, err := time.Parse(time.DateOnly, s)
		if end {
			t = t.Add(24*time.Hour - time.Second)
		}
		return t, err == nil
	}
	if text == "" {
		return from, until, nil
	}
	var ok, both bool
	switch a, b, isRange := strings.Cut(text, ".."); {
	case isRange:
		from, ok = parse(a, false)
		until, both = parse(b, true)
		ok = ok && both
	case strings.HasPrefix(text, ">="):
		from, ok = parse(text[2:], false)
	case strings.HasPrefix(text, "<="):
		until, ok = parse(text[2:], true)
	case strings.HasPrefix(text, ">"):
		from, ok = parse(text[1:], true)
		from = from.Add(time.Second)
	case strings.HasPrefix(text, "<"):
		until, ok = parse(text[1:], false)
		until = until.Add(-time.Second)
	default:
		from, ok = parse(text, false)
		until, _ = parse(text, true)
	}
	if !ok {
		return from, until, bad
	}
	return from, until, nil
}

// theRun finds the run of the path in the path's repository.
func (c *call) theRun() (*run, error) {
	id, err := strconv.ParseInt(c.r.PathValue("run"), 10, 64)
	if r := c.st.runs[id]; err == nil && r != nil && r.repo == c.repo {
		return r, nil
	}
	return nil, errNotFound
}

// theAttempt is the attempt that the path names, or the latest.
func (c *call) theAttempt(r *run) (*attempt, error) {
	text := c.r.PathValue("attempt")
	if text == "" {
		return r.latest(c.now), nil
	}
	for _, a := range r.visible(c.now) {
		if strconv.Itoa(a.number) == text {
			return a, nil
		}
	}
	return nil, errNotFound
}

func getRun(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	a, err := c.theAttempt(r)
	if err != nil {
		return nil, err
	}
	return c.runOf(r, a), nil
}

func cancelRun(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	if r.latest(c.now).over(c.now) {
		return nil, refused(http.StatusConflict, "Cannot cancel a workflow run that is completed.")
	}
	if err := c.s.do(&opCancel{Run: r.id, Force: strings.HasSuffix(c.r.URL.Path, "/force-cancel")}); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug(), Run: r.id})
	return with{http.StatusAccepted, map[string]any{}}, nil
}

// GitHub's limits on starting a run again.
const (
	rerunAge   = 30 * 24 * time.Hour
	rerunTimes = 50
)

func rerunRun(c *call) (any, error) {
	r, err := c.theRun()
	if err != nil {
		return nil, err
	}
	last := r.latest(c.now)
	failedOnly := strings.HasSuffix(c.r.URL.Path, "/rerun-failed-jobs")
	switch {
	case !last.over(c.now):
		return nil, refused(http.StatusForbidden, "This workflow run is already running")
	case c.now.Sub(r.created) > rerunAge:
		return nil, refused(http.StatusForbidden, "Unable to retry this workflow run because it was created over a month ago")
	case last.number > rerunTimes:
		return nil, refused(http.StatusForbidden, "Unable to retry this workflow run because it has been retried too many times")
	case r.spec == nil:
		return nil, refused(http.StatusForbidden, "This workflow run cannot be retried")
	case failedOnly && last.conclusion() == "success":
		return nil, refused(http.StatusForbidden, "The workflow run containing this job does not have any failed jobs")
	}
	if err := c.s.do(&opRerun{Run: r.id, All: !failedOnly, Actor: c.who.login}); err != nil {
		return nil, err
	}
	c.s.notify(Event{Repo: c.repo.slug(), Run: r.id})
	return with{http.StatusCreated, map[string]any{}}, nil
}
