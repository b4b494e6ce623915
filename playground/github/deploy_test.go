package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	gh "github.com/google/go-github/v60/github"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const workflowFile = "deploy-env.yml"

// inputsFor are the inputs of a deployment of payments.
func inputsFor(ref, action string) map[string]any {
	return map[string]any{"component": "payments", "ref": ref, "sha": strings.Repeat("a", 40), "environment": "payments-preview-" + ref,
		"action": action, "bellhop_id": "bh-" + ref}
}

// deploy dispatches the demo's workflow and gives the run's id.
func (p *playground) deploy(ref, action string) int64 {
	p.t.Helper()
	var details struct {
		ID int64 `json:"workflow_run_id"`
	}
	body := map[string]any{"ref": "main", "inputs": inputsFor(ref, action), "return_run_details": true}
	r, err := p.client.NewRequest("POST", "repos/acme/platform/actions/workflows/"+workflowFile+"/dispatches", body)
	require.NoError(p.t, err)
	answer, err := p.client.Do(context.Background(), r, &details)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, answer.StatusCode)
	require.NotZero(p.t, details.ID)
	return details.ID
}

func (p *playground) runNow(id int64) *gh.WorkflowRun {
	p.t.Helper()
	r, _, err := p.client.Actions.GetWorkflowRunByID(context.Background(), "acme", "platform", id)
	require.NoError(p.t, err)
	return r
}

func (p *playground) jobsNow(id int64) []*gh.WorkflowJob {
	p.t.Helper()
	jobs, _, err := p.client.Actions.ListWorkflowJobs(context.Background(), "acme", "platform", id, nil)
	require.NoError(p.t, err)
	return jobs.Jobs
}

// steps prints a job's steps as "number name status/conclusion".
func steps(j *gh.WorkflowJob) []string {
	out := []string{}
	for _, s := range j.Steps {
		state := s.GetStatus()
		if s.Conclusion != nil {
			state = s.GetConclusion()
		}
		out = append(out, fmt.Sprintf("%d %s %s", s.GetNumber(), s.GetName(), state))
	}
	return out
}

func jobNamed(t testing.TB, jobs []*gh.WorkflowJob, name string) *gh.WorkflowJob {
	t.Helper()
	for _, j := range jobs {
		if j.GetName() == name {
			return j
		}
	}
	require.Failf(t, "no such job", "%s", name)
	return nil
}

func TestDeployGoesThroughItsSteps(t *testing.T) {
	p := start(t, "")
	id := p.deploy("feature-x", "deploy")
	r := p.runNow(id)
	assert.Equal(t, "queued", r.GetStatus())
	assert.Equal(t, "deploy payments-preview-feature-x [bh-feature-x]", r.GetDisplayTitle())
	assert.Equal(t, "bellhop", r.GetActor().GetLogin())

	p.after(3 * tick)
	assert.Equal(t, "in_progress", p.runNow(id).GetStatus())
	jobs := p.jobsNow(id)
	require.Len(t, jobs, 3)
	assert.Equal(t, "skipped", jobNamed(t, jobs, "refuse").GetConclusion())
	assert.Equal(t, []string{"1 Set up job success", "2 check out success", "3 build image in_progress", "4 push image queued",
		"5 migrate database queued", "6 roll out queued", "7 smoke test queued"}, steps(jobNamed(t, jobs, "deploy")))

	p.after(12 * tick)
	r = p.runNow(id)
	assert.Equal(t, "completed", r.GetStatus())
	assert.Equal(t, "success", r.GetConclusion())
	deploy := jobNamed(t, p.jobsNow(id), "deploy")
	assert.Equal(t, "Complete job", deploy.Steps[len(deploy.Steps)-1].GetName())

	ctx := context.Background()
	deployments, _, err := p.client.Repositories.ListDeployments(ctx, "acme", "platform",
		&gh.DeploymentsListOptions{Environment: "payments-preview-feature-x"})
	require.NoError(t, err)
	require.Len(t, deployments, 1)
	statuses, _, err := p.client.Repositories.ListDeploymentStatuses(ctx, "acme", "platform", deployments[0].GetID(), nil)
	require.NoError(t, err)
	require.Len(t, statuses, 2)
	assert.Equal(t, "success", statuses[0].GetState())
	assert.Equal(t, p.url+"/_env/payments-preview-feature-x", statuses[0].GetEnvironmentURL())
	assert.Equal(t, fmt.Sprintf("%s/acme/platform/actions/runs/%d/job/%d", p.url, id, deploy.GetID()), statuses[0].GetLogURL())
	assert.Equal(t, "in_progress", statuses[1].GetState())

	destroy := p.deploy("feature-x", "destroy")
	p.after(15 * tick)
	assert.Equal(t, "success", p.runNow(destroy).GetConclusion())
	statuses, _, err = p.client.Repositories.ListDeploymentStatuses(ctx, "acme", "platform", deployments[0].GetID(), nil)
	require.NoError(t, err)
	assert.Equal(t, "inactive", statuses[0].GetState())
}

