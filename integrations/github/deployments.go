package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// DeploymentURL implements environments.Runs: the address in a status of a GitHub deployment to that environment whose
// log belongs to the run. Other deployments to the environment, by other runs or other means, are left alone.
func (d *DeployRuns) DeploymentURL(ctx context.Context, repository, environment string, id int64) (string, error) {
	client, owner, repo, err := d.c.repository(ctx, repository)
	if err != nil {
		return "", err
	}
	// The run has just made its own: it is among the newest, which GitHub lists first.
	deployments, _, err := client.Repositories.ListDeployments(ctx, owner, repo, &gh.DeploymentsListOptions{Environment: environment, ListOptions: gh.ListOptions{PerPage: 10}})
	if err != nil {
		return "", lookUp(err, "list deployments to %s in %s", environment, repository)
	}
	for _, deployment := range deployments {
		statuses, _, err := client.Repositories.ListDeploymentStatuses(ctx, owner, repo, deployment.GetID(), &gh.ListOptions{PerPage: 30})
		if err != nil {
			return "", lookUp(err, "list statuses of deployment %d in %s", deployment.GetID(), repository)
		}
		for _, status := range statuses {
			if (ofRun(status.GetLogURL(), id) || ofRun(status.GetTargetURL(), id)) && isWeb(status.GetEnvironmentURL()) {
				return status.GetEnvironmentURL(), nil
			}
		}
	}
	return "", nil
}

// ofRun tells whether an address leads to a run or one of its jobs.
func ofRun(address string, id int64) bool {
	_, after, ok := strings.Cut(address, fmt.Sprintf("/actions/runs/%d", id))
	return ok && (after == "" || strings.ContainsAny(after[:1], "/?#"))
}

// isWeb tells whether an address, which a workflow made up, can be given to people as a link.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(address) <= 2000
}
