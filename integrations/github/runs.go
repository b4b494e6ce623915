package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"time"

	gh "github.com/google/go-github/v60/github"

	"bellhop/testruns"
)

// TestRuns is GitHub Actions as testruns needs it.
type TestRuns struct{ client *Client }

var _ testruns.Actions = (*TestRuns)(nil)

// NewTestRuns makes a TestRuns.
func NewTestRuns(c *Client) *TestRuns { return &TestRuns{c} }

// runsPerPage keeps one listing small: GitHub tells about 12 KB of each run.
const runsPerPage = 50

// DefaultBranch implements testruns.Actions.
func (t *TestRuns) DefaultBranch(ctx context.Context, slug string) (string, error) {
	client, owner, repo, err := t.of(ctx, slug)
	if err != nil {
		return "", err
	}
	r, _, err := client.Repositories.Get(ctx, owner, repo)
	if err != nil {
		return "", readError("get repository "+slug, err)
	}
	return r.GetDefaultBranch(), nil
}

// CompletedRuns implements testruns.Actions. The tag is GitHub's ETag; the answer is not kept in memory.
func (t *TestRuns) CompletedRuns(ctx context.Context, slug, branch string, page int, tag string) (testruns.RunPage, error) {
	client, owner, repo, err := t.of(ctx, slug)
	if err != nil {
		return testruns.RunPage{}, err
	}
	u := fmt.Sprintf("repos/%s/%s/actions/runs?branch=%s&status=completed&exclude_pull_requests=true&per_page=%d&page=%d",
		owner, repo, url.QueryEscape(branch), runsPerPage, page)
	req, err := client.NewRequest(http.MethodGet, u, nil)
	if err != nil {
		return testruns.RunPage{}, fmt.Errorf("list runs of %s: %w", slug, plainly(err))
	}
	if tag == "" {
		tag = `"none"` // matches nothing; keeps the listing out of the memory of answers
	}
	req.Header.Set("If-None-Match", tag)
	var list struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	resp, err := client.Do(ctx, req, &list)
	if resp != nil && resp.StatusCode == http.StatusNotModified {
		return testruns.RunPage{Unchanged: true, Tag: tag}, nil
	}
	if err != nil {
		return testruns.RunPage{}, readError("list runs of "+slug, err)
	}
	found := testruns.RunPage{Tag: resp.Header.Get("ETag"), More: len(list.Runs) == runsPerPage}
	for _, r := range list.Runs {
		if r.ofBranch(slug) {
			found.Runs = append(found.Runs, r.run(slug))
		}
	}
	return found, nil
}

// Run implements testruns.Actions.
func (t *TestRuns) Run(ctx context.Context, slug string, id int64) (run testruns.Run, completed bool, err error) {
	r, err := t.get(ctx, slug, fmt.Sprintf("run %d", id), fmt.Sprintf("actions/runs/%d", id))
	return r.run(slug), r.Status == "completed", err
}

// RunAttempt implements testruns.Actions.
func (t *TestRuns) RunAttempt(ctx context.Context, slug string, key testruns.RunKey) (testruns.Run, error) {
	r, err := t.get(ctx, slug, fmt.Sprintf("attempt %d of run %d", key.Attempt, key.ID),
		fmt.Sprintf("actions/runs/%d/attempts/%d", key.ID, key.Attempt))
	return r.run(slug), err
}

// get reads one run.
func (t *TestRuns) get(ctx context.Context, slug, what, path string) (workflowRun, error) {
	client, owner, repo, err := t.of(ctx, slug)
	if err != nil {
		return workflowRun{}, err
	}
	op := "get " + what + " of " + slug
	req, err := client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/%s?exclude_pull_requests=true", owner, repo, path), nil)
	if err != nil {
		return workflowRun{}, fmt.Errorf("%s: %w", op, err)
	}
	var r workflowRun
	if _, err := client.Do(ctx, req, &r); err != nil {
		return workflowRun{}, readError(op, err)
	}
	return r, nil
}

// workflowRun is what testruns needs of GitHub's workflow run; go-github v60 leaves out its path, and takes in two
// whole repositories a run.
type workflowRun struct {
	ID         int64     `json:"id"`
	Attempt    int       `json:"run_attempt"`
	Name       string    `json:"name"`
	Path       string    `json:"path"`
	WorkflowID int64     `json:"workflow_id"`
	Branch     string    `json:"head_branch"`
	SHA        string    `json:"head_sha"`
	Title      string    `json:"display_title"`
	Event      string    `json:"event"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	URL        string    `json:"html_url"`
	Created    time.Time `json:"created_at"`
	Started    time.Time `json:"run_started_at"`
	Updated    time.Time `json:"updated_at"`
	Actor      struct {
		Login string `json:"login"`
	} `json:"actor"`
	Commit struct {
		Message string `json:"message"`
		Author  struct {
			Name string `json:"name"`
		} `json:"author"`
	} `json:"head_commit"`
	Head struct {
		FullName string `json:"full_name"`
	} `json:"head_repository"`
}

// ofBranch tells completed runs of the branch itself from those of pull requests whose branch in a fork has its name.
func (r workflowRun) ofBranch(slug string) bool {
	if r.Status != "completed" || strings.HasPrefix(r.Event, "pull_request") {
		return false
	}
	return r.Head.FullName == "" || strings.EqualFold(r.Head.FullName, slug)
}

func (r workflowRun) run(slug string) testruns.Run {
	title, _, _ := strings.Cut(r.Commit.Message, "\n")
	if title == "" {
		title = r.Title
	}
	started := r.Started
	if started.IsZero() {
		started = r.Created
	}
	workflow, _, _ := strings.Cut(r.Path, "@") // a reusable workflow's path carries its ref
	if workflow == "" {
		workflow = fmt.Sprintf("workflow %d", r.WorkflowID)
	}
	return testruns.Run{
		RunKey: testruns.RunKey{ID: r.ID, Attempt: max(1, r.Attempt)},
		Repo:   slug, Workflow: workflow, Name: r.Name, Branch: r.Branch, Commit: r.SHA, Title: title,
		Author: r.Commit.Author.Name, Login: r.Actor.Login, Event: r.Event, Conclusion: r.Conclusion, URL: r.URL,
		Started: started, Completed: r.Updated,
	}
}

// of is the API client for a repository, and its two names.
func (t *TestRuns) of(ctx context.Context, slug string) (client *gh.Client, owner, repo string, err error) {
	owner, repo, err = Split(slug)
	if err != nil {
		return nil, "", "", err
	}
	client, err = t.client.For(ctx, owner)
	return client, owner, repo, err
}