func TestDeployFails(t *testing.T) {
	p := start(t, "")
	id := p.deploy("broken-migration", "deploy")
	p.after(20 * tick)
	assert.Equal(t, "failure", p.runNow(id).GetConclusion())
	job := jobNamed(t, p.jobsNow(id), "deploy")
	assert.Equal(t, []string{"1 Set up job success", "2 check out success", "3 build image success", "4 push image success",
		"5 migrate database failure", "6 roll out skipped", "7 smoke test skipped", "13 Post check out success", "14 Complete job success"}, steps(job))
	url, _, err := p.client.Actions.GetWorkflowJobLogs(context.Background(), "acme", "platform", job.GetID(), 1)
	require.NoError(t, err)
	answer, text := p.raw("GET", strings.TrimPrefix(url.String(), p.url), "", "")
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Contains(t, text, `ERROR: column "voucher_id"`)

	// Mended, a second try succeeds, and carries over nothing: the only job that matters had failed.
	assert.Equal(t, true, p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "broken-migration", "conclusion": "success"})["ok"])
	_, err = p.client.Actions.RerunFailedJobsByID(context.Background(), "acme", "platform", id)
	require.NoError(t, err)
	assert.Equal(t, "queued", p.runNow(id).GetStatus())
	p.after(20 * tick)
	again := p.runNow(id)
	assert.Equal(t, "success", again.GetConclusion())
	assert.Equal(t, 2, again.GetRunAttempt())
	first, _, err := p.client.Actions.GetWorkflowRunAttempt(context.Background(), "acme", "platform", id, 1, nil)
	require.NoError(t, err)
	assert.Equal(t, "failure", first.GetConclusion())
}

func TestDeployWaitsForReviewers(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	id := p.deploy("needs-review", "deploy")
	p.after(2 * tick)
	assert.Equal(t, "waiting", p.runNow(id).GetStatus())
	pending, _, err := p.as("ghp_hugo").Actions.PendingDeployments(ctx, "acme", "platform", id,
		&gh.PendingDeploymentsRequest{EnvironmentIDs: []int64{1}, State: "approved"})
	require.Error(t, err, "an unknown environment")
	require.Empty(t, pending)
	assert.Equal(t, true, p.post("approve", map[string]any{"run_id": id})["ok"])
	assert.Equal(t, "queued", p.runNow(id).GetStatus())
	p.after(20 * tick)
	assert.Equal(t, "success", p.runNow(id).GetConclusion())
	assert.Equal(t, false, p.post("approve", map[string]any{"run_id": id})["ok"])
}

