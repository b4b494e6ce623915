package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	gh "github.com/google/go-github/v60/github"

	"bellhop/chat"
	"bellhop/environments"
)

// DeployRuns starts and follows workflow runs for environments. It satisfies environments.Runs.
type DeployRuns struct {
	c *Client
	// older is set once the server said that it does not know return_run_details.
	older atomic.Bool
}

var _ environments.Runs = (*DeployRuns)(nil)

// NewDeployRuns makes a DeployRuns.
func NewDeployRuns(c *Client) *DeployRuns { return &DeployRuns{c: c} }

// dispatchRequest is the body of a dispatch. go-github v60 has no field for return_run_details, nor for what it returns.
type dispatchRequest struct {
	Ref       string            `json:"ref"`
	Inputs    map[string]string `json:"inputs"`
	RunDetail bool              `json:"return_run_details,omitempty"`
}

// dispatched is the answer: empty with a 204, else which run it is.
type dispatched struct {
	ID  int64  `json:"workflow_run_id"`
	URL string `json:"html_url"`
}

// Dispatch implements environments.Runs.
func (d *DeployRuns) Dispatch(ctx context.Context, w environments.Workflow, in environments.Inputs) (environments.Run, error) {
	client, owner, repo, err := d.c.repository(ctx, w.Repository)
	if err != nil {
		return environments.Run{}, notSent(d.c, err)
	}
	body := dispatchRequest{Ref: w.Ref, Inputs: inputs(in), RunDetail: !d.older.Load()}
	for {
		var answer dispatched
		req, err := client.NewRequest(http.MethodPost, fmt.Sprintf("repos/%s/%s/actions/workflows/%s/dispatches", owner, repo, w.File), body)
		if err != nil {
			return environments.Run{}, &environments.Refused{Message: fmt.Sprintf("%s cannot be asked for: %v", w, err)}
		}
		_, err = client.Do(ctx, req, &answer)
		if body.RunDetail && statusOf(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "return_run_details") {
			d.older.Store(true)
			body.RunDetail = false
			continue
		}
		if err != nil {
			return environments.Run{}, refusal(err, "start "+w.String())
		}
		run := environments.Run{ID: answer.ID, URL: answer.URL}
		if run.ID != 0 {
			run.Status = environments.StatusQueued
		}
		return run, nil
	}
}