func TestReviewersByTheAPI(t *testing.T) {
	p := start(t, "")
	id := p.deploy("needs-review", "deploy")
	p.after(tick)
	path := fmt.Sprintf("/api/v3/repos/acme/platform/actions/runs/%d/pending_deployments", id)
	_, body := p.raw("GET", path, "ghp_demo", "")
	var pending []struct {
		Environment struct {
			ID   int64
			Name string
		}
		CanApprove bool `json:"current_user_can_approve"`
		Reviewers  []struct{ Type string }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &pending))
	require.Len(t, pending, 1)
	assert.Equal(t, "payments-preview-needs-review", pending[0].Environment.Name)
	assert.False(t, pending[0].CanApprove)
	ask := fmt.Sprintf(`{"environment_ids":[%d],"state":"rejected","comment":"not on a Friday"}`, pending[0].Environment.ID)
	answer, body := p.raw("POST", path, "ghp_demo", ask)
	assert.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode, body)
	answer, body = p.raw("POST", path, "ghp_hugo", ask)
	assert.Equal(t, http.StatusOK, answer.StatusCode, body)
	assert.Equal(t, "failure", p.runNow(id).GetConclusion())
}

func TestCancel(t *testing.T) {
	p := start(t, "")
	ctx := context.Background()
	id := p.deploy("feature-x", "deploy")
	p.after(4 * tick)
	_, err := p.client.Actions.CancelWorkflowRunByID(ctx, "acme", "platform", id)
	var accepted *gh.AcceptedError
	require.ErrorAs(t, err, &accepted, "go-github's word for 202")
	assert.Equal(t, "in_progress", p.runNow(id).GetStatus(), "the runner takes a moment to stop")
	p.after(2 * tick)
	assert.Equal(t, "cancelled", p.runNow(id).GetConclusion())
	assert.Contains(t, steps(jobNamed(t, p.jobsNow(id), "deploy")), "3 build image cancelled")
	_, err = p.client.Actions.CancelWorkflowRunByID(ctx, "acme", "platform", id)
	require.ErrorContains(t, err, "409")
}

func TestStuckRunEndsByForceOnly(t *testing.T) {
	p := start(t, "")
	p.post("outcome", map[string]any{"repo": "acme/payments", "ref": "feature-y", "step": "roll out", "conclusion": "stuck", "times": 1})
	id := p.deploy("feature-y", "deploy")
	p.after(29 * tick)
	path := fmt.Sprintf("/repos/acme/platform/actions/runs/%d/", id)
	answer, _ := p.raw("POST", path+"cancel", "ghp_demo", "")
	assert.Equal(t, http.StatusAccepted, answer.StatusCode)
	p.after(tick / 2)
	assert.Equal(t, "in_progress", p.runNow(id).GetStatus())
	answer, _ = p.raw("POST", path+"force-cancel", "ghp_demo", "")
	assert.Equal(t, http.StatusAccepted, answer.StatusCode)
	p.after(2 * tick)
	assert.Equal(t, "cancelled", p.runNow(id).GetConclusion())
}

func TestOneRunAtATimeForAnEnvironment(t *testing.T) {
	p := start(t, "")
	first, second, third := p.deploy("feature-x", "deploy"), p.deploy("feature-x", "deploy"), p.deploy("feature-x", "destroy")
	other := p.deploy("feature-y", "deploy")
	p.after(5 * tick)
	assert.Equal(t, "in_progress", p.runNow(first).GetStatus())
	assert.Equal(t, "cancelled", p.runNow(second).GetConclusion(), "only the newest waits")
	assert.Equal(t, "pending", p.runNow(third).GetStatus())
	assert.Equal(t, "in_progress", p.runNow(other).GetStatus(), "another environment does not wait")
	p.after(11 * tick)
	assert.Equal(t, "success", p.runNow(first).GetConclusion())
	assert.NotEqual(t, "pending", p.runNow(third).GetStatus())
	p.after(15 * tick)
	assert.Equal(t, "success", p.runNow(third).GetConclusion())
}

func TestOthersThanTheBotAreRefusedByTheWorkflow(t *testing.T) {
	p := start(t, "")
	p.client = p.as("ghp_alice")
	id := p.deploy("feature-x", "deploy")
	p.after(4 * tick)
	assert.Equal(t, "failure", p.runNow(id).GetConclusion())
	jobs := p.jobsNow(id)
	assert.Equal(t, "skipped", jobNamed(t, jobs, "deploy").GetConclusion())
	assert.Equal(t, "failure", jobNamed(t, jobs, "refuse").GetConclusion())
}