// inputs is what the workflow is told; what is empty is left out, as on GitHub's own form.
func inputs(in environments.Inputs) map[string]string {
	all := map[string]string{"component": in.Component, "ref": in.Ref, "sha": in.SHA, "environment": in.Environment,
		"action": string(in.Action), "bellhop_id": in.ID}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

// FindRun implements environments.Runs: the id stands in the run's title, which the workflow's run-name makes.
func (d *DeployRuns) FindRun(ctx context.Context, w environments.Workflow, id string, since time.Time) (environments.Run, bool, error) {
	client, owner, repo, err := d.c.repository(ctx, w.Repository)
	if err != nil {
		return environments.Run{}, false, err
	}
	opts := &gh.ListWorkflowRunsOptions{Event: "workflow_dispatch", Created: ">=" + since.UTC().Format(time.RFC3339), ListOptions: gh.ListOptions{PerPage: 100}}
	const pages = 5
	for range pages {
		list, resp, err := client.Actions.ListWorkflowRunsByFileName(ctx, owner, repo, w.File, opts)
		if err != nil {
			return environments.Run{}, false, refusal(err, "list runs of "+w.String())
		}
		for _, r := range list.WorkflowRuns {
			if strings.Contains(r.GetDisplayTitle(), id) || strings.Contains(r.GetName(), id) {
				return runOf(r), true, nil
			}
		}
		if opts.Page = resp.NextPage; opts.Page == 0 {
			break
		}
	}
	return environments.Run{}, false, nil
}

func runOf(r *gh.WorkflowRun) environments.Run {
	return environments.Run{ID: r.GetID(), URL: r.GetHTMLURL(), Status: environments.Status(r.GetStatus()), Conclusion: environments.Conclusion(r.GetConclusion())}
}

// Run implements environments.Runs.
func (d *DeployRuns) Run(ctx context.Context, repository string, id int64) (environments.Run, error) {
	client, owner, repo, err := d.c.repository(ctx, repository)
	if err != nil {
		return environments.Run{}, err
	}
	r, _, err := client.Actions.GetWorkflowRunByID(ctx, owner, repo, id)
	if isNotFound(err) {
		return environments.Run{}, environments.ErrNotFound
	}
	if err != nil {
		return environments.Run{}, refusal(err, fmt.Sprintf("show run %d of %s", id, repository))
	}
	run := runOf(r)
	if run.Status != environments.StatusInProgress && run.Status != environments.StatusCompleted {
		return run, nil
	}
	jobs, _, err := client.Actions.ListWorkflowJobs(ctx, owner, repo, id, &gh.ListWorkflowJobsOptions{Filter: "latest", ListOptions: gh.ListOptions{PerPage: 100}})
	if err != nil && !isNotFound(err) {
		return environments.Run{}, refusal(err, fmt.Sprintf("show the jobs of run %d of %s", id, repository))
	}
	if jobs != nil {
		progress(&run, jobs.Jobs)
	}
	return run, nil
}

// progress counts the steps of the jobs that were not skipped, and names the one that runs or failed.
func progress(run *environments.Run, jobs []*gh.WorkflowJob) {
	for _, job := range jobs {
		if job.GetConclusion() == "skipped" {
			continue
		}
		for _, step := range job.Steps {
			run.Steps++
			switch {
			case step.GetStatus() == "completed":
				run.Step++
			case run.StepName == "":
				run.StepName = step.GetName()
			}
			if run.FailedStep == "" && failed(step.GetConclusion()) {
				run.FailedStep, run.FailedURL = step.GetName(), job.GetHTMLURL()
			}
		}
	}
	for _, job := range jobs { // a job can fail without a failed step: its runner was lost, or it ran out of time
		if run.FailedStep == "" && failed(job.GetConclusion()) {
			run.FailedStep, run.FailedURL = job.GetName(), job.GetHTMLURL()
		}
	}
	if run.StepName != "" {
		run.Step++ // the one that runs
	}
}

func failed(conclusion string) bool {
	return conclusion == string(environments.ConclusionFailure) || conclusion == string(environments.ConclusionTimedOut) ||
		conclusion == string(environments.ConclusionStartupFailure)
}

// Cancel implements environments.Runs.
func (d *DeployRuns) Cancel(ctx context.Context, repository string, id int64) error {
	client, owner, repo, err := d.c.repository(ctx, repository)
	if err != nil {
		return err
	}
	_, err = client.Actions.CancelWorkflowRunByID(ctx, owner, repo, id)
	var accepted *gh.AcceptedError // that is how go-github v60 hands back the 202 of success
	if errors.As(err, &accepted) || statusOf(err) == http.StatusConflict {
		return nil // on a conflict the run has ended
	}
	if err != nil {
		return refusal(err, fmt.Sprintf("cancel run %d of %s", id, repository))
	}
	return nil
}

// repository is the API client for "owner/repo", and the two halves.
func (c *Client) repository(ctx context.Context, slug string) (client *gh.Client, owner, repo string, err error) {
	owner, repo, err = Split(slug)
	if err != nil {
		return nil, "", "", err
	}
	client, err = c.For(ctx, owner)
	return client, owner, repo, err
}

// refusal turns a definite no of GitHub into words; what leaves open whether it was done stays as it is.
func refusal(err error, doing string) error {
	status := statusOf(err)
	if status < 400 || status >= 500 || status == http.StatusRequestTimeout {
		return unavailable(err, doing)
	}
	var said *gh.ErrorResponse
	words := http.StatusText(status)
	if errors.As(err, &said) && said.Message != "" {
		words = said.Message
	}
	switch status {
	case http.StatusUnauthorized:
		words = "it does not accept Bellhop's credentials (" + words + ")"
	case http.StatusForbidden:
		words = "Bellhop lacks the permission \"actions: write\" there (" + words + ")"
	case http.StatusNotFound:
		words = "it is not there (a workflow has to be on its repository's default branch), or Bellhop may not see it"
	}
	return &environments.Refused{Message: fmt.Sprintf("GitHub refused to %s: %s", doing, words)}
}

// unavailable marks an error in which GitHub did not answer, or stumbled over itself.
func unavailable(err error, doing string) error {
	if status := statusOf(err); status >= 500 || status == 0 && !isLimit(err) && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w: %w", doing, environments.ErrUnavailable, plainly(err))
	}
	return fmt.Errorf("%s: %w", doing, plainly(err))
}

// notSent says of an error that came before anything was sent that it makes sense to try again, unless a person has to
// do something about it first.
func notSent(c *Client, err error) error {
	var told *chat.UserError
	if errors.As(err, &told) {
		return &environments.Refused{Message: told.Message}
	}
	var limit *RateLimited
	if errors.As(err, &limit) {
		return err
	}
	return &unsent{err: err, until: c.clock.Now().Add(unsentPause)}
}

// unsentPause is the wait after GitHub could not even be asked who we are.
const unsentPause = 10 * time.Second

// unsent is an error that came before anything was sent.
type unsent struct {
	err   error
	until time.Time
}

// Error implements error.
func (u *unsent) Error() string { return u.err.Error() }

// Unwrap gives the cause.
func (u *unsent) Unwrap() error { return u.err }

// RetryAt is when it makes sense to try again.
func (u *unsent) RetryAt() time.Time { return u.until }
